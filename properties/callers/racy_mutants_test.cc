// Each racy mutant is caught by its rule, in the fewest preemptions, and replays.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/rules/rules.h"
#include "properties/callers/callers_trace.h"
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
  std::vector<CallersWorld> worlds = DefaultCallersWorlds(On(std::string(mutant.profile)));
  for (CallersWorld& world : worlds) world.calls_in_all = 3;  // as in `holdfast run`
  const CallersSearch search = FindRace(*sut, worlds);
  ASSERT_TRUE(search.race) << mutant.planted;
  const Race& race = *search.race;
  SCOPED_TRACE(Describe(race));
  EXPECT_EQ(InfoOf(race.verdict.rule).id, InfoOf(mutant.rule).id);
  EXPECT_EQ(race.verdict.preemptions, mutant.preemptions);
  const auto again = RunSchedule(*sut, race.schedule);
  ASSERT_TRUE(again);
  EXPECT_EQ(Describe({race.schedule, *again}), Describe(race));
  const std::string text = PrintCallersTrace(MakeCallersTrace(race.schedule, "A claim."));
  const auto parsed = ParseCallersTrace(text, "race.trace");
  ASSERT_TRUE(std::holds_alternative<CallersTrace>(parsed)) << std::get<std::string>(parsed);
  const auto replayed = RunCallersTrace(*sut, std::get<CallersTrace>(parsed));
  ASSERT_TRUE(std::get<std::optional<Race>>(replayed)) << text;
  EXPECT_EQ(Describe(*std::get<std::optional<Race>>(replayed)), Describe(race));
}

INSTANTIATE_TEST_SUITE_P(All, RacyMutantTest, testing::ValuesIn(RacyMutants()),
                         [](const auto& info) {
                           return std::string(info.param.name.substr(sizeof("mutant.race_") - 1));
                         });

}  // namespace
}  // namespace holdfast
