// The cores have no race; the search finds nothing where nothing is, and says what it has searched.
#include "properties/callers/explore_callers.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "properties/callers/describe.h"
#include "properties/lockstep/loaded_sut.h"
#include "sut/runfiles.h"

namespace holdfast {
namespace {

void ExpectNoRace(const std::string& sut_name, const std::string& profile, int calls) {
  const auto sut = Loaded(sut_name);
  for (CallersWorld& world : DefaultCallersWorlds(On(profile))) {
    world.calls = std::min(world.calls, calls);
    const CallersSearch search = ExploreCallers(*sut, world);
    if (search.race) ADD_FAILURE() << Describe(*search.race);
    EXPECT_TRUE(search.complete);
    EXPECT_FALSE(search.setup_differs);
    EXPECT_GT(search.moves, search.memories / 2);
  }
}

TEST(ExploreCallers, TheSeedHasNoRace) { ExpectNoRace("core.v3", "v3", 1); }
TEST(ExploreCallers, TheLaterVersionHasNoRace) { ExpectNoRace("core.v5", "v5", 2); }

// Every access to shared memory has a lock, or is marked. What another caller can see unfilled, or
// without its lock, would be suspect.
void ExpectNoRaceOfAccesses(const std::string& file, const std::string& profile) {
  const auto sut = Loaded(file);
  std::vector<CallersWorld> worlds = DefaultCallersWorlds(On(profile));
  for (CallersWorld& world : worlds) world.calls_in_all = 2;
  const CallersSearch search = FindRace(*sut, worlds);
  if (search.race) ADD_FAILURE() << Describe(*search.race);
  EXPECT_TRUE(search.complete);
}

TEST(ExploreCallers, TheAccessesOfTheCoresAreNoRace) {
  ExpectNoRaceOfAccesses(Runfile("sut/core_v3.callers.so"), "v3");
  ExpectNoRaceOfAccesses(Runfile("sut/core_v5.callers.so"), "v5");
}

TEST(ExploreCallers, AMarkedReadIsNoRace) {
  ExpectNoRaceOfAccesses(Runfile("properties/callers/asks_once.callers.so"), "v3");
}

// Two calls of two callers pass a handful of points each: that many schedules, in so few memories.
TEST(ExploreCallers, ManySchedulesAreFewMemories) {
  const auto sut = Loaded("core.v3");
  CallersWorld world = DefaultCallersWorlds(On("v3")).front();
  world.calls = 1;
  world.alphabet = {PreserveDomain(0)};
  const CallersSearch search = ExploreCallers(*sut, world);
  EXPECT_TRUE(search.complete);
  EXPECT_GT(search.schedules, 20);
  EXPECT_LT(static_cast<double>(search.memories), 10 * search.schedules);
}

TEST(ExploreCallers, ABoundOnPreemptionsLeavesSchedulesOut) {
  const auto sut = Loaded("core.v5");
  CallersWorld world = DefaultCallersWorlds(On("v5")).front();
  world.calls = 1;
  double before = 0;
  for (int preemptions = 0; preemptions < 3; ++preemptions) {
    world.preemptions = preemptions;
    const CallersSearch search = ExploreCallers(*sut, world);
    EXPECT_TRUE(search.complete);
    EXPECT_FALSE(search.race);
    EXPECT_GT(search.schedules, before);
    before = search.schedules;
  }
}

// A caller whose first call has no domain yet differs from the model, if the sides began apart.
TEST(ExploreCallers, TheSidesMustAgreeBeforeTheCallersBegin) {
  const auto sut = Loaded("core.v3");
  CallersWorld world = DefaultCallersWorlds(On("v3")).front();
  world.profile = On("v5", Luo::kStageA);  // the core of another version
  world.setup = {PreserveFile(), PreserveDomain(0), PreserveDomain(0)};
  EXPECT_TRUE(ExploreCallers(*sut, world).setup_differs);
}

}  // namespace
}  // namespace holdfast
