// Each racy mutant is caught by its rule, in the fewest preemptions, and replays.
#include <gtest/gtest.h>

#include <string>

#include "model/rules/rules.h"
#include "properties/callers/describe.h"
#include "properties/callers/explore_callers.h"
#include "properties/lockstep/loaded_sut.h"
#include "sut/mutants/racy.h"
#include "sut/runfiles.h"

namespace holdfast {
namespace {

class RacyMutantTest : public testing::TestWithParam<RacyMutant> {};

TEST_P(RacyMutantTest, IsCaughtByItsRule) {
  const RacyMutant& mutant = GetParam();
  const auto sut = Loaded(Runfile(std::string(mutant.file)));
  const CallersSearch search =
      FindRace(*sut, DefaultCallersWorlds(On(std::string(mutant.profile))));
  ASSERT_TRUE(search.race) << mutant.planted;
  const Race& race = *search.race;
  SCOPED_TRACE(Describe(race));
  EXPECT_EQ(InfoOf(race.verdict.rule).id, InfoOf(mutant.rule).id);
  EXPECT_EQ(race.verdict.preemptions, mutant.preemptions);
  const auto again = RunSchedule(*sut, race.schedule);
  ASSERT_TRUE(again);
  EXPECT_EQ(Describe({race.schedule, *again}), Describe(race));
}

INSTANTIATE_TEST_SUITE_P(All, RacyMutantTest, testing::ValuesIn(RacyMutants()),
                         [](const auto& info) {
                           return std::string(info.param.name.substr(sizeof("mutant.race_") - 1));
                         });

}  // namespace
}  // namespace holdfast
