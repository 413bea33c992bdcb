#include "model/explore/canonical.h"

#include <string>

#include <gtest/gtest.h>

#include "model/explore/random_walk.h"
#include "model/rules/rules.h"
#include "model/text/text.h"

namespace holdfast {
namespace {

World HostileWorld(const char* topology) {
  World world;
  world.topology = std::get<Topology>(ParseTopology(topology));
  world.aspects = kAllAspects;
  world.allowed = kHostile;
  return world;
}

constexpr const char* kTopologies[] = {
    "iommu0(dev0) dom0",
    "iommu0(dev0 dev2) iommu1(dev1) dom0 dom1",
    "iommu0(dev0 dev1:group=dev0 dev2:nonpci) iommu1:no-unpreserve(dev3) dom0 dom1:no-ops dom2",
};

// Visits hundreds of thousands of steps, on every orchestrator, in worlds with every trait. No step
// reaches the boundary of a page.
template <typename Visit>
void ForRandomSteps(Visit visit) {
  for (const Profile& of_its_day : Profiles()) {
    for (const Luo luo : {Luo::kStageA, Luo::kStageC, Luo::kOff}) {
      Profile profile = of_its_day;
      profile.luo = luo;
      for (const char* topology : kTopologies) {
        const World world = HostileWorld(topology);
        WalkAtRandom(world, profile, 500, 34,
                     [&](const State& before, const Command& command, const State& after,
                         const Outcome& outcome) {
                       visit(world, profile, before, command, after, outcome);
                       if (testing::Test::HasFailure())
                         GTEST_FAIL() << PrintState(before, world.topology) << "\n"
                                      << PrintCommand(command);
                     });
      }
    }
  }
}

TEST(CanonicalTest, StepCommutesWithIt) {
  int dead_is_named = 0, renamed = 0;
  ForRandomSteps([&](const World& world, const Profile& profile, const State& before,
                     const Command& command, const State& after, const Outcome& outcome) {
    if (testing::Test::HasFailure()) return;
    const State canonical = Canonical(before);
    const StepResult step = Step(world.topology, profile, canonical, command);
    EXPECT_EQ(Canonical(step.state), Canonical(after));
    EXPECT_EQ(step.outcome, CanonicalOutcome(before, command.verb, outcome));
    renamed += step.outcome != outcome;
    dead_is_named += !canonical.flb.domains.empty() && canonical.flb.domains.back().deleted;
  });
  EXPECT_GT(renamed, 1000);
  EXPECT_GT(dead_is_named, 100);
}

TEST(CanonicalTest, TheRulesAndTheContractSayTheSameOfIt) {
  RuleSet broken = 0;
  ForRandomSteps([&](const World& world, const Profile& profile, const State& before,
                     const Command& command, const State& after, const Outcome&) {
    if (testing::Test::HasFailure()) return;
    EXPECT_EQ(BreachesOf(world.topology, Canonical(before), command),
              BreachesOf(world.topology, before, command));
    if (after.crashed) return;
    const RuleCheck raw = CheckState(world.topology, profile, after);
    EXPECT_EQ(CheckState(world.topology, profile, Canonical(after)).broken, raw.broken);
    broken |= raw.broken;
  });
  for (const Rule rule :
       {Rule::kClosed, Rule::kUnique, Rule::kPages, Rule::kNoGhosts, Rule::kBalanced}) {
    EXPECT_TRUE(broken & RuleBit(rule))
        << InfoOf(rule).id << " was never broken: nothing was compared";
  }
}

TEST(CanonicalTest, ItIsIdempotent) {
  ForRandomSteps(
      [](const World&, const Profile&, const State& before, const Command&, const State&,
         const Outcome&) { EXPECT_EQ(Canonical(Canonical(before)), Canonical(before)); });
}

TEST(CanonicalTest, EveryPastOfADeviceIsOnePast) {
  const Topology topology = MakeTopology(1, 2, 1);
  const auto after = [&](std::initializer_list<Command> commands) {
    State state = InitialState(topology);
    for (const Command& command : commands)
      state = Step(topology, *FindProfile("v3"), state, command).state;
    return Canonical(state);
  };
  const State once =
      after({PreserveFile(), PreserveDomain(0), PreserveDevice(0, 1), PreserveDevice(0, 0)});
  EXPECT_EQ(once, after({PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0),
                         UnpreserveDevice(0, 0), PreserveDevice(0, 0),
                         WithFault(PreserveDevice(0, 1), FaultSite::kIommuPreserveDevice),
                         PreserveDevice(0, 1)}));
  EXPECT_EQ(PrintState(once, topology),
            "domains[dom0] iommus[iommu0*2] devices[dev0:dom0 dev1:dom0]");
}

TEST(CanonicalTest, WhatIsDeadIsNamedByOneSlot) {
  const Topology topology = MakeTopology(1, 2, 1);
  State state = InitialState(topology);
  for (const Command& command :
       {PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0), UnpreserveDomain(0),
        PreserveDomain(0), PreserveDevice(0, 1), UnpreserveDomain(0)}) {
    state = Step(topology, *FindProfile("v3"), state, command).state;
  }
  const State canonical = Canonical(state);
  EXPECT_EQ(canonical.flb.domains, std::vector<DomainSlot>{Deleted<DomainSlot>()});
  EXPECT_EQ(canonical.flb.devices[0].domain, 0);
  EXPECT_EQ(canonical.flb.devices[1].domain, 0);
}

// An implementation that names records wrongly is still told from one that does not.
TEST(CanonicalTest, AReferenceToADeadSlotIsNotOneToALiveOneNorNull) {
  State right;
  right.flb.present = true;
  right.flb.iommus = {Deleted<HwSlot>(), {.iommu = 0, .ref_count = 1}};
  right.outgoing_preserved_state[0] = 1;
  State wrong = right;
  wrong.outgoing_preserved_state[0] = 0;
  State null = right;
  null.outgoing_preserved_state[0] = kNull;
  State wild = right;
  wild.outgoing_preserved_state[0] = 7;
  EXPECT_NE(Canonical(right), Canonical(wrong));
  EXPECT_NE(Canonical(null), Canonical(wrong));
  EXPECT_EQ(Canonical(wild).outgoing_preserved_state[0], kWild);
}

TEST(CanonicalTest, ACrashedStateIsOneState) {
  State state;
  state.crashed = true;
  State other = state;
  other.files = 3;
  EXPECT_EQ(Canonical(state), Canonical(other));
}

}  // namespace
}  // namespace holdfast
