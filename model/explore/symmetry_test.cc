#include "model/explore/symmetry.h"

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/explore/canonical.h"
#include "model/explore/random_walk.h"
#include "model/rules/rules.h"
#include "model/text/text.h"

namespace holdfast {
namespace {

World On(const char* topology, Aspects aspects = kAllAspects) {
  World world;
  world.topology = std::get<Topology>(ParseTopology(topology));
  world.aspects = aspects;
  world.allowed = kHostile;
  world.bounds = {
      .files = 4, .claims = 40, .device_records = 2, .domain_records = 2, .leaked_refs = 20};
  return world;
}

std::vector<World> Worlds() {
  return {
      On("iommu0(dev0 dev2) iommu1(dev1 dev3) dom0 dom1 dom2"),
      On("iommu0(dev0 dev1:nonpci dev2 dev3) iommu1:no-unpreserve(dev4) dom0 dom1:no-ops dom2"),
      On("iommu0(dev0 dev1:group=dev0 dev4) iommu1(dev2 dev3) dom0 dom1",
         kAllAspects & ~AspectBit(Aspect::kAttach)),
  };
}

TEST(SymmetryTest, OrdersAreProductsOfFactorials) {
  // Two IOMMUs, two devices each, three domains.
  EXPECT_EQ(Likeness(Worlds()[0]).order(), 2u * 2 * 2 * 6);
  // dev0, dev2 and dev3; dom0 and dom2.
  EXPECT_EQ(Likeness(Worlds()[1]).order(), 6u * 2);
  // dev2 and dev3: a group's devices keep their names, and dom0 does where nothing is attached
  // elsewhere.
  EXPECT_EQ(Likeness(Worlds()[2]).order(), 2u);
  for (const World& world : Worlds())
    EXPECT_EQ(Likeness(world).All().size(), Likeness(world).order());
}

TEST(SymmetryTest, AllAreDistinctAndHaveInverses) {
  const std::vector<Symmetry> all = Likeness(Worlds()[0]).All();
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].Then(all[i].Inverse()), Symmetry::Identity());
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(all[i], all[j]);
  }
}

// The outcome's kind, and the number of calls: their objects are renamed, and visits may come in
// another order.
std::string Kind(const Outcome& outcome) {
  return PrintOutcome(outcome) + " " + std::to_string(outcome.call_count);
}

TEST(SymmetryTest, StepTheContractAndTheRulesCommuteWithIt) {
  for (const World& world : Worlds()) {
    const std::vector<Symmetry> all = Likeness(world).All();
    for (const char* name : {"v3", "v5"}) {
      const Profile& profile = *FindProfile(name);
      std::size_t turn = 0;
      WalkAtRandom(
          world, profile, 60, 30,
          [&](const State& before, const Command& command, const State& after,
              const Outcome& outcome) {
            if (testing::Test::HasFailure()) return;
            const State canonical = Canonical(before);
            const Symmetry& symmetry = all[turn++ % all.size()];
            const State image = Renamed(symmetry, world.topology, canonical);
            const Command renamed = Renamed(symmetry, command);
            EXPECT_EQ(BreachesOf(world.topology, image, renamed),
                      BreachesOf(world.topology, canonical, command));
            const StepResult step = Step(world.topology, profile, image, renamed);
            if (command.verb != Verb::kForEachDev) {
              EXPECT_EQ(Kind(step.outcome), Kind(outcome));
            }
            if (after.crashed) return;
            EXPECT_EQ(Canonical(step.state), Renamed(symmetry, world.topology, Canonical(after)))
                << PrintCommand(command);
            EXPECT_EQ(CheckState(world.topology, profile, step.state).broken,
                      CheckState(world.topology, profile, after).broken);
          });
    }
  }
}

// One representative for all of an orbit, and it is of the orbit: what the reducer applied gives
// it.
TEST(SymmetryTest, AnOrbitHasOneRepresentative) {
  for (const World& world : Worlds()) {
    const std::vector<Symmetry> all = Likeness(world).All();
    const Profile& profile = *FindProfile("v3");
    const Packing packing(world, profile);
    const Reducer reducer(world, packing);
    int packed = 0;
    WalkAtRandom(
        world, profile, 80, 40,
        [&](const State&, const Command&, const State& after, const Outcome&) {
          if (testing::Test::HasFailure()) return;
          const State state = Canonical(after);
          Words representative{};
          if (!Within(world, state) || !packing.Pack(state, representative.data())) return;
          ++packed;
          Symmetry used;
          reducer.Reduce(representative.data(), &used);
          EXPECT_EQ(packing.Unpack(representative.data()),
                    after.crashed ? state : Renamed(used, world.topology, state));
          for (std::size_t i = 0; i < all.size() && !after.crashed; ++i) {
            Words image{};
            ASSERT_TRUE(packing.Pack(Renamed(all[i], world.topology, state), image.data()));
            reducer.Reduce(image.data());
            EXPECT_EQ(image, representative) << PrintState(state, world.topology);
          }
        });
    EXPECT_GT(packed, 500);
  }
}

}  // namespace
}  // namespace holdfast
