// `holdfast run`, the main job: the corpus, every sequence in small worlds, and random scenarios,
// in lockstep.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "cli/callers/concurrent.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/interruption.h"
#include "cli/progress.h"
#include "cli/report/ktap.h"
#include "cli/report/run_report.h"
#include "cli/report/timeline.h"
#include "cli/select_sut.h"
#include "model/rules/contract.h"
#include "model/rules/rules.h"
#include "model/text/text.h"
#include "model/explore/world.h"
#include "properties/generate/generate.h"
#include "properties/generate/rapidcheck.h"
#include "properties/search/suite/side_by_side.h"
#include "properties/search/suite/suite.h"
#include "properties/lockstep/runner.h"
#include "properties/shrink/minimize.h"
#include "properties/shrink/shrink.h"
#include "sut/surroundings.h"

namespace holdfast {
namespace {

struct Options {
  SutOptions subject;
  std::uint64_t seed = 1;
  std::optional<std::uint64_t> cases;
  std::optional<double> seconds;
  int depth = 5;
  int callers = 2, preemptions = ConcurrentOptions::kAnyNumber;
  std::optional<int> jobs;
  ShrinkBudget budget;
  bool hostile = false, contract = false, hardened = false, in_process = false, ktap = false;
  std::string json, html, out;

  bool wants_timelines() const { return !json.empty() || !html.empty(); }
};

// Enough for every (command, outcome) pair of every profile many times over, and a matter of
// seconds. Of a driver port every table is walked after each command; 60,000 cases are a hundred
// times what the hardest mutant of a port takes.
constexpr std::uint64_t kDefaultCases = 250'000, kDefaultCasesOfPort = 60'000;

// Several times what sound code needs, and less than a minute.
constexpr double kDefaultSeconds = 50;

// RapidCheck's own way to say the seed and the number of cases; the command line goes before it.
void ReadEnvironment(Options& options) {
  const char* text = std::getenv("RC_PARAMS");
  if (text == nullptr) return;
  RcParams defaults;
  defaults.seed = options.seed;
  defaults.maxSuccess = 0;
  try {
    const RcParams params = ReadRcParams(text, defaults);
    options.seed = params.seed;
    if (params.maxSuccess > 0) options.cases = static_cast<std::uint64_t>(params.maxSuccess);
  } catch (const std::invalid_argument& error) {
    throw BadArgument("RC_PARAMS", text, fmt::format("RapidCheck parameters: {}", error.what()));
  }
}

// One run: the parts in order, until one of them diverges.
class Job {
 public:
  Job(SelectedSut& subject, const Options& options, const Deadline& deadline)
      : module_(subject.module),
        sut_(*subject.module.sut),
        options_(options),
        profile_(subject.profile),
        deadline_(deadline),
        runner_(sut_, options.in_process ? Runner::Where::kHere : Runner::Where::kInChild,
                options.hardened) {
    report_.sut = NameOf(sut_);
    report_.written_to = Printable(sut_.profile());
    report_.profile = profile_;
    report_.seed = options.seed;
    report_.hardened = options.hardened;
    report_.allowed = AllowedWitnesses(
        profile_, options.contract || sut_.contract_only() ? Mode::kContract : Mode::kHostile);
    for (Witness& witness : AllowedWitnesses(profile_, Mode::kContract))
      report_.allowed.push_back(witness);
    std::sort(report_.allowed.begin(), report_.allowed.end());
    report_.allowed.erase(std::unique(report_.allowed.begin(), report_.allowed.end()),
                          report_.allowed.end());
  }

  RunReport Run() {
    Tell(PrintHeading(report_));
    const std::string output = StandardStreams::Kept();
    const PartContext context = Context(deadline_.Share(kSearching));
    RunSideBySide(context, Parts(), options_.jobs.value_or(Processors()),
                  [this](PartResult part) { return Take(std::move(part)); });
    if (!diverges_) Take(RunLayout(context));
    if (found_) Diverged(*found_, report_.parts.back().origin);
    if (!diverges_) ShrinkHazards();
    if (sut_.profile_is_detected() && !diverges_ && !report_.counterexample && Interruption() == 0)
      report_.answers = OwnAnswers(runner_, profile_);
    report_.skips_crashes |= runner_.skips_crashes();
    report_.signal = Interruption();
    report_.output = output + report_.output + StandardStreams::Kept().substr(output.size());
    report_.output.resize(std::min(report_.output.size(), StandardStreams::kMostKept));
    if (options_.wants_timelines()) TellTimelines();
    report_.page = options_.html;
    progress_.Clear();
    return std::move(report_);
  }

 private:
  // Of the time of the run. The rest makes a counterexample, or the hazards, short.
  static constexpr double kSearching = 0.8;

  // As soon as it is known. KTAP begins with the number of its parts, and so is told at the end.
  void Tell(const std::string& text) const {
    if (options_.ktap) return;
    fmt::print("{}", text);
    std::fflush(stdout);
  }

  PartContext Context(const Deadline& deadline) {
    return {.runner = runner_,
            .profile = profile_,
            .deadline = deadline,
            .progress = [this](const std::string& part, double done, std::uint64_t commands) {
              done == 0 && commands == 0 ? progress_.Begin(part) : progress_.Update(done, commands);
            }};
  }

  // The shares are of the time that is left when each part begins. Sound code needs a small part of
  // its share, and leaves the rest to those behind it (docs/decisions/search.md).
  std::vector<Part> Parts() {
    std::vector<Part> parts;
    const auto add = [&](double share, std::function<PartResult(const PartContext&)> run) {
      parts.push_back({share, [run](const auto& context, std::size_t) { return run(context); }});
    };
    add(4, [this](const auto& context) { return RunCorpus(context, CorpusOf(profile_)); });
    add(1, [this](const auto& context) { return RunCorpusAgain(context, CorpusOf(profile_)); });
    for (const NamedWorld& named : SmallWorlds(sut_, options_.depth))
      add(4, [named](const auto& context) { return RunSmallWorld(context, named); });
    for (const World& world : ProductWorlds(sut_))
      add(3, [world](const auto& context) { return RunProduct(context, world); });
    add(3, RunEndurance);
    add(1, [this](const auto& context) { return CallersAtOnce(context); });
    add(1, RunDamagedImage);
    const std::uint64_t cases = options_.seconds.value_or(0) > 0 ? 0
                                : sut_.contract_only()           ? kDefaultCasesOfPort
                                                                 : kDefaultCases;
    RandomOptions random = {.seed = options_.seed, .cases = options_.cases.value_or(cases)};
    if (options_.hostile) random.modes = {Mode::kHostile};
    if (options_.contract || sut_.contract_only()) random.modes = {Mode::kContract};
    if (options_.cases != std::uint64_t{0}) {
      parts.push_back({3,
                       [random](const auto& context, std::size_t block) {
                         return RunRandomBlock(context, random, block);
                       },
                       RandomBlocks(random)});
    }
    return parts;
  }

  PartResult CallersAtOnce(const PartContext& context) {
    CallersOptions callers = {.callers = options_.callers};
    if (options_.preemptions != ConcurrentOptions::kAnyNumber)
      callers.preemptions = options_.preemptions;
    const SutForCallers sut(module_);
    Runner runner(*sut, options_.in_process ? Runner::Where::kHere : Runner::Where::kInChild);
    return RunCallers({.runner = runner,
                       .profile = context.profile,
                       .deadline = context.deadline,
                       .progress = context.progress},
                      callers);
  }

  // Notes and prints what a part found. False: it diverges.
  bool Take(PartResult part) {
    found_ = part.counterexample;
    report_.skips_crashes |= part.skips_crashes;
    report_.output += part.output;
    // An implementation that has no canonical state; or a check, which is a part only if it fails.
    if (part.skipped || (part.unit == kCheck && !found_)) return true;
    report_.tally.Add(part.tally);
    report_.coverage.Add(part.coverage);
    hazards_.Add(part.hazards);
    progress_.Clear();
    Tell(PrintPart(part));
    report_.parts.push_back(std::move(part));
    diverges_ = report_.parts.back().diverges();
    if (report_.parts.back().race) report_.race = report_.parts.back().race;
    if (diverges_) report_.origin = report_.parts.back().origin;
    return !diverges_;
  }

  void Diverged(const Counterexample& found, const std::string& origin) {
    progress_.Begin("shrinking");
    report_.counterexample =
        Minimize(runner_, found, {.budget = options_.budget, .deadline = deadline_});
    report_.origin = origin;
  }

  // The clauses that the scenario breaks if it shows a hazard of the rule, 0 if it does not.
  Breaches ClausesShowing(const Scenario& scenario, Rule rule, bool after_teardown) {
    Lockstep lockstep(sut_);
    lockstep.set_recorder(runner_.recorder());
    lockstep.set_deadline(deadline_);
    RuleSet hazards = 0;
    const auto visit = [&](std::size_t) { hazards = lockstep.hazards(); };
    if (!RunCommands(lockstep, scenario, visit)) return 0;
    if (after_teardown) {
      if (!lockstep.TearDown()) return 0;
      hazards = lockstep.hazards();
    }
    return hazards & RuleBit(rule) ? lockstep.breaches() : Breaches{0};
  }

  // Each hazard by a sequence that no single edit makes simpler and that breaks no other clause;
  // then without those that are another one's in disguise. As it was found, if the time runs out.
  void ShrinkHazards() {
    progress_.Begin("shrinking");
    ShrinkBudget budget = options_.budget;
    budget.deadline = deadline_;
    const std::optional<EndedJob> ended = runner_.Contain(profile_, [&] {
      Hazards shrunk;
      for (const Hazard& hazard : hazards_.List()) {
        Scenario best = hazard.scenario;
        Breaches clauses = hazard.clauses;
        const auto shows = [&](const Scenario& scenario) {
          const Breaches broken = ClausesShowing(scenario, hazard.rule, hazard.after_teardown);
          if (broken == 0 || (broken & ~hazard.clauses) != 0) return false;
          best = scenario;
          clauses = broken;
          return true;
        };
        try {
          Shrink(hazard.scenario, OneByOne(shows), budget);
        } catch (const OutOfTime&) {
          // the best so far
        }
        shrunk.Add(RuleBit(hazard.rule), clauses, best, best.commands.size(),
                   hazard.after_teardown);
      }
      report_.hazards = shrunk.List();
    });
    if (ended) Diverged(ended->found, "the shrinking of a hazard");
  }

  void TellTimelines() {
    Timelines timelines;
    if (report_.counterexample) {
      const auto& [scenario, divergence] = report_.counterexample->minimal;
      report_.timeline = timelines.Of(runner_, scenario, divergence);
    }
    for (const Hazard& hazard : report_.hazards) {
      report_.hazard_timelines.push_back(
          timelines.Of(runner_, hazard.scenario, hazard.after_teardown));
    }
    for (const OwnAnswer& answer : report_.answers)
      report_.answer_timelines.push_back(timelines.Of(runner_, answer.scenario, false));
  }

  const Module& module_;
  Sut& sut_;
  const Options& options_;
  const Profile profile_;
  const Deadline deadline_;
  Progress progress_;
  Runner runner_;
  RunReport report_;
  Hazards hazards_;
  bool diverges_ = false;  // a part does
  std::optional<Counterexample> found_;
};

int Run(const Options& options) {
  CheckOut(options.out);
  const double seconds = options.seconds.value_or(kDefaultSeconds);
  const Deadline deadline = seconds > 0 ? Deadline::In(seconds) : Deadline();
  auto selected = SelectSut(options.subject, options.in_process);
  if (const std::string* error = std::get_if<std::string>(&selected)) {
    fmt::print(stderr, "holdfast: {}\n", *error);
    return kBadInput;
  }
  ListenForSignals();
  RunReport report = Job(std::get<SelectedSut>(selected), options, deadline).Run();
  if (report.counterexample) {
    KeepOrComplain(*report.counterexample, options.out, options.subject, report.profile,
                   options.hardened);
  }
  if (report.race) {
    report.race_text = TellRace(*report.race, report.sut);
    KeepRace(report.race_text, options.out, options.subject.sut);
  }
  const bool diverges = report.counterexample || report.race || DamageOf(report);
  const Json json = RunReportJson(report);
  const int status = WithPage(options.html, options.json, json, diverges ? kDiverges : kConforms);
  if (status == kBadInput) return status;
  fmt::print("{}", options.ktap ? PrintKtap(json) : PrintFindings(report));
  return report.signal != 0 ? 128 + report.signal : status;  // as a shell has it
}

}  // namespace

void AddRun(CommandLine& line) {
  const Subcommand command = line.Add(
      "run", "Hold an implementation against its profile: corpus, worlds, endurance, random",
      "Example: holdfast run --sut=core.v5 --seed=7 --time=30\nRC_PARAMS=\"seed=7 "
      "max_success=1000\" is honoured.");
  auto options = std::make_shared<Options>();
  options->subject.AddTo(command);
  const Option seed = command.Count(
      "--seed", options->seed, "of the random part; the same seed gives the same bytes", kAnyCount);
  command.Count("--cases", options->cases,
                fmt::format("random scenarios, 0 for none; {} if not given, {} of a driver port",
                            kDefaultCases, kDefaultCasesOfPort),
                kAnyCount);
  command.Seconds(
      "--time", [options](double seconds) { options->seconds = seconds; },
      "of the whole run; each part has a share, and random scenarios fill theirs unless "
      "--cases is given; 0 for no bound",
      kAnySeconds, fmt::format("{}", kDefaultSeconds));
  command.Count("--depth", options->depth, "commands in a sequence of the exhaustive part", {1, 8});
  command.Count("--callers-at-once", options->callers,
                "in the part for callers at once (docs/callers.md); 1 for no such part",
                {1, kMaxCallers});
  command.Count("--preemptions", options->preemptions,
                "in the part for callers at once: at most; 100 for any number",
                {0, ConcurrentOptions::kAnyNumber});
  const Option hostile =
      command.Flag("--hostile", options->hostile,
                   "random part: only callers that break the contract (default: both)");
  command.Flag("--contract", options->contract, "random part: only callers that keep the contract")
      .Excludes(hostile);
  command.Flag("--hardened", options->hardened,
               "owe every rule on every sequence: a hazard is a divergence");
  AddShrinkSeconds(command, options->budget);
  const Option jobs = AddJobs(command, options->jobs, "processes, to the same report");
  AddInProcess(command, options->in_process).Excludes(jobs);
  AddJson(command, options->json);
  AddHtml(command, options->html);
  AddKtap(command, options->ktap);
  command.Text("--out", options->out,
               "where a divergence leaves its traces and graph; holdfast-out if not given", "DIR");
  command.Runs([options, seed] {
    Options chosen = *options;
    Options from_environment = chosen;
    ReadEnvironment(from_environment);
    if (!seed.given()) chosen.seed = from_environment.seed;
    if (!chosen.cases) chosen.cases = from_environment.cases;
    return Run(chosen);
  });
}

}  // namespace holdfast
