// The model's exhaustive search and the table of allowed outcomes, held against each other: in a
// handful of small worlds it meets every outcome that the specification allows, each with a
// shortest sequence, and no other. What a canonical state cannot show is named below and has to be
// met by random scenarios (coverage_test).

#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "model/explore/explore.h"
#include "model/profile.h"
#include "model/text/text.h"
#include "model/explore/world.h"
#include "properties/lockstep/coverage.h"
#include "properties/generate/generate.h"

namespace holdfast {
namespace {

World On(const char* topology, Aspects aspects, Mode mode) {
  World world;
  world.topology = std::get<Topology>(ParseTopology(topology));
  world.aspects = aspects;
  world.allowed = mode == Mode::kHostile ? kHostile : 0;
  world.bounds = {
      .files = 1, .claims = 1, .device_records = 1, .domain_records = 1, .leaked_refs = 1};
  return world;
}

constexpr Aspects kFaults = AspectBit(Aspect::kFaults);
constexpr Aspects kOwners = AspectBit(Aspect::kOwners);
constexpr Aspects kRestore = AspectBit(Aspect::kRestore);

std::vector<World> WorldsOf(Mode mode) {
  return {
      On("iommu0(dev0) dom0", kFaults | kOwners | AspectBit(Aspect::kWalk), mode),
      On("iommu0(dev0) dom0", kFaults | AspectBit(Aspect::kHandover) | kRestore, mode),
      On("iommu0(dev0:no-group) iommu1:no-unpreserve(dev1) dom0:no-ops",
         kOwners | kRestore | AspectBit(Aspect::kAttach), mode),
      On("iommu0(dev0:unprobed) iommu1:no-preserve(dev1:nonpci) dom0",
         kOwners | kRestore | AspectBit(Aspect::kAttach), mode),
      On("iommu0(dev0 dev1:group=dev0) dom0", 0, mode),
  };
}

// A page that fills up, and a count of 255.
bool IsBeyondCanonicalStates(const Witness& witness) {
  const bool preserves =
      witness.verb == Verb::kPreserveDomain || witness.verb == Verb::kPreserveDevice;
  return (preserves && witness.site == FaultSite::kKhoAlloc) ||
         (witness.verb == Verb::kClaimDmaOwner && witness.result == Result::kEbusy);
}

void ExpectSameOutcomes(const Profile& profile) {
  for (const Mode mode : {Mode::kContract, Mode::kHostile}) {
    SCOPED_TRACE(PrintProfile(profile) + ", " + std::string(ModeName(mode)));
    Coverage coverage;
    for (const World& world : WorldsOf(mode)) {
      const ExploreResult result = Explore(world, profile);
      ASSERT_TRUE(result.finished);
      for (const Sighting& seen : result.sightings) {
        EXPECT_GT(seen.edges, 0u);
        coverage.Add(seen.command, seen.outcome);
      }
    }
    const std::vector<Witness> allowed = AllowedWitnesses(profile, mode);
    for (const Witness& witness : coverage.Missing(allowed)) {
      EXPECT_TRUE(IsBeyondCanonicalStates(witness)) << "never seen: " << PrintWitness(witness);
    }
    for (const Witness& witness : coverage.Unexpected(allowed))
      ADD_FAILURE() << "not allowed: " << PrintWitness(witness);
  }
}

TEST(ExploredOutcomesTest, V3SometimesDoesAllThatItMay) { ExpectSameOutcomes(*FindProfile("v3")); }
TEST(ExploredOutcomesTest, V5SometimesDoesAllThatItMay) { ExpectSameOutcomes(*FindProfile("v5")); }
TEST(ExploredOutcomesTest, OffSometimesDoesAllThatItMay) {
  ExpectSameOutcomes(*FindProfile("off"));
}

}  // namespace
}  // namespace holdfast
