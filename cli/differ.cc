// `holdfast differ`: the shortest sequence on which several implementations differ.

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/commands.h"
#include "cli/input.h"
#include "cli/progress.h"
#include "model/explore/world.h"
#include "model/scenario.h"
#include "model/text/numbers.h"
#include "model/text/text.h"
#include "model/text/trace.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/flight_recorder.h"
#include "properties/search/differ.h"
#include "sut/child.h"

namespace holdfast {
namespace {

struct Options {
  std::vector<std::string> suts;
  std::string world, with = "all", callers = "contract", luo, json;
  double seconds = 50;
};

// From small to large, where the user names no world: the first difference found is the smallest.
constexpr WorldSize kWorlds[] = {{1, 1, 1}, {2, 1, 1}, {2, 2, 1}, {2, 2, 2}, {3, 2, 2}};

template <typename T>
T Parsed(const char* option, const std::string& text, std::variant<T, Expected> parsed) {
  if (const Expected* expected = std::get_if<Expected>(&parsed))
    throw BadArgument(option, text, expected->what);
  return std::get<T>(parsed);
}

// With the implementation's own orchestrator, unless the user names one for all.
Profile ProfileOf(const std::string& own, const std::string& luo) {
  const std::string text = luo.empty() ? own : own + " luo=" + luo;
  const auto parsed = ParseProfile(text);
  if (std::holds_alternative<TextError>(parsed))
    throw BadArgument("--luo", luo, "a stage: off, A, B or C");
  return std::get<Profile>(parsed);
}

// The answer in a line, with all that the caller and the drivers saw.
std::string Line(const Answer& answer, const Topology& topology) {
  std::string line = PrintOutcome(answer.outcome);
  if (answer.outcome.call_count != 0) line += "; drivers: " + PrintCalls(answer.outcome);
  if (!answer.after.state.crashed)
    line += "\n#     state " + PrintState(answer.after.state, topology);
  return line;
}

// The sequence with the model's answers, and below it each answer with the names of all that gave
// it.
std::string Report(const Difference& difference, const std::vector<std::string>& names,
                   const Topology& topology, const Profile& profile) {
  const Scenario scenario = {
      .profile = profile, .topology = topology, .commands = difference.commands};
  const std::string claim =
      fmt::format("{} differ in {}.", fmt::join(names, " and "),
                  difference.commands.empty() ? "the state before any call" : "the last call");
  std::string text = PrintTrace(MakeTrace(scenario, claim));
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string line = Line(difference.answers[i], topology);
    auto group = groups.begin();
    while (group != groups.end() && group->first != line) ++group;
    if (group == groups.end()) group = groups.insert(group, {line, {}});
    group->second.push_back(names[i]);
  }
  for (const auto& [line, who] : groups)
    text += fmt::format("# {}:\n#   = {}\n", fmt::join(who, ", "), line);
  return text;
}

// What is known of one world. An implementation that ends its process ends the search: only the
// sequence is left.
struct Compared {
  DifferResult result;
  std::optional<std::string> death;
};

Compared Compare(const std::vector<Sut*>& suts, DifferOptions options, const Profile& profile) {
  const Shared<FlightRecorder> recorder;
  const Shared<std::size_t> running;
  options.recorder = &*recorder;
  options.running = &*running;
  Compared compared;
  const Ending ending = ContinueInChild([&] { compared.result = FindDifference(suts, options); });
  if (ending.kind == Ending::Kind::kReturned && !ending.late) return compared;
  compared.result.ending = DifferResult::Ending::kDiffer;
  compared.death =
      PrintTrace(MakeTrace(recorder->Case(profile), "")) +
      fmt::format("# {}: ends its process: {}\n", suts[*running]->name(), PrintEnding(ending));
  return compared;
}

int Run(const Options& options) {
  if (options.suts.size() < 2)
    throw BadArgument("--sut", fmt::format("{}", fmt::join(options.suts, " ")),
                      "at least two implementations: --sut=A --sut=B");
  std::vector<std::unique_ptr<Sut>> loaded;
  std::vector<Sut*> suts;
  std::vector<std::string> names;
  for (const std::string& name : options.suts) {
    if (std::ranges::count(options.suts, name) > 1)
      throw BadArgument("--sut", name, "different implementations");
    loaded.push_back(LoadOrComplain(name));
    if (loaded.back() == nullptr) return kBadInput;
    suts.push_back(loaded.back().get());
    names.push_back(NameOf(*loaded.back()));
  }
  std::vector<Luo> luo;
  for (const Sut* sut : suts) luo.push_back(ProfileOf(sut->profile(), options.luo).luo);
  const Profile profile = ProfileOf(suts[0]->profile(), options.luo);
  Aspects aspects = Parsed("--with", options.with, ParseAspects(options.with));
  // A side that one of them does not have is no difference in behaviour.
  if (!std::ranges::all_of(suts, &Sut::restores))
    aspects &= static_cast<Aspects>(~AspectBit(Aspect::kRestore));
  const Breaches callers = Parsed("--callers", options.callers, ParseCallers(options.callers));
  std::vector<WorldSize> sizes(std::begin(kWorlds), std::end(kWorlds));
  if (!options.world.empty())
    sizes = {Parsed("--world", options.world, ParseWorldSize(options.world))};

  const Deadline deadline = Deadline::In(options.seconds);
  Progress progress;
  Json report = JsonReport("differ");
  report.update({{"implementations", names},
                 {"with", PrintAspects(aspects)},
                 {"callers", PrintCallers(callers)},
                 {"alike", Json::array()}});
  std::string agreed;
  for (const WorldSize& size : sizes) {
    const std::string world = fmt::format("{},{},{}", size.devices, size.iommus, size.domains);
    progress.Begin("world " + world);
    const DifferOptions differ = {
        .world = MakeWorld(size, aspects, callers), .luo = luo, .deadline = deadline};
    const Compared compared = Compare(suts, differ, profile);
    progress.Clear();
    const DifferResult& result = compared.result;
    if (compared.death) {
      fmt::print("{}", *compared.death);
      fmt::print("verdict: differ in world {}\n", world);
      report.update({{"verdict", "differ"}, {"trace", *compared.death}});
      return WithJson(options.json, report, kDiverges);
    }
    if (result.difference) {
      const std::string trace = Report(*result.difference, names, differ.world.topology, profile);
      fmt::print("{}", trace);
      fmt::print("verdict: differ in world {}: no shorter sequence of it tells them apart{}\n",
                 world, agreed.empty() ? "" : "; alike in " + agreed);
      report.update({{"verdict", "differ"}, {"trace", trace}});
      return WithJson(options.json, report, kDiverges);
    }
    fmt::print(
        "world {}: {}: {}, {}{}\n", world,
        result.ending == DifferResult::Ending::kAgree
            ? "alike"
            : fmt::format("not finished, alike in sequences of {}", Count(result.depth, "call")),
        Count(result.states, "state"), Count(result.calls, "call"),
        result.canonical ? "" : "; hidden state was not looked at");
    if (result.ending != DifferResult::Ending::kAgree) {
      fmt::print("verdict: no difference found; not finished: world {}\n", world);
      report["verdict"] = "unfinished";
      return WithJson(options.json, report, kHarnessFailed);
    }
    agreed += (agreed.empty() ? "" : " ") + world;
    report["alike"].push_back(world);
  }
  fmt::print("verdict: alike in {}, {}, callers {}\n", agreed, PrintAspects(aspects),
             PrintCallers(callers));
  report["verdict"] = "alike";
  return WithJson(options.json, report, kConforms);
}

}  // namespace

void AddDiffer(CommandLine& line) {
  const Subcommand command = line.Add(
      "differ", "The shortest sequence on which implementations differ, in small worlds",
      "Example: holdfast differ --sut=core.v3 --sut=core.v5\n"
      "holdfast differ --sut=port.vtd.scalable --sut=port.smmuv3.stage1 --callers=contract\n"
      "Exit status: 0 alike, 1 they differ, 2 bad usage or input, 3 unfinished.");
  auto options = std::make_shared<Options>();
  command.RequiredTexts("--sut", options->suts, "an implementation, once for each", "NAME|FILE.so");
  command.Text("--world", options->world,
               "how many devices, IOMMUs and domains; from 1,1,1 to 3,2,2 if not given", "D,I,M");
  command.Text("--with", options->with,
               "what the world has besides files, domains and devices: some of attach, faults, "
               "owners, walk, handover, restore; or all, none. Without restore if one has no "
               "restoring side",
               "ASPECTS");
  command.Text("--callers", options->callers,
               "contract, hostile, or the clauses that may be broken: C1,C2", "WHO");
  command.Text("--luo", options->luo,
               "the orchestrator of all; each implementation's own if not given", "off|A|B|C");
  command.Seconds("--time", options->seconds, "give up there, unfinished");
  AddJson(command, options->json);
  command.Runs([options] { return Run(*options); });
}

}  // namespace holdfast
