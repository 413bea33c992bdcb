// `holdfast explore`: walks every memory that an implementation can be in within a world, and
// writes the certificate.
//
// An implementation that ends its process, or blocks it, is refuted like any other: each search
// and the shrinking are contained (properties/lockstep/runner.h).

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "cli/report/certificate.h"
#include "cli/report/timeline.h"
#include "cli/commands.h"
#include "cli/callers/concurrent.h"
#include "cli/input.h"
#include "cli/progress.h"
#include "cli/select_sut.h"
#include "model/explore/explore.h"
#include "properties/search/black_box.h"
#include "properties/lockstep/deadline.h"
#include "properties/lockstep/lockstep.h"
#include "properties/search/product/product.h"
#include "properties/search/pumping.h"
#include "properties/lockstep/runner.h"
#include "properties/shrink/minimize.h"

namespace holdfast {
namespace {

struct Options {
  SutOptions subject;
  std::string world = "3,2,2", with = "attach,faults", callers = "contract", shard = "1/1";
  bool model_only = false, symmetry = false, ordered = false, kept = false, hardened = false,
       black_box = false, in_process = false, concurrent = false;
  ConcurrentOptions at_once;
  std::optional<int> jobs;
  int threads = 1, slots = 3, turns = 100, extra_states = 0;
  std::uint64_t max_edges = 0, max_states = 10'000'000;
  ShrinkBudget budget;
  double seconds = 0;
  std::string json, html, out;

  Deadline deadline() const { return seconds > 0 ? Deadline::In(seconds) : Deadline(); }
};

// "2/5", counted from 1.
std::variant<Shard, Expected> ParseShard(std::string_view text) {
  const Expected expected = {"i/n, the i-th of n shards, such as 2/5"};
  std::uint32_t numbers[2] = {};
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return expected;
  const std::string_view items[2] = {text.substr(0, slash), text.substr(slash + 1)};
  for (int i = 0; i < 2; ++i) {
    const char* end = items[i].data() + items[i].size();
    const auto [parsed_to, error] = std::from_chars(items[i].data(), end, numbers[i]);
    if (error != std::errc() || parsed_to != end) return expected;
  }
  if (numbers[0] < 1 || numbers[0] > numbers[1]) return expected;
  return Shard{numbers[0] - 1, numbers[1]};
}

template <typename T>
T Parsed(const char* option, const std::string& text, std::variant<T, Expected> parsed) {
  if (const Expected* expected = std::get_if<Expected>(&parsed)) {
    throw BadArgument(option, text, expected->what);
  }
  return std::get<T>(parsed);
}

int Fail(const std::string& error) {
  fmt::print(stderr, "holdfast: {}\n", error);
  return kBadInput;
}

// Shrinks the refutation and leaves it behind. A death is taken as it was seen: its cause may lie
// in an earlier scenario of the process. If the scenario conforms when it is run alone, the
// implementation is not deterministic.
Minimized Refute(Runner& runner, const Scenario& scenario, std::optional<Divergence> divergence,
                 const Options& options, const Profile& profile) {
  if (!divergence || divergence->ending.empty()) {
    if (std::optional<Divergence> again = runner.Run(scenario)) {
      divergence = std::move(again);
    } else if (!divergence) {
      divergence.emplace().variation = {
          .how = "run alone", .first = "answers otherwise than the profile", .second = "conforms"};
    }
  }
  Minimized minimized = Minimize(runner, {scenario, *divergence}, {.budget = options.budget});
  KeepOrComplain(minimized, options.out, options.subject, profile, options.hardened);
  return minimized;
}

// Null if no file is wanted that shows it.
Json TimelineOf(Runner& runner, const Minimized& minimized, const Options& options) {
  if (options.json.empty() && options.html.empty()) return nullptr;
  return Timelines().Of(runner, minimized.minimal.scenario, minimized.minimal.divergence);
}

// Writes the JSON and the page, if the user asked for them, then prints the certificate. Returns
// the exit status.
template <typename AnyCertificate>
int Issue(const AnyCertificate& certificate, const Options& options) {
  const auto [text, json] = Render(certificate);
  const int status = WithPage(options.html, options.json, json,
                              certificate.refuted()  ? kDiverges
                              : certificate.proved() ? kConforms
                                                     : kHarnessFailed);
  if (status == kBadInput) return status;
  // The certificate's last line stays the last one.
  const std::size_t last = text.rfind('\n', text.size() - 2) + 1;
  fmt::print("{}{}{}", text.substr(0, last),
             options.html.empty() ? "" : fmt::format("page: {}\n", options.html),
             text.substr(last));
  return status;
}

int RunBlackBox(Runner& runner, const Options& options, const Profile& profile,
                const WorldSize& size, const World& world) {
  BlackBoxCertificate certificate;
  certificate.sut = NameOf(runner.sut());
  certificate.size = size;
  Progress progress;
  progress.Begin(fmt::format("black box, world {}", options.world));
  certificate.options = {.profile = profile,
                         .world = world,
                         .extra_states = options.extra_states,
                         .recorder = runner.recorder(),
                         .deadline = options.deadline()};
  certificate.options.progress = [&](std::uint64_t done, std::uint64_t tests) {
    progress.Update(static_cast<double>(done) / static_cast<double>(tests), done);
    return true;
  };
  std::optional<Divergence> death;
  if (const auto failure = runner.Contain(
          profile, [&] { certificate.result = TestBlackBox(runner.sut(), certificate.options); })) {
    certificate.result.failing = failure->found.scenario;
    death = failure->found.divergence;
  }
  if (certificate.result.failing) {
    progress.Begin("shrinking");
    certificate.counterexample =
        Refute(runner, *certificate.result.failing, death, options, profile);
    certificate.timeline = TimelineOf(runner, *certificate.counterexample, options);
  }
  progress.Clear();
  return Issue(certificate, options);
}

int RunModel(const Options& options, const Profile& profile, const WorldSize& size,
             const World& world) {
  ModelCertificate certificate = {.size = size,
                                  .world = world,
                                  .profile = profile,
                                  .hardened = options.hardened,
                                  .symmetry = options.symmetry,
                                  .result = {}};
  Progress progress;
  progress.Begin(fmt::format("model, world {}", options.world));
  ExploreOptions explore = {
      .symmetry = options.symmetry, .threads = options.threads, .max_states = options.max_states};
  explore.progress = [&, deadline = options.deadline()](std::uint64_t found, std::uint64_t done) {
    progress.Update(static_cast<double>(done) / static_cast<double>(found), found);
    return !deadline.passed();
  };
  if (options.max_states == 0) explore.max_states = ExploreOptions().max_states;
  try {
    certificate.result = Explore(world, profile, explore);
  } catch (const std::length_error& error) {
    progress.Clear();
    return Fail(
        fmt::format("--world={}: expected a smaller world: {}", options.world, error.what()));
  }
  progress.Clear();
  return Issue(certificate, options);
}

int RunProduct(Runner& runner, const Options& options, const Profile& profile,
               const WorldSize& size, const World& world, const Shard& shard) {
  Sut& sut = runner.sut();
  Certificate certificate;
  certificate.size = size;
  certificate.sut = NameOf(sut);
  Progress progress;
  progress.Begin(fmt::format("world {}", options.world));
  const Deadline deadline = options.deadline();
  certificate.options = {.profile = profile,
                         .world = world,
                         .past = options.kept      ? Past::kWhole
                                 : options.ordered ? Past::kOrder
                                                   : Past::kForgotten,
                         .slots = options.kept ? options.slots : 0,
                         .hardened = options.hardened,
                         .recorder = runner.recorder(),
                         .max_edges = options.max_edges,
                         .max_states = options.max_states,
                         .shard = shard,
                         .jobs = options.jobs.value_or(Processors()),
                         .deadline = deadline};
  certificate.options.progress = [&](const ProductProgress& now) {
    progress.Update(static_cast<double>(now.expanded) / static_cast<double>(now.states), now.edges);
  };
  ProductResult& result = certificate.result;
  if (const auto failure =
          runner.Contain(profile, [&] { result = ExploreProduct(sut, certificate.options); })) {
    result = ProductResult();
    result.ending = ProductResult::Ending::kDied;
    result.tally = failure->tally;
    result.counterexample = failure->found;
  }
  if (result.ending == ProductResult::Ending::kBlackBox) {
    return Fail(NameOf(sut) +
                ": expected an implementation that can say its canonical state (sut/sut.h); "
                "explore it with --black-box");
  }
  // The first shard pumps for all shards.
  if (result.ending == ProductResult::Ending::kComplete && options.turns > 0 && shard.index == 0) {
    progress.Begin("pumping");
    // Loops of two devices, one IOMMU and one domain are enough: the slots and pages that a call
    // leaves behind do not depend on the number of other objects.
    const WorldSize small = {std::min(size.devices, 2), 1, std::min(size.domains, 1)};
    certificate.pump = {.profile = profile,
                        .world = MakeWorld(small, world.aspects),
                        .turns = options.turns,
                        .recorder = runner.recorder(),
                        .deadline = deadline};
    if (const auto failure =
            runner.Contain(profile, [&] { certificate.pumped = Pump(sut, *certificate.pump); })) {
      certificate.pumped.counterexample = failure->found;
    }
  }
  const std::optional<Counterexample>& found =
      certificate.pumped.counterexample ? certificate.pumped.counterexample : result.counterexample;
  if (found) {
    progress.Begin("shrinking");
    certificate.counterexample =
        Refute(runner, found->scenario, found->divergence, options, profile);
    certificate.timeline = TimelineOf(runner, *certificate.counterexample, options);
  }
  progress.Clear();
  return Issue(certificate, options);
}

int Run(const Options& options) {
  CheckOut(options.out);
  const WorldSize size = Parsed("--world", options.world, ParseWorldSize(options.world));
  const Aspects aspects = Parsed("--with", options.with, ParseAspects(options.with));
  const Breaches callers = Parsed("--callers", options.callers, ParseCallers(options.callers));
  const Shard shard = Parsed("--shard", options.shard, ParseShard(options.shard));
  auto selected = SelectSut(options.subject, options.in_process);
  if (const std::string* error = std::get_if<std::string>(&selected)) return Fail(*error);
  SelectedSut& subject = std::get<SelectedSut>(selected);
  const World world = MakeWorld(size, aspects, callers);
  if (options.model_only) return RunModel(options, subject.profile, size, world);
  Runner runner(*subject.module.sut,
                options.in_process ? Runner::Where::kHere : Runner::Where::kInChild,
                options.hardened);
  if (options.concurrent) {
    ConcurrentOptions at_once = options.at_once;
    at_once.out = options.out;
    at_once.sut = options.subject.sut;
    const SutForCallers sut(subject.module);
    Runner beside(*sut, options.in_process ? Runner::Where::kHere : Runner::Where::kInChild);
    return ExploreConcurrently(beside, subject.profile, at_once);
  }
  return options.black_box ? RunBlackBox(runner, options, subject.profile, size, world)
                           : RunProduct(runner, options, subject.profile, size, world, shard);
}

}  // namespace

void AddExplore(CommandLine& line) {
  const Subcommand command = line.Add(
      "explore", "Walk every memory that an implementation can be in within a world; a certificate",
      "Example: holdfast explore --world=4,2,3 --sut=core.v5 --json=certificate.json\n"
      "holdfast explore --black-box --extra-states=1 --world=1,1,1 --with=faults\n"
      "Exit status: 0 proved, 1 refuted, 2 bad usage or input, 3 unfinished.");
  auto options = std::make_shared<Options>();
  options->subject.AddTo(command);
  command.Text("--world", options->world, "how many devices, IOMMUs and domains", "D,I,M");
  command.Text("--with", options->with,
               "what the world has besides files, domains and devices: some of attach, faults, "
               "owners, walk, handover, restore; or all, none",
               "ASPECTS");
  command.Text("--callers", options->callers,
               "contract, hostile, or the clauses that may be broken: C1,C2", "WHO");
  const Option model_only =
      command.Flag("--model-only", options->model_only, "the model alone, with its rules");
  const Option ordered = command.Flag("--ordered", options->ordered,
                                      "tell states apart by the order of their records");
  const Option kept = command.Flag(
      "--kept", options->kept,
      "tell states apart by their DELETED records too, and hold the other ways against it");
  command.Count("--slots", options->slots, "with --kept: slots of a chain at most", {1, 30})
      .Needs(kept);
  command.Count("--turns", options->turns, "of each loop that is pumped, 0 for none", {0, 10'000});
  command.Text("--shard", options->shard, "expand the states of one of n shards only", "I/N");
  command.Count("--max-edges", options->max_edges, "give up there, unfinished; 0 for never",
                kAnyCount);
  command.Count("--max-states", options->max_states, "give up there, unfinished; 0 for never",
                kAnyCount);
  command.Seconds(
      "--time", options->seconds,
      "of the search and the pumping; give up there, unfinished; no bound if not given");
  AddJobs(command, options->jobs, "processes, to the same certificate");
  command.Flag("--hardened", options->hardened,
               "owe every rule on every sequence: a hazard refutes");
  AddJson(command, options->json);
  AddHtml(command, options->html);
  AddShrinkSeconds(command, options->budget);
  AddInProcess(command, options->in_process);
  command.Text("--out", options->out,
               "where a refutation leaves its traces and graph; holdfast-out if not given", "DIR");
  const Option black_box =
      command.Flag("--black-box", options->black_box,
                   "look at outcomes alone: an m-complete suite of tests (H-method), each from a "
                   "reset");
  command
      .Count("--extra-states", options->extra_states,
             "with --black-box: states that it may have more than the model", {0, 4}, "K")
      .Needs(black_box);
  command
      .Flag("--symmetry", options->symmetry,
            "with --model-only: one state for all that differ in which like object is which")
      .Needs(model_only);
  command.Count("--threads", options->threads, "with --model-only", {1, 64}).Needs(model_only);
  const Option concurrent = command.Flag(
      "--concurrent", options->concurrent,
      "every schedule of several callers at once, in a world of its own (docs/callers.md)");
  command
      .Count("--callers-at-once", options->at_once.callers, "with --concurrent", {2, kMaxCallers})
      .Needs(concurrent);
  command
      .Count("--calls", options->at_once.calls, "with --concurrent: of each caller at most",
             {1, 10})
      .Needs(concurrent);
  command
      .Count("--preemptions", options->at_once.preemptions,
             "with --concurrent: at most; 100 for any number", {0, ConcurrentOptions::kAnyNumber})
      .Needs(concurrent);
  kept.Excludes(ordered);
  for (const char* other :
       {"--sut", "--ordered", "--kept", "--shard", "--max-edges", "--turns", "--jobs"}) {
    model_only.Excludes(command.Find(other));
  }
  for (const char* other : {"--model-only", "--ordered", "--kept", "--shard", "--max-edges",
                            "--max-states", "--hardened", "--turns", "--jobs"}) {
    black_box.Excludes(command.Find(other));
  }
  for (const char* other : {"--world", "--with", "--callers", "--model-only", "--ordered", "--kept",
                            "--shard", "--max-edges", "--max-states", "--hardened", "--turns",
                            "--jobs", "--json", "--black-box", "--shrink-seconds"}) {
    concurrent.Excludes(command.Find(other));
  }
  command.Runs([options] { return Run(*options); });
}

}  // namespace holdfast
