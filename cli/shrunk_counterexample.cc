#include "cli/shrunk_counterexample.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "model/dependency_graph.h"
#include "model/step.h"
#include "properties/explain.h"
#include "properties/shortest.h"
#include "properties/simplify.h"
#include "traces/shrink.h"
#include "traces/trace.h"
#include "traces/trace_file.h"

namespace holdfast {
namespace {

std::string Claim(const Sut& sut, Rule rule) {
  return fmt::format("{} breaks {} {}.", sut.name(), InfoOf(rule).id, InfoOf(rule).name);
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

// What in the trace means nothing.
std::string Explanation(Sut& sut, const Scenario& scenario, const Divergence& divergence, bool hardened) {
  std::string text;
  for (const std::string& line : WhatMayVary(sut, scenario, divergence, hardened)) text += "  may vary: " + line + "\n";
  return text;
}

Divergence Seen(Sut& sut, const Scenario& scenario, bool hardened) {
  std::optional<Divergence> seen = RunScenario(sut, scenario, hardened);
  if (!seen) throw std::runtime_error("a divergence does not show again: the implementation is not deterministic");
  return *std::move(seen);
}

}  // namespace

ShrunkCounterexample ShrinkToCounterexample(Sut& sut, const Scenario& scenario, bool hardened, std::size_t budget,
                                            bool same_rule) {
  ShortestOptions options = {.profile = scenario.profile, .hardened = hardened};
  if (same_rule) options.rule = Seen(sut, scenario, hardened).rule;
  return ShrinkToCounterexample(sut, scenario, hardened, budget, FindShortest(sut, options));
}

ShrunkCounterexample ShrinkToCounterexample(Sut& sut, const Scenario& scenario, bool hardened, std::size_t budget,
                                            const Shortest& shortest) {
  const Divergence seen = Seen(sut, scenario, hardened);
  ShrunkCounterexample result;
  result.failing = scenario;
  result.evaluations = shortest.edges;
  // A full page is the last resort: where a few edits already end below it, it is not what the defect needs.
  constexpr std::size_t kFewEdits = 3000;
  Shrunk few{.scenario = scenario};
  if (shortest.full_page) {
    few = Shrink(scenario, *SameDivergence(sut, scenario, hardened), {.evaluations = std::min(budget, kFewEdits), .time = std::nullopt});
    result.evaluations += few.evaluations;
  }
  if (shortest.scenario && (shortest.divergence.rule != seen.rule || !(Complexity(few.scenario) < Complexity(*shortest.scenario)))) {
    result.shrunk = *shortest.scenario;
    result.shortest = shortest.proved + 1 >= result.shrunk.commands.size()
                          ? "proved: no shorter sequence breaks that rule in a small topology"
                      : shortest.full_page ? "of those that fill a page with calls that cost a slot each"
                          : fmt::format("proved up to {} commands in every small topology", shortest.proved);
  } else {
    const Shrunk shrunk = Shrink(few.scenario, *SameDivergence(sut, scenario, hardened), {.evaluations = budget, .time = std::nullopt});
    result.shrunk = shrunk.scenario;
    result.evaluations += shrunk.evaluations;
    result.shortest = fmt::format("not proved: nothing of up to {} commands in a small topology, and {}", shortest.proved,
                                  shrunk.ran_out ? "the budget ran out" : "no single edit makes it simpler");
  }
  result.divergence = *RunScenario(sut, result.shrunk, hardened);
  result.before = RecordsBefore(result.shrunk);
  const std::string claim = Claim(sut, result.divergence.rule);
  result.failing_text = PrintTrace(MakeTrace(result.failing, claim));
  result.shrunk_text = PrintTrace(MakeTrace(result.shrunk, claim));
  result.report = Describe(result.shrunk, result.divergence) + Explanation(sut, result.shrunk, result.divergence, hardened);
  return result;
}

std::string WriteCounterexample(const std::string& directory, const ShrunkCounterexample& counterexample) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return fmt::format("{}: expected a directory to write to: {}", directory, error.message());
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
