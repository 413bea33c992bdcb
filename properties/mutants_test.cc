// Detection power: every planted defect (sut/mutants) is caught, from any seed, by a rule that is named for it, in a trace that a
// person can read.

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "properties/campaign.h"
#include "properties/conformance.h"
#include "properties/counterexample.h"
#include "properties/effort.h"
#include "properties/exhaustive.h"
#include "properties/loaded_sut.h"

namespace holdfast {
namespace {

struct Mutant {
  const char* name;
  const char* profile;
  std::vector<Rule> rules;  // one of them must be the headline (sut/mutants/mutants.bzl, spec/defects.md)
  std::size_t commands;     // of the shrunk trace, at most
};

void PrintTo(const Mutant& mutant, std::ostream* stream) { *stream << mutant.name; }

const std::vector<Mutant>& Mutants() {
  static const std::vector<Mutant> mutants = {
      {"mutant.d1", "v3", {Rule::kHeld, Rule::kCounted, Rule::kPaired}, 3},
      {"mutant.d2", "v5", {Rule::kCounted, Rule::kUnique}, 4},
      {"mutant.d6", "v3", {Rule::kCounted, Rule::kPaired}, 4},
      {"mutant.d7", "v3", {Rule::kClosed}, 2},
      {"mutant.d15", "v3", {Rule::kCounted}, 3},
  };
  return mutants;
}

// It takes a page full of commands: beyond the search's depth, and long to shrink.
const std::vector<Mutant>& MutantsOfAFullPage() {
  static const std::vector<Mutant> mutants = {{"mutant.d8", "v3", {Rule::kAtomic, Rule::kAppendOnly}, 0}};
  return mutants;
}

class MutantTest : public testing::TestWithParam<Mutant> {
 protected:
  void ExpectNamed(const Scenario& scenario, const Divergence& divergence) const {
    const std::vector<Rule>& rules = GetParam().rules;
    EXPECT_NE(std::find(rules.begin(), rules.end(), divergence.rule), rules.end()) << Describe(scenario, divergence);
  }
  std::unique_ptr<Sut> sut_ = Loaded(GetParam().name);
  Profile profile_ = On(GetParam().profile);
};

TEST_P(MutantTest, IsCaughtByItsRuleAndShrunk) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    // What only a breach of contract brings out is for the hostile cases to find.
    auto shrunk = FindDivergence(*sut_, profile_, Mode::kContract, Effort(4000), GetParam().name, seed);
    if (!shrunk) shrunk = FindDivergence(*sut_, profile_, Mode::kHostile, Effort(4000), GetParam().name, seed);
    ASSERT_TRUE(shrunk) << "seed " << seed << " does not catch it";
    ExpectNamed(shrunk->scenario, shrunk->divergence);
    EXPECT_LE(shrunk->scenario.commands.size(), GetParam().commands) << shrunk->text;
  }
}

class AnyMutantTest : public MutantTest {};

TEST_P(AnyMutantTest, IsCaughtByACampaign) {
  const CampaignResult result = RunCampaign(*sut_, {.profile = profile_, .seed = 11, .cases = 20000});
  ASSERT_TRUE(result.divergence);
  // Not shrunk, a hostile case may break other rules besides; what takes a full page is named here, because it is not shrunk.
  if (GetParam().commands == 0) ExpectNamed(result.scenario, *result.divergence);
  // Case by number: the campaign's scenario is the case that it names, cut off at the divergence.
  const Mode mode = ModeOfCase({.profile = profile_}, result.case_index);
  const Scenario whole = GenerateScenario(profile_, mode, 11, result.case_index);
  ASSERT_LE(result.scenario.commands.size(), whole.commands.size());
  EXPECT_TRUE(std::equal(result.scenario.commands.begin(), result.scenario.commands.end(), whole.commands.begin()));
}

TEST_P(MutantTest, IsCaughtByTheSearch) {
  ExhaustiveOptions options = {.profile = profile_, .world = OneIommuWorld()};
  options.world.depth = 4;
  const ExhaustiveResult result = Exhaust(*sut_, options);
  ASSERT_TRUE(result.divergence);
  ExpectNamed(result.scenario, *result.divergence);
  // By iterative deepening the shortest there is; shrinking must have ended no shorter, and here ends the same.
  EXPECT_LE(result.scenario.commands.size(), GetParam().commands) << TraceText(result.scenario);
}

std::string NameOf(const testing::TestParamInfo<Mutant>& info) {
  return std::string(info.param.name).substr(std::string("mutant.").size());
}
INSTANTIATE_TEST_SUITE_P(Planted, MutantTest, testing::ValuesIn(Mutants()), NameOf);
INSTANTIATE_TEST_SUITE_P(Planted, AnyMutantTest, testing::ValuesIn(Mutants()), NameOf);
INSTANTIATE_TEST_SUITE_P(PlantedAtTheBoundary, AnyMutantTest, testing::ValuesIn(MutantsOfAFullPage()), NameOf);

TEST(MutantTable, IsWhatIsShipped) {
  std::vector<std::string> shipped, listed;
  for (const BuiltinSut& sut : BuiltinSuts()) {
    if (sut.name.starts_with("mutant.")) shipped.push_back(sut.name);
  }
  for (const auto* mutants : {&Mutants(), &MutantsOfAFullPage()}) {
    for (const Mutant& mutant : *mutants) listed.push_back(mutant.name);
  }
  std::sort(listed.begin(), listed.end());
  std::sort(shipped.begin(), shipped.end());
  EXPECT_EQ(listed, shipped);
}

}  // namespace
}  // namespace holdfast
