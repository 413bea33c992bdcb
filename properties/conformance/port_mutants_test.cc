// Each mutant of a driver port is caught, by the rule that its table names.

#include <cstdint>
#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "model/text/trace.h"
#include "properties/search/campaign.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/effort.h"
#include "properties/generate/generate.h"
#include "properties/lockstep/keeps_contract.h"
#include "properties/lockstep/loaded_sut.h"
#include "properties/lockstep/lockstep.h"
#include "properties/shrink/shortest.h"
#include "sut/mutants/mutants.h"
#include "sut/runfiles.h"

namespace holdfast {

void PrintTo(const Mutant& mutant, std::ostream* out) { *out << mutant.name; }

namespace {

class PortMutantTest : public testing::TestWithParam<Mutant> {};

INSTANTIATE_TEST_SUITE_P(All, PortMutantTest,
                         testing::ValuesIn(PortMutants().begin(), PortMutants().end()),
                         [](const auto& info) { return std::string(info.param.short_name()); });

// Callers that keep the contract, and faults at every request of an op: nothing else is needed to
// bring them out. What a campaign meets first may be a consequence further on, and is another one
// for another seed; of a few seeds some meet the defect itself.
TEST_P(PortMutantTest, IsCaughtFromAnySeedAndByItsRuleFromSome) {
  const Mutant& mutant = GetParam();
  const std::unique_ptr<Sut> sut = Loaded(Runfile(std::string(mutant.file)));
  std::string others;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const CampaignResult result = RunCampaign(*sut, {.profile = On(std::string(mutant.profile)),
                                                     .modes = {Mode::kContract},
                                                     .seed = seed,
                                                     .cases = 20000});
    ASSERT_TRUE(result.counterexample) << "not caught: " << mutant.planted;
    if (result.counterexample->divergence.rule == mutant.rule) return;
    others += PrintCounterexample(*result.counterexample);
  }
  ADD_FAILURE() << mutant.planted << ": never by " << InfoOf(mutant.rule).id << "\n" << others;
}

// The shortest there is is no caller's breach: a sound port does as it likes then.
TEST_P(PortMutantTest, HasAShortestCounterexampleThatKeepsTheContract) {
  const Mutant& mutant = GetParam();
  const std::unique_ptr<Sut> sut = Loaded(Runfile(std::string(mutant.file)));
  const Shortest shortest = FindShortest(*sut, {.profile = On(std::string(mutant.profile))});
  ASSERT_TRUE(shortest.found) << "not found: " << mutant.planted;
  const auto& [scenario, divergence] = *shortest.found;
  EXPECT_TRUE(KeepsContract(scenario)) << PrintScenario(scenario);
  EXPECT_EQ(InfoOf(divergence.rule).id, InfoOf(mutant.rule).id)
      << PrintCounterexample(*shortest.found);
  EXPECT_TRUE(RunScenario(*sut, scenario)) << "it does not show again";
}

class SoundPortTest : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(All, SoundPortTest,
                         testing::Values("vtd.legacy", "vtd.scalable", "vtd.first", "smmuv3.stage1",
                                         "smmuv3.substreams", "smmuv3.linear", "smmuv3.stage2"));

TEST_P(SoundPortTest, HasNoCounterexample) {
  const std::unique_ptr<Sut> sut = Loaded(std::string("port.") + GetParam());
  const Shortest shortest = FindShortest(
      *sut, {.profile = On(sut->profile()), .edges = static_cast<std::uint64_t>(Effort(100'000))});
  if (shortest.found) FAIL() << PrintCounterexample(*shortest.found);
  EXPECT_GE(shortest.proved, 2u);
}

}  // namespace
}  // namespace holdfast
