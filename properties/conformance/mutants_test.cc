// A sample of the detection power. The mutants of the core (sut/mutants/core.bzl) are caught, from
// any seed, by the rule that the table names. The shortest sequence has the length that the table
// says. `holdfast mutants` checks the same for all mutants.

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/text/trace.h"
#include "properties/search/campaign.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/effort.h"
#include "properties/search/exhaustive.h"
#include "properties/lockstep/loaded_sut.h"
#include "properties/shrink/shortest.h"
#include "sut/mutants/mutants.h"

namespace holdfast {

void PrintTo(const Mutant& mutant, std::ostream* stream) { *stream << mutant.name; }

namespace {

// The historical ones, and every sixteenth of the others.
std::vector<Mutant> Sample() {
  std::vector<Mutant> sample;
  std::size_t others = 0;
  for (const Mutant& mutant : CoreMutants()) {
    const std::string_view name = mutant.short_name();
    const bool historical = name.size() <= 3 && name[0] == 'd';
    if (mutant.equivalent() || (!historical && others++ % 16 != 0)) continue;
    sample.push_back(mutant);
  }
  return sample;
}

class MutantTest : public testing::TestWithParam<Mutant> {
 protected:
  std::unique_ptr<Sut> sut_ = Loaded(std::string(GetParam().name));
  Profile profile_ = On(std::string(GetParam().profile));
};

TEST_P(MutantTest, HasAShortestCounterexampleToItsRule) {
  const Shortest shortest = FindShortest(*sut_, {.profile = profile_});
  ASSERT_TRUE(shortest.found);
  const auto& [scenario, divergence] = *shortest.found;
  EXPECT_EQ(divergence.rule, GetParam().rule) << Describe(scenario, divergence);
  EXPECT_EQ(scenario.commands.size(), GetParam().depth) << PrintScenario(scenario);
  const std::optional<Divergence> again = RunScenario(*sut_, scenario);
  ASSERT_TRUE(again) << "the scenario does not show what was found";
  EXPECT_EQ(again->rule, GetParam().rule);
}

TEST_P(MutantTest, IsCaughtByACampaign) {
  const CampaignOptions options = {
      .profile = profile_, .seed = 11, .cases = static_cast<std::uint64_t>(Effort(100000))};
  const CampaignResult result = RunCampaign(*sut_, options);
  ASSERT_TRUE(result.counterexample);
  // Case by number: the campaign's scenario is the case that it names, cut off at the divergence.
  const Mode mode = ModeOfCase(options, result.case_index);
  const Scenario whole = GenerateScenario(WithLayout(profile_, sut_->layout()), mode, 11,
                                          NumberOfCase(options, result.case_index));
  ASSERT_LE(result.counterexample->scenario.commands.size(), whole.commands.size());
  EXPECT_TRUE(std::equal(result.counterexample->scenario.commands.begin(),
                         result.counterexample->scenario.commands.end(), whole.commands.begin()));
}

std::string NameOf(const testing::TestParamInfo<Mutant>& info) {
  return std::string(info.param.short_name());
}
INSTANTIATE_TEST_SUITE_P(Planted, MutantTest, testing::ValuesIn(Sample()), NameOf);

TEST(Mutants, TheSoundCoreHasNoCounterexample) {
  for (const char* version : {"v3", "v5"}) {
    const std::unique_ptr<Sut> sut = Loaded(std::string("core.") + version);
    const Shortest shortest = FindShortest(
        *sut, {.profile = On(version), .edges = static_cast<std::uint64_t>(Effort(800'000))});
    EXPECT_FALSE(shortest.found) << version << "\n" << PrintCounterexample(*shortest.found);
    EXPECT_GE(shortest.proved, 2u) << version;
  }
}

TEST(Mutants, WithoutTimeNothingIsFoundAndNothingProved) {
  const std::unique_ptr<Sut> sut = Loaded("mutant.d15");
  const Shortest shortest = FindShortest(*sut, {.profile = On("v3"), .deadline = Deadline::In(0)});
  EXPECT_TRUE(shortest.out_of_time);
  EXPECT_FALSE(shortest.found);
  EXPECT_EQ(shortest.proved, 0u);
  EXPECT_EQ(shortest.edges, 0u);
  EXPECT_FALSE(
      FindShortest(*sut, {.profile = On("v3"), .deadline = Deadline::In(3600)}).out_of_time);
}

TEST(Mutants, NamesAreUniqueAndEveryOneIsBuilt) {
  std::vector<std::string> names;
  for (const Mutant& mutant : Mutants()) {
    names.emplace_back(mutant.name);
    EXPECT_TRUE(std::holds_alternative<Module>(LoadSut(names.back()))) << mutant.name;
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

}  // namespace
}  // namespace holdfast
