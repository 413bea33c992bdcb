#include "properties/shrink/counterexample.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <fstream>

#include "model/rules/dependency_graph.h"
#include "model/step.h"
#include "model/text/text.h"

namespace holdfast {

// The column in front of an outcome's `=`.
constexpr std::size_t kCallWidth = 56;

std::string TraceText(const Scenario& scenario, std::string_view claim) {
  std::string text;
  if (!claim.empty()) text += "# " + std::string(claim) + "\n";
  text += "profile " + PrintProfile(scenario.profile) + "\n";
  text += "topology " + PrintTopology(scenario.topology) + "\n";
  State state = InitialState(scenario.topology);
  Outcome outcome;
  for (const Command& command : scenario.commands) {
    StepInPlace(scenario.topology, scenario.profile, state, command, outcome);
    std::string call = PrintCommand(command);
    call.resize(std::max(call.size() + 1, kCallWidth), ' ');
    text += call + "= " + PrintOutcome(outcome) + "\n";
  }
  return text;
}

void KeepTestOutput(const std::string& file_name, const std::string& text) {
  const char* directory = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR");
  if (directory == nullptr) return;
  std::ofstream(std::string(directory) + "/" + file_name) << text;
}

std::string Counterexample(const std::string& name, const Scenario& scenario,
                           const Divergence& divergence) {
  const RuleInfo& rule = InfoOf(divergence.rule);
  const std::string claim =
      name + " breaks " + std::string(rule.id) + " " + std::string(rule.name) + ".";
  const std::string trace = TraceText(scenario, claim);
  KeepTestOutput(name + ".trace", trace);
  const Flb& flb = divergence.sut_state.flb;
  if (!flb.iommus.empty() || !flb.domains.empty() || !flb.devices.empty()) {
    KeepTestOutput(name + ".dot", DependencyGraph(flb).Dot());
  }
  return trace + Describe(scenario, divergence);
}

}  // namespace holdfast
