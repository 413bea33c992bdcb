#include "cli/shrunk_counterexample.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "model/text/numbers.h"
#include "model/rules/dependency_graph.h"
#include "model/step.h"
#include "model/text/text.h"
#include "properties/shrink/explain.h"
#include "properties/generate/generate.h"
#include "properties/shrink/shortest.h"
#include "properties/shrink/simplify.h"
#include "properties/shrink/shrink.h"
#include "model/text/trace.h"
#include "properties/lockstep/keeps_contract.h"
#include "traces/trace_file.h"

namespace holdfast {
namespace {

std::string Claim(const Sut& sut, Rule rule) {
  return fmt::format("{} breaks {} {}.", sut.name(), InfoOf(rule).id, InfoOf(rule).name);
}

using Clock = std::chrono::steady_clock;

// What is known of sequences shorter than the one that was found by searching.
std::string ProofOf(const Shortest& shortest) {
  if (shortest.proved + 1 >= shortest.scenario->commands.size()) {
    return "proved: no shorter sequence breaks that rule in a small topology";
  }
  if (!shortest.start.empty()) return fmt::format("of those that begin with {}", shortest.start);
  return fmt::format("proved up to {} commands in every small topology, and there the {} ran out",
                     shortest.proved, shortest.out_of_time ? "time" : "search's budget");
}

std::string Indented(const std::string& text) {
  std::string indented;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    indented += "  " + text.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return indented;
}

// The records before the last call, on which both sides agreed.
Flb RecordsBefore(const Scenario& scenario) {
  State state = InitialState(scenario.topology);
  Outcome outcome;
  for (std::size_t i = 0; i + 1 < scenario.commands.size(); ++i) {
    StepInPlace(scenario.topology, scenario.profile, state, scenario.commands[i], outcome);
  }
  return state.flb;
}

// The first state in which the two sides differ, whole: the rest of the report shows only what of
// it does.
std::string FirstDifference(const Scenario& scenario, const Divergence& divergence) {
  using Moment = Divergence::Moment;
  const char* title = "first state that differs";
  if (divergence.moment == Moment::kBegin)
    return fmt::format("  {}: none; no call was made\n", title);
  if (!divergence.sides_differ)
    return fmt::format("  {}: none; both sides break the rule\n", title);
  const std::size_t calls = scenario.commands.size();
  const std::string call = divergence.moment == Moment::kTeardown
                               ? fmt::format("call {} of the teardown", divergence.step + 1 - calls)
                               : fmt::format("call {}", divergence.step + 1);
  if (divergence.model_outcome.crashed() != divergence.sut_outcome.crashed())
    return fmt::format("  {}: in {}, as one side crashes\n", title, call);
  const std::string model = PrintState(divergence.model_state, scenario.topology),
                    sut = PrintState(divergence.sut_state, scenario.topology);
  if (model == sut)
    return fmt::format("  {}: none; after {} the records are the same\n", title, call);
  return fmt::format("  {}: after {}\n    model  {}\n    sut    {}\n", title, call, model, sut);
}

// What in the trace means nothing.
std::string Explanation(Runner& runner, const Scenario& scenario, const Divergence& divergence) {
  std::string text;
  for (const std::string& line : WhatMayVary(runner, scenario, divergence))
    text += "  may vary: " + line + "\n";
  return text;
}

// What hurts a caller who keeps the contract hurts everybody, and it is his divergence that names
// the rule: if one edit makes the sequence his and he still diverges, by whatever rule, that one is
// shrunk instead.
Shrunk ForWhoKeepsTheContract(Runner& runner, Shrunk shrunk,
                              const std::function<ShrinkBudget(std::size_t)>& rest) {
  if (shrunk.ran_out || KeepsContract(shrunk.scenario)) return shrunk;
  const FirstFailing any = [&](std::span<const Scenario> scenarios) {
    return runner.First([](const Divergence&) { return true; }, scenarios);
  };
  const std::vector<Scenario> simpler = Simplifications(shrunk.scenario);
  shrunk.evaluations += simpler.size();
  const std::optional<std::size_t> first = WithinContract(any)(simpler);
  const std::optional<Divergence> divergence = first ? runner.Run(simpler[*first]) : std::nullopt;
  if (!divergence) return shrunk;
  Shrunk his = Shrink(simpler[*first], WithinContract(SameDivergence(runner, *divergence)),
                      rest(ShrinkBudget().evaluations));
  his.evaluations += shrunk.evaluations;
  return his;
}

}  // namespace

std::string PrintCounterexample(const ShrunkCounterexample& found, const std::string& origin,
                                const std::string& replay) {
  const RuleInfo& info = InfoOf(found.divergence.rule);
  std::string text = fmt::format("divergence: {}\n", origin);
  text += fmt::format("rule {} {}: {} (docs/model.md, \"The rules\")\n\n", info.id, info.name,
                      info.statement);
  text += fmt::format("shrunk trace ({} to {}, {} tried; shortest: {}):\n",
                      Count(found.failing.commands.size(), "command"),
                      Grouped(found.shrunk.commands.size()), Count(found.evaluations, "sequence"),
                      found.shortest);
  if (!found.repeats)
    text += "  (alone, it does not show: what the process had run before has a part in it)\n";
  text += Indented(found.shrunk_text) + "\n" + Indented(found.report);
  if (!replay.empty()) text += fmt::format("\nreplay: {}\n", replay);
  return text;
}

ShrunkCounterexample ShrinkToCounterexample(Runner& runner, const Scenario& scenario,
                                            const Divergence& divergence,
                                            const ShrinkBudget& budget, bool same_rule) {
  const Clock::time_point start = Clock::now();
  Shortest shortest;
  // What ends its process is not searched for: each try would cost a process.
  if (divergence.ending.empty()) {
    ShortestOptions options = {.profile = scenario.profile, .hardened = runner.hardened()};
    if (same_rule) options.rule = divergence.rule;
    if (budget.time) options.time = *budget.time / 2;
    if (runner.Contain(scenario.profile, [&] { shortest = FindShortest(runner.sut(), options); }))
      shortest = {};
  }
  ShrinkBudget rest = budget;
  if (budget.time) rest.time = *budget.time - (Clock::now() - start);
  return ShrinkToCounterexample(runner, scenario, divergence, rest, shortest, same_rule);
}

ShrunkCounterexample ShrinkToCounterexample(Runner& runner, const Scenario& scenario,
                                            const Divergence& divergence,
                                            const ShrinkBudget& budget, const Shortest& shortest,
                                            bool same_rule) {
  const Clock::time_point start = Clock::now();
  // What is left, for at most so many runs.
  const auto rest = [&](std::size_t evaluations) {
    ShrinkBudget left = {.evaluations = std::min(evaluations, budget.evaluations)};
    if (budget.time) left.time = *budget.time - (Clock::now() - start);
    return left;
  };
  ShrunkCounterexample result;
  result.failing = result.shrunk = scenario;
  result.divergence = divergence;
  result.evaluations = shortest.edges;
  FirstFailing first_failing = SameDivergence(runner, divergence);
  if (runner.sut().contract_only() && KeepsContract(scenario))
    first_failing = WithinContract(first_failing);
  result.repeats = first_failing(std::span(&scenario, 1)).has_value();
  // To start from far out is the last resort: where a few edits already end in fewer calls, it is
  // not what the defect needs.
  constexpr std::size_t kFewEdits = 3000;
  Shrunk few = {.scenario = scenario};
  if (!shortest.start.empty() && result.repeats) {
    few = Shrink(scenario, first_failing, rest(kFewEdits));
    result.evaluations += few.evaluations;
  }
  bool in_time = !few.out_of_time;
  // What the search found from the beginning is the one text for all that diverges. From far out it
  // found what is simplest of as many calls.
  const bool is_shortest =
      shortest.scenario && (shortest.start.empty() ||
                            shortest.scenario->commands.size() <= few.scenario.commands.size());
  if (shortest.scenario &&
      (is_shortest || !result.repeats || shortest.divergence.rule != divergence.rule)) {
    result.shrunk = *shortest.scenario;
    result.divergence = shortest.divergence;
    result.shortest = ProofOf(shortest);
    result.repeats = true;
  } else if (result.repeats) {
    Shrunk shrunk = Shrink(few.scenario, first_failing, rest(budget.evaluations));
    if (!same_rule) shrunk = ForWhoKeepsTheContract(runner, std::move(shrunk), rest);
    in_time = !shrunk.out_of_time;
    result.evaluations += shrunk.evaluations;
    std::optional<Divergence> again = runner.Run(shrunk.scenario);
    result.repeats = again.has_value();
    if (again) {
      result.divergence = std::move(*again);
      result.shrunk = std::move(shrunk.scenario);
    }
    result.shortest = fmt::format(
        "not proved: nothing of up to {} commands in a small topology, and {}", shortest.proved,
        shrunk.out_of_time ? "the time ran out"
        : shrunk.ran_out   ? "the budget ran out"
                           : "no single edit makes it simpler");
  } else if (!divergence.ending.empty()) {
    result.shortest = "not proved";
  } else {
    throw std::runtime_error(
        "a divergence does not show again: the implementation is not deterministic");
  }
  result.before = RecordsBefore(result.shrunk);
  result.claim = Claim(runner.sut(), result.divergence.rule);
  result.failing_text = PrintTrace(MakeTrace(result.failing, result.claim));
  result.shrunk_text = PrintTrace(MakeTrace(result.shrunk, result.claim));
  result.report = Describe(result.shrunk, result.divergence) +
                  FirstDifference(result.shrunk, result.divergence);
  // which runs it again
  if (in_time) result.report += Explanation(runner, result.shrunk, result.divergence);
  return result;
}

std::string WriteCounterexample(const std::string& directory,
                                const ShrunkCounterexample& counterexample) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error)
    return fmt::format("{}: expected a directory to write to: {}", directory, error.message());
  const std::pair<const char*, std::string> files[] = {
      {"failing.trace", counterexample.failing_text},
      {"shrunk.trace", counterexample.shrunk_text},
      {"before.dot", DependencyGraph(counterexample.before).Dot()},
      {"shrunk.dot", DependencyGraph(counterexample.divergence.sut_state.flb).Dot()},
      {"report.txt", counterexample.report},
  };
  for (const auto& [name, text] : files) {
    const std::string failure = WriteFileAtomically(directory + "/" + name, text);
    if (!failure.empty()) return failure;
  }
  return "";
}

std::string DefaultOutputDirectory() {
  if (const char* directory = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR")) return directory;
  return "holdfast-out";
}

}  // namespace holdfast
