// Each profile's own implementation conforms on every sequence that keeps the caller's contract.

#include <gtest/gtest.h>

#include "properties/search/campaign.h"
#include "properties/conformance/conformance.h"
#include "properties/shrink/counterexample.h"
#include "properties/lockstep/effort.h"
#include "properties/lockstep/loaded_sut.h"

namespace holdfast {
namespace {

void ExpectConforms(const std::string& sut_name, const Profile& profile) {
  const std::unique_ptr<Sut> sut = Loaded(sut_name);
  const auto shrunk =
      FindDivergence(*sut, profile, Mode::kContract, Effort(3000), sut_name + ".contract");
  EXPECT_FALSE(shrunk) << shrunk->text;
}

TEST(CoreConforms, CoreV3ConformsOnStageA) { ExpectConforms("core.v3", On("v3")); }
TEST(CoreConforms, CoreV3ConformsOnStageB) { ExpectConforms("core.v3", On("v3", Luo::kStageB)); }
TEST(CoreConforms, CoreV3ConformsWithoutLiveUpdate) {
  ExpectConforms("core.v3", On("v3", Luo::kOff));
}
TEST(CoreConforms, CoreV5ConformsOnStageC) { ExpectConforms("core.v5", On("v5")); }
TEST(CoreConforms, CoreV5ConformsWithoutLiveUpdate) {
  ExpectConforms("core.v5", On("v5", Luo::kOff));
}

// On a sequence that keeps the contract every rule is owed, so there is nothing to call a hazard;
// and every rule that can be asked is asked.
TEST(CoreConforms, NoHazardOnAContractSequence) {
  for (const char* version : {"v3", "v5"}) {
    const std::unique_ptr<Sut> sut = Loaded(std::string("core.") + version);
    const CampaignResult result =
        RunCampaign(*sut, {.profile = On(version),
                           .modes = {Mode::kContract},
                           .cases = static_cast<std::uint64_t>(Effort(20000))});
    ASSERT_FALSE(result.divergence)
        << Counterexample("contract", result.scenario, *result.divergence);
    EXPECT_TRUE(result.hazards.List().empty());
    for (const RuleInfo& rule : Rules()) {
      if (rule.rule == Rule::kContinuity) continue;  // no hardware
      EXPECT_GT(result.tally.checked[static_cast<std::size_t>(rule.rule)], 0u) << rule.id;
    }
  }
}

// The same cases twice: an implementation that remembers anything over a Reset would differ.
TEST(CoreConforms, RunsAreRepeatable) {
  const std::unique_ptr<Sut> sut = Loaded("core.v3");
  const CampaignOptions options = {
      .profile = On("v3"), .seed = 7, .cases = static_cast<std::uint64_t>(Effort(3000))};
  const CampaignResult first = RunCampaign(*sut, options);
  const CampaignResult second = RunCampaign(*sut, options);
  EXPECT_EQ(first.tally.commands, second.tally.commands);
  EXPECT_EQ(first.tally.checked, second.tally.checked);
}

}  // namespace
}  // namespace holdfast
