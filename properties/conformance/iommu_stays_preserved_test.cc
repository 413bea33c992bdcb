// The seed's rule as a property of its own: an IOMMU stays preserved while any device references it
// (R1).
//
// Without lockstep and without the model's rules: the implementation runs alone, its memory is
// drawn as a dependency graph after every command, and the graph is asked.

#include <gtest/gtest.h>

#include "model/rules/dependency_graph.h"
#include "properties/conformance/conformance.h"
#include "model/text/trace.h"
#include "properties/lockstep/effort.h"
#include "properties/lockstep/loaded_sut.h"
#include "properties/lockstep/model_sut.h"

namespace holdfast {
namespace {

// What is wrong with the graph of `state`; empty if nothing.
std::string WrongWith(const Topology& topology, const State& state) {
  const DependencyGraph graph(state.flb);
  if (!graph.ClosedUnderNeeds()) return "a record needs one that is not live\n" + graph.Dot();
  if (!graph.Acyclic()) return "the records need each other in a circle\n" + graph.Dot();
  if (!graph.CountsAreInDegrees())
    return "a reference count is not the number of references\n" + graph.Dot();
  for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
    const DependencyGraph::Node& device = graph.nodes()[i];
    if (device.kind != DependencyGraph::Kind::kDevice || !device.live) continue;
    if (device.object >= topology.devices.size()) return "a record of no device\n" + graph.Dot();
    const std::uint8_t iommu = topology.devices[device.object].iommu;
    bool reached = false;
    for (const int need : graph.NeedsOf(static_cast<int>(i))) {
      const DependencyGraph::Node& node = graph.nodes()[static_cast<std::size_t>(need)];
      reached |= node.kind == DependencyGraph::Kind::kHw && node.live && node.object == iommu &&
                 state.outgoing_preserved_state[iommu] == node.slot;
    }
    if (!reached) {
      return "iommu" + std::to_string(iommu) + " is not preserved while dev" +
             std::to_string(device.object) + " references it\n" + graph.Dot();
    }
  }
  return "";
}

// Runs the scenario and asks the graph after every command.
std::string Breaks(Sut& sut, const Scenario& scenario) {
  sut.Reset(scenario.topology, scenario.profile.luo);
  Outcome outcome;
  Observation observation;
  for (const Command& command : scenario.commands) {
    sut.Run(command, outcome);
    // A page that cannot be restored is fatal in the kernel too.
    if (outcome.crashed() && command.fault.site == FaultSite::kKhoRestore) return "";
    if (outcome.crashed()) return "a call that keeps the contract crashes\n";
    sut.Observe(observation);
    const std::string wrong = WrongWith(scenario.topology, observation.state);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

void ExpectHeld(const std::string& sut_name, const Profile& profile) {
  const std::unique_ptr<Sut> sut = Loaded(sut_name);
  Scenario counterexample;
  std::string wrong;
  const bool held = CheckScenarios(
      profile, Mode::kContract, Effort(2000), 1,
      [&](const Scenario& scenario) { return Breaks(*sut, scenario); }, &counterexample);
  if (!held) wrong = Breaks(*sut, counterexample);
  EXPECT_TRUE(held) << PrintScenario(counterexample,
                                     "An IOMMU stays preserved while any device references it.")
                    << wrong;
}

TEST(Held, CoreV3KeepsTheIommuOfEveryPreservedDevice) { ExpectHeld("core.v3", On("v3")); }
TEST(Held, CoreV5KeepsTheIommuOfEveryPreservedDevice) { ExpectHeld("core.v5", On("v5")); }

// The property can fail: an implementation that lets the IOMMU go with the first of its devices.
TEST(Held, LettingGoWithTheFirstDeviceIsSeen) {
  ModelSut sut(On("v3"), [](const Command& command, Outcome&, Observation& observation) {
    State& state = observation.state;
    if (command.verb != Verb::kUnpreserveDevice) return;
    for (SlotRef& pointer : state.outgoing_preserved_state) {
      if (pointer < 0) continue;
      state.flb.iommus[static_cast<std::size_t>(pointer)] = Deleted<HwSlot>();
      pointer = kNull;
    }
  });
  Scenario counterexample;
  EXPECT_FALSE(CheckScenarios(
      On("v3"), Mode::kContract, 2000, 1,
      [&](const Scenario& scenario) { return Breaks(sut, scenario); }, &counterexample));
  // two devices, one of them goes
  EXPECT_EQ(counterexample.commands.size(), 5u) << PrintScenario(counterexample);
}

}  // namespace
}  // namespace holdfast
