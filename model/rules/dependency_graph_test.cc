// The graph by itself, and the graph against the rules: two forms of R1 to R3 that must agree on
// any records.
#include "model/rules/dependency_graph.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>

#include "model/rules/states.h"
#include "model/rules/rules.h"

namespace holdfast {
namespace {

using Kind = DependencyGraph::Kind;
using Node = DependencyGraph::Node;

TEST(DependencyGraph, OfNothingIsEmptyAndSound) {
  const DependencyGraph graph{Flb()};
  EXPECT_TRUE(graph.nodes().empty());
  EXPECT_TRUE(graph.ClosedUnderNeeds());
  EXPECT_TRUE(graph.Acyclic());
  EXPECT_TRUE(graph.CountsAreInDegrees());
  EXPECT_EQ(graph.Dot(), "digraph needs {\n  rankdir=LR;\n}\n");
}

TEST(DependencyGraph, HasTheLiveRecordsAndWhatTheyNeed) {
  const DependencyGraph graph(FullState(HandmadeTopology()).flb);
  const std::vector<Node> expected = {
      {Kind::kDomain, 0, 0, 1, true}, {Kind::kDomain, 1, 1, 1, true},
      {Kind::kHw, 0, 0, 2, true},     {Kind::kHw, 1, 1, 1, true},
      {Kind::kDevice, 0, 0, 1, true}, {Kind::kDevice, 1, 1, 1, true},
      {Kind::kDevice, 2, 2, 1, true}};
  EXPECT_EQ(graph.nodes(), expected);
  EXPECT_TRUE(graph.ClosedUnderNeeds());
  EXPECT_TRUE(graph.Acyclic());
  EXPECT_TRUE(graph.CountsAreInDegrees());
  EXPECT_EQ(graph.InDegree(0), 3);  // dom0
  EXPECT_EQ(graph.InDegree(1), 0);  // dom1
  EXPECT_EQ(graph.InDegree(2), 2);  // iommu0
  EXPECT_EQ(graph.InDegree(3), 1);  // iommu1
  EXPECT_EQ(graph.InDegree(4), 0);  // dev0
  EXPECT_EQ(graph.NeedsOf(5), (std::vector<int>{0, 3}));
  EXPECT_EQ(graph.NeedsOf(6), (std::vector<int>{0, 2}));
  EXPECT_EQ(graph.NeedsOf(1), std::vector<int>{});
}

TEST(DependencyGraph, WrongReferencesEndInBrokenVerticesAndEachHasOne) {
  State state = FullState(HandmadeTopology());
  state.flb.domains[0] = Deleted<DomainSlot>();
  state.flb.devices[1].hw = kStale;
  state.flb.devices[2].hw = 9;
  const DependencyGraph graph(state.flb);
  EXPECT_FALSE(graph.ClosedUnderNeeds());
  EXPECT_FALSE(graph.CountsAreInDegrees());
  EXPECT_TRUE(graph.Acyclic());
  EXPECT_EQ(graph.BrokenEdges(), (std::vector<int>{0, 2, 3, 4, 5}));
  ASSERT_EQ(graph.nodes().size(), 9u);  // dom1, iommu0, iommu1, three devices, and:
  EXPECT_EQ(graph.nodes()[6], (Node{Kind::kDomain, 0, kNone, 0, false}));
  EXPECT_EQ(graph.nodes()[7], (Node{Kind::kHw, kStale, kNone, 0, false}));
  EXPECT_EQ(graph.nodes()[8], (Node{Kind::kHw, 9, kNone, 0, false}));
  EXPECT_EQ(graph.InDegree(6), 3);
  EXPECT_EQ(graph.NeedsOf(3), (std::vector<int>{1, 6}));  // dev0
}

TEST(DependencyGraph, DrawsSoundRecords) {
  const DependencyGraph graph(FullState(HandmadeTopology()).flb);
  EXPECT_EQ(graph.Dot(), R"(digraph needs {
  rankdir=LR;
  "domain#0" [label="dom0"];
  "domain#1" [label="dom1"];
  "hw#0" [label="iommu0 *2"];
  "hw#1" [label="iommu1 *1"];
  "device#0" [label="dev0"];
  "device#1" [label="dev1"];
  "device#2" [label="dev2"];
  "device#0" -> "domain#0";
  "device#0" -> "hw#0";
  "device#1" -> "domain#0";
  "device#1" -> "hw#1";
  "device#2" -> "domain#0";
  "device#2" -> "hw#0";
}
)");
}

TEST(DependencyGraph, DrawsWhatIsWrongInRed) {
  const Topology topology = HandmadeTopology();
  State state = FullState(topology);
  AddDevice(topology, state, 0);  // a second record of dev0
  state.flb.domains[0] = Deleted<DomainSlot>();
  state.flb.devices[0].domain = 1;
  state.flb.devices[1].domain = kNull;
  state.flb.devices[1].hw = kStale;
  state.flb.devices[2].device = kNone;
  state.flb.devices[3].hw = kWild;
  EXPECT_EQ(DependencyGraph(state.flb).Dot(), R"(digraph needs {
  rankdir=LR;
  "domain#1" [label="dom1"];
  "hw#0" [label="iommu0 *3, needed by 2", color=red];
  "hw#1" [label="iommu1 *1, needed by 0", color=red];
  "device#0" [label="dev0 device#0"];
  "device#1" [label="dev1"];
  "device#2" [label="dev?"];
  "device#3" [label="dev0 device#3"];
  "domain null" [label="domain null", color=red];
  "hw stale" [label="hw stale", color=red];
  "domain#0" [label="domain#0 is not live", color=red];
  "hw wild" [label="hw wild", color=red];
  "device#0" -> "domain#1";
  "device#0" -> "hw#0";
  "device#1" -> "domain null" [color=red];
  "device#1" -> "hw stale" [color=red];
  "device#2" -> "domain#0" [color=red];
  "device#2" -> "hw#0";
  "device#3" -> "domain#0" [color=red];
  "device#3" -> "hw wild" [color=red];
}
)");
}

// Any slots, dangling references and all; more often sound than chance would have them, so that
// both answers are seen.
Flb AnyRecords(const Topology& topology) {
  const auto below = [](std::size_t n) { return *rc::gen::inRange<std::size_t>(0, n); };
  const auto one_in = [&](std::size_t n) { return below(n) == 0; };
  // A slot of a chain, live or not; now and then no slot at all.
  const auto reference = [&](std::size_t size) {
    return one_in(16) ? *rc::gen::inRange<SlotRef>(kWild, 9)
                      : static_cast<SlotRef>(size ? below(size) : 0);
  };
  Flb flb;
  flb.present = true;
  for (std::uint8_t domain = 0; domain < topology.domains.size(); ++domain) {
    flb.domains.push_back(one_in(12) ? Deleted<DomainSlot>()
                                     : DomainSlot{.domain = domain, .ref_count = 1});
  }
  for (std::uint8_t iommu = 0; iommu < topology.iommus.size(); ++iommu) {
    flb.iommus.push_back(one_in(12) ? Deleted<HwSlot>() : HwSlot{.iommu = iommu});
  }
  flb.devices.resize(below(5));
  for (DeviceSlot& slot : flb.devices) {
    if (one_in(8)) {
      slot = Deleted<DeviceSlot>();
      continue;
    }
    slot = {.device = static_cast<std::uint8_t>(below(topology.devices.size())), .ref_count = 1};
    slot.domain = reference(flb.domains.size());
    // slot i is domain i's
    slot.attachment = slot.domain >= 0 ? static_cast<std::uint8_t>(slot.domain) : kNone;
    slot.hw = one_in(6) ? reference(flb.iommus.size())
                        : static_cast<SlotRef>(topology.devices[slot.device].iommu);
    if (slot.hw >= 0 && static_cast<std::size_t>(slot.hw) < flb.iommus.size() &&
        !flb.iommus[static_cast<std::size_t>(slot.hw)].deleted) {
      ++flb.iommus[static_cast<std::size_t>(slot.hw)].ref_count;
    }
  }
  for (HwSlot& slot : flb.iommus) {
    if (!slot.deleted && one_in(8)) slot.ref_count = static_cast<std::uint32_t>(below(4));
  }
  return flb;
}

// The records in a state whose pointers are as they should be, so that only the records can break
// R1 to R3.
State Around(const Topology& topology, const Flb& flb) {
  State state = HandmadeState(topology);
  AddFile(state);
  state.flb = flb;
  for (std::size_t i = 0; i < flb.domains.size(); ++i) {
    if (!flb.domains[i].deleted)
      state.preserved_state[flb.domains[i].domain] = static_cast<SlotRef>(i);
  }
  for (std::size_t i = 0; i < flb.iommus.size(); ++i) {
    if (!flb.iommus[i].deleted)
      state.outgoing_preserved_state[flb.iommus[i].iommu] = static_cast<SlotRef>(i);
  }
  return state;
}

TEST(DependencyGraph, SaysWhatTheRulesSayOfAnyRecords) {
  const Topology topology = HandmadeTopology();
  int closed = 0, counted = 0, held = 0, runs = 0;
  const bool agree = rc::check("the graph and R1 to R3 agree", [&] {
    const Flb flb = AnyRecords(topology);
    const DependencyGraph graph(flb);
    const RuleSet broken = CheckState(topology, HandmadeProfile(), Around(topology, flb)).broken;
    const auto holds = [&](Rule rule) { return (broken & RuleBit(rule)) == 0; };
    RC_LOG() << graph.Dot();

    bool every_hw_is_needed = true;
    bool every_device_is_held = true;
    for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
      const Node& node = graph.nodes()[i];
      if (!node.live) continue;
      if (node.kind == Kind::kHw) every_hw_is_needed &= graph.InDegree(static_cast<int>(i)) > 0;
      if (node.kind == Kind::kDevice) {
        const std::vector<int> needs = graph.NeedsOf(static_cast<int>(i));
        every_device_is_held &= std::any_of(needs.begin(), needs.end(), [&](int need) {
          const Node& hw = graph.nodes()[static_cast<std::size_t>(need)];
          return hw.live && hw.kind == Kind::kHw &&
                 hw.object == topology.devices[node.object].iommu;
        });
      }
    }
    RC_ASSERT(graph.ClosedUnderNeeds() == holds(Rule::kClosed));
    RC_ASSERT((graph.CountsAreInDegrees() && every_hw_is_needed) == holds(Rule::kCounted));
    RC_ASSERT(every_device_is_held == holds(Rule::kHeld));
    RC_ASSERT(graph.Acyclic());
    ++runs;
    closed += holds(Rule::kClosed);
    counted += holds(Rule::kCounted);
    held += holds(Rule::kHeld);
  });
  EXPECT_TRUE(agree);
  // Both answers must have been seen, each often.
  for (int seen : {closed, counted, held}) {
    EXPECT_GT(seen, runs / 20);
    EXPECT_LT(seen, runs - runs / 20);
  }
}

}  // namespace
}  // namespace holdfast
