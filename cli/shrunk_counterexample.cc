#include "cli/shrunk_counterexample.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "cli/numbers.h"
#include "model/dependency_graph.h"
#include "traces/shrink.h"
#include "traces/trace.h"
#include "traces/trace_file.h"

namespace holdfast {
namespace {

std::string Claim(const Sut& sut, Rule rule) {
  return fmt::format("{} breaks {} {}.", sut.name(), InfoOf(rule).id, InfoOf(rule).name);
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

}  // namespace

std::string PrintCounterexample(const ShrunkCounterexample& found, const std::string& origin, const std::string& replay) {
  const RuleInfo& info = InfoOf(found.divergence.rule);
  std::string text = fmt::format("divergence: {}\n", origin);
  text += fmt::format("rule {} {}: {}\n\n", info.id, info.name, info.statement);
  text += fmt::format("shrunk trace ({} to {} in {}{}):\n", Count(found.failing.commands.size(), "command"),
                      Grouped(found.shrunk.commands.size()), Count(found.evaluations, "run"),
                      found.minimal ? "" : ", the budget ran out");
  text += Indented(found.shrunk_text) + "\n" + Indented(found.report);
  if (!replay.empty()) text += fmt::format("\nreplay: {}\n", replay);
  return text;
}

ShrunkCounterexample ShrinkToCounterexample(Sut& sut, const Scenario& scenario, bool hardened, std::size_t budget) {
  const auto fails = SameDivergence(sut, scenario, hardened);
  if (!fails) throw std::runtime_error("a divergence does not show again: the implementation is not deterministic");
  Shrunk shrunk = Shrink(scenario, *fails, {.evaluations = budget, .time = std::nullopt});
  ShrunkCounterexample result;
  result.failing = scenario;
  result.divergence = *RunScenario(sut, shrunk.scenario, hardened);
  result.shrunk = std::move(shrunk.scenario);
  result.evaluations = shrunk.evaluations;
  result.minimal = !shrunk.ran_out;
  const std::string claim = Claim(sut, result.divergence.rule);
  result.failing_text = PrintTrace(MakeTrace(result.failing, claim));
  result.shrunk_text = PrintTrace(MakeTrace(result.shrunk, claim));
  result.report = Describe(result.shrunk, result.divergence);
  return result;
}

std::string WriteCounterexample(const std::string& directory, const ShrunkCounterexample& counterexample) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return fmt::format("{}: expected a directory to write to: {}", directory, error.message());
  const std::pair<const char*, std::string> files[] = {
      {"failing.trace", counterexample.failing_text},
      {"shrunk.trace", counterexample.shrunk_text},
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
