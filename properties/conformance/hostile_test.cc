// Each profile's own implementation does on hostile sequences exactly what the profile says, and
// the hazards that this opens are known by name.

#include <algorithm>

#include <gtest/gtest.h>

#include "properties/search/campaign.h"
#include "properties/conformance/conformance.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/effort.h"
#include "properties/lockstep/loaded_sut.h"

namespace holdfast {
namespace {

void ExpectConforms(const std::string& sut_name, const Profile& profile) {
  const std::unique_ptr<Sut> sut = Loaded(sut_name);
  const auto shrunk = FindDivergence(*sut, profile, Mode::kHostile, Effort(3000));
  EXPECT_FALSE(shrunk) << PrintCounterexample(shrunk->minimal);
}

TEST(Hostile, CoreV3ConformsOnStageA) { ExpectConforms("core.v3", On("v3")); }
TEST(Hostile, CoreV3ConformsOnStageB) { ExpectConforms("core.v3", On("v3", Luo::kStageB)); }
TEST(Hostile, CoreV3ConformsWithoutLiveUpdate) { ExpectConforms("core.v3", On("v3", Luo::kOff)); }
TEST(Hostile, CoreV5ConformsOnStageC) { ExpectConforms("core.v5", On("v5")); }
TEST(Hostile, CoreV5ConformsWithoutLiveUpdate) { ExpectConforms("core.v5", On("v5", Luo::kOff)); }

// Each life of the FLB ends under a preserved domain, and pages that a stale pointer names are
// never given out again.
TEST(Hostile, TheEndOfTheSimulatedMemoryIsNoFinding) {
  const std::unique_ptr<Sut> sut = Loaded("core.v3");
  Scenario scenario = {.profile = On("v3"), .topology = MakeTopology(1, 1, 1), .commands = {}};
  const auto live = [&](int lives) {
    while (lives-- > 0) {
      for (const Command& command : {PreserveFile(), PreserveDomain(0), UnpreserveFile()})
        scenario.commands.push_back(command);
    }
  };
  live(100);
  EXPECT_FALSE(RunScenario(*sut, scenario));
  live(900);
  EXPECT_THROW(RunScenario(*sut, scenario), Exhausted);
}

std::vector<Hazard> HazardsOf(const std::string& version) {
  const std::unique_ptr<Sut> sut = Loaded("core." + version);
  const CampaignResult result =
      RunCampaign(*sut, {.profile = On(version),
                         .modes = {Mode::kHostile},
                         .cases = static_cast<std::uint64_t>(Effort(40000))});
  EXPECT_FALSE(result.counterexample) << PrintCounterexample(*result.counterexample);
  return result.hazards.List();
}

bool Contains(const std::vector<Hazard>& hazards, Rule rule, Clause clause) {
  return std::any_of(hazards.begin(), hazards.end(), [&](const Hazard& hazard) {
    return hazard.rule == rule && hazard.clauses == BreachBit(clause);
  });
}

TEST(Hostile, HazardsOfV3AreFound) {
  const std::vector<Hazard> hazards = HazardsOf("v3");
  EXPECT_TRUE(Contains(hazards, Rule::kUnique, Clause::kC2));  // D2: a device preserved twice
  EXPECT_TRUE(Contains(hazards, Rule::kPages, Clause::kC2));   // D3: a domain preserved twice
  EXPECT_TRUE(Contains(hazards, Rule::kQuiet, Clause::kC7));   // D5: no FLB
  // D7: a domain unpreserved under a device
  EXPECT_TRUE(Contains(hazards, Rule::kClosed, Clause::kC4));
  EXPECT_TRUE(Contains(hazards, Rule::kClosed, Clause::kC1));  // D16: not attached to that domain
  // D17: the FLB freed under live devices
  EXPECT_TRUE(Contains(hazards, Rule::kNoGhosts, Clause::kC4));
}

TEST(Hostile, V5ClosesTheDoublePreserveAndTheMissingFlb) {
  const std::vector<Hazard> hazards = HazardsOf("v5");
  EXPECT_FALSE(Contains(hazards, Rule::kUnique, Clause::kC2));
  EXPECT_FALSE(Contains(hazards, Rule::kPages, Clause::kC2));
  EXPECT_FALSE(Contains(hazards, Rule::kQuiet, Clause::kC7));
  EXPECT_TRUE(Contains(hazards, Rule::kNoGhosts, Clause::kC4));
}

// D12: the owner is released first, the unpreserve returns in silence, and the FLB goes under the
// record that is left.
TEST(Hostile, OwnerReleasedBeforeUnpreserveLeavesAGhost) {
  for (const char* version : {"v3", "v5"}) {
    const std::unique_ptr<Sut> sut = Loaded(std::string("core.") + version);
    const Scenario scenario = {
        On(version),
        MakeTopology(1, 1, 1),
        {PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0), ReleaseDmaOwner(0),
         UnpreserveDevice(0, 0), UnpreserveDomain(0), UnpreserveFile()}};
    EXPECT_FALSE(RunScenario(*sut, scenario));
    Lockstep lockstep(*sut);
    lockstep.Begin(scenario.topology, scenario.profile);
    for (const Command& command : scenario.commands) ASSERT_TRUE(lockstep.Run(command));
    EXPECT_TRUE(lockstep.hazards() & RuleBit(Rule::kNoGhosts));
    EXPECT_EQ(lockstep.state().device_ser[0], kStale);
  }
}

// With --hardened a hazard is a divergence, although both sides agree.
TEST(Hostile, HardenedRunFailsOnAHazard) {
  const std::unique_ptr<Sut> sut = Loaded("core.v3");
  const Scenario twice = {
      On("v3"),
      MakeTopology(1, 1, 1),
      {PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0), PreserveDevice(0, 0)}};
  EXPECT_FALSE(RunScenario(*sut, twice));
  const std::optional<Divergence> divergence = RunScenario(*sut, twice, /*hardened=*/true);
  ASSERT_TRUE(divergence);
  EXPECT_EQ(divergence->rule, Rule::kUnique);
  EXPECT_FALSE(divergence->sides_differ);
}

}  // namespace
}  // namespace holdfast
