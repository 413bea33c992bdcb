// Pumping: the cores grow by slots and by nothing else, and what leaks an object or a page a turn
// is told, with its loop.

#include <gtest/gtest.h>

#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/loaded_sut.h"
#include "properties/search/pumping.h"
#include "sut/runfiles.h"

namespace holdfast {
namespace {

PumpOptions In(const World& world, const Profile& profile = On("v3")) {
  return {.profile = profile, .world = world};
}

TEST(Pumping, CoresSpendSlotsAndNothingElse) {
  for (const char* version : {"v3", "v5"}) {
    const std::unique_ptr<Sut> core = Loaded(std::string("core.") + version);
    const PumpResult result = Pump(*core, In(MakeWorld({2, 1, 1}), On(version)));
    EXPECT_FALSE(result.counterexample) << PrintCounterexample(*result.counterexample);
    EXPECT_FALSE(result.leak) << PrintGrowth(result.leak->growth);
    EXPECT_EQ(result.open, 0u);
    // D19: the last device of an IOMMU takes the hw record with it.
    const auto has = [&](const Growth& growth) {
      for (const Loop& loop : result.growing) {
        if (loop.growth == growth) return true;
      }
      return false;
    };
    EXPECT_TRUE(has({.hw_slots = 100, .device_slots = 100}));
    EXPECT_TRUE(has({.device_slots = 100}));
    EXPECT_TRUE(has({.domain_slots = 100}));
  }
}

TEST(Pumping, AHandoverLeadsNoWayBackAndIsCounted) {
  const std::unique_ptr<Sut> core = Loaded("core.v3");
  const PumpResult result = Pump(*core, In(MakeWorld({1, 1, 1}, AspectBit(Aspect::kHandover))));
  EXPECT_FALSE(result.counterexample);
  EXPECT_GT(result.open, 0u);
  EXPECT_GT(result.loops, 0u);
}

TEST(Pumping, ALeakedObjectIsTold) {
  const std::unique_ptr<Sut> sut = Loaded(Runfile("sut/mutants/leaks_an_object.so"));
  const PumpResult result = Pump(*sut, In(MakeWorld({1, 1, 1})));
  ASSERT_TRUE(result.leak);
  EXPECT_EQ(result.leak->growth.objects, 100);
  EXPECT_EQ(result.leak->turn.size(), 2u);
}

// Nothing that is compared from call to call: the page is freed, but not what was remembered of it.
TEST(Pumping, LoopsFillPages) {
  const std::unique_ptr<Sut> sut = Loaded("mutant.d8");
  const PumpResult result = Pump(*sut, In(MakeWorld({1, 1, 1}, 0)));
  EXPECT_FALSE(result.leak);  // its defect takes a page that cannot be had
  EXPECT_FALSE(result.counterexample);
  EXPECT_GT(result.commands, result.loops * 100);
}

TEST(Pumping, GrowthIsPrintedInItsUnits) {
  EXPECT_EQ(PrintGrowth({}), "nothing");
  EXPECT_EQ(PrintGrowth({.hw_slots = 100, .device_slots = 250}), "1 hw slot, 2.50 device slots");
}

}  // namespace
}  // namespace holdfast
