// Every outcome that the specification allows is witnessed by the generators, and no other is seen:
// the suite is neither blind nor wrong about what there is to see.

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "model/text/text.h"
#include "properties/search/campaign.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/loaded_sut.h"
#include "properties/lockstep/model_sut.h"

namespace holdfast {
namespace {

// Runs cases until every allowed outcome was witnessed; most are within a few hundred, the rare
// ones within a few thousand.
constexpr std::uint64_t kBatch = 500;
constexpr std::uint64_t kMaxCases = 20000;

void ExpectAllWitnessed(Sut& sut, const Profile& profile) {
  for (const Mode mode : {Mode::kContract, Mode::kHostile}) {
    SCOPED_TRACE(PrintProfile(profile) + ", " + std::string(ModeName(mode)));
    const std::vector<Witness> allowed = AllowedWitnesses(profile, mode);
    Coverage coverage;
    CampaignOptions options = {.profile = profile, .modes = {mode}, .cases = kBatch};
    while (options.first_case < kMaxCases && !coverage.Missing(allowed).empty()) {
      const CampaignResult result = RunCampaign(sut, options);
      ASSERT_FALSE(result.counterexample) << PrintCounterexample(*result.counterexample);
      coverage.Add(result.coverage[static_cast<std::size_t>(mode)]);
      options.first_case += kBatch;
    }
    for (const Witness& witness : coverage.Missing(allowed))
      ADD_FAILURE() << "never seen: " << PrintWitness(witness);
    for (const Witness& witness : coverage.Unexpected(allowed))
      ADD_FAILURE() << "not allowed: " << PrintWitness(witness);
    testing::Test::RecordProperty(PrintProfile(profile) + " " + std::string(ModeName(mode)),
                                  static_cast<int>(options.first_case));
  }
}

TEST(Coverage, CoreV3WitnessesEveryOutcomeOnStageA) {
  ExpectAllWitnessed(*Loaded("core.v3"), On("v3"));
}
TEST(Coverage, CoreV5WitnessesEveryOutcomeOnStageC) {
  ExpectAllWitnessed(*Loaded("core.v5"), On("v5"));
}

// The other orchestrators. Where a profile breaks a rule at its first call (pairing_test), there is
// nothing to cover.
TEST(Coverage, ModelWitnessesEveryOutcomeOnTheOthers) {
  for (const auto& [name, luo] : {std::pair("v3", Luo::kStageB), std::pair("v3", Luo::kOff),
                                  std::pair("v5", Luo::kOff), std::pair("off", Luo::kOff),
                                  std::pair("off", Luo::kStageA), std::pair("off", Luo::kStageC)}) {
    ModelSut sut(On(name));
    ExpectAllWitnessed(sut, On(name, luo));
  }
}

TEST(Coverage, ModelWitnessesEveryOutcomeOfAVersionBetween) {
  for (const char* answers :
       {"v3 checks-flb", "v3 double-device=-EINVAL double-domain=-EINVAL checks-group checks-iommu",
        "v3 checks-flb quiet-unpreserve-device quiet-unpreserve-domain",
        "v3 double-device=-EBUSY double-device-by-pointer puts-flb quiet-unpreserve-domain luo=C",
        "v5 no-singleton-groups quiet-unpreserve-device"}) {
    const Profile profile = std::get<Profile>(ParseProfile(answers));
    ModelSut sut(profile);
    ExpectAllWitnessed(sut, profile);
  }
}

TEST(Coverage, WhatIsNotRunIsMissing) {
  const std::vector<Witness> allowed = AllowedWitnesses(On("v3"), Mode::kHostile);
  Coverage coverage;
  EXPECT_EQ(coverage.Missing(allowed), allowed);
  Outcome outcome;
  outcome.kind = Outcome::Kind::kReturned;
  outcome.error = -EIO;
  coverage.Add(Freeze(), outcome);  // freeze does not fail
  EXPECT_EQ(coverage.Unexpected(allowed),
            (std::vector<Witness>{{Verb::kFreeze, Result::kOther, FaultSite::kNone}}));
}

}  // namespace
}  // namespace holdfast
