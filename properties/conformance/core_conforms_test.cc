// Each profile's own implementation conforms on every sequence that keeps the caller's contract.

#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "model/text/trace.h"
#include "properties/generate/generate.h"
#include "properties/lockstep/counterexample.h"
#include "properties/search/campaign.h"
#include "properties/conformance/conformance.h"
#include "properties/lockstep/effort.h"
#include "properties/lockstep/loaded_sut.h"

namespace holdfast {
namespace {

void ExpectConforms(const std::string& sut_name, const Profile& profile) {
  const std::unique_ptr<Sut> sut = Loaded(sut_name);
  const auto shrunk = FindDivergence(*sut, profile, Mode::kContract, Effort(3000));
  EXPECT_FALSE(shrunk) << PrintCounterexample(shrunk->minimal);
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
    ASSERT_FALSE(result.counterexample) << PrintCounterexample(*result.counterexample);
    EXPECT_TRUE(result.hazards.List().empty());
    for (const RuleInfo& rule : Rules()) {
      if (rule.rule == Rule::kContinuity) continue;  // no hardware
      EXPECT_GT(result.tally.checked[static_cast<std::size_t>(rule.rule)], 0u) << rule.id;
    }
  }
}

// The outcome of each command, and the last state.
using Behaviour = std::pair<std::vector<Outcome>, State>;

Behaviour BehaviourOf(Sut& sut, const Scenario& scenario) {
  Behaviour behaviour;
  sut.Reset(scenario.topology, scenario.profile.luo);
  for (const Command& command : scenario.commands) sut.Run(command, behaviour.first.emplace_back());
  Observation observation;
  sut.Observe(observation);
  behaviour.second = observation.state;
  return behaviour;
}

// Each case again, after all the others: an implementation that remembers anything over a Reset
// differs, in whatever the model does not say too.
TEST(CoreConforms, RunsAreRepeatable) {
  const std::unique_ptr<Sut> sut = Loaded("core.v3");
  for (const Mode mode : {Mode::kContract, Mode::kHostile}) {
    Cases cases(On("v3"), mode, 7);
    std::vector<std::pair<Scenario, Behaviour>> first;
    for (int i = 0; i < Effort(3000); ++i) {
      Scenario scenario = cases.Next();
      Behaviour behaviour = BehaviourOf(*sut, scenario);
      first.emplace_back(std::move(scenario), std::move(behaviour));
    }
    for (const auto& [scenario, behaviour] : first)
      ASSERT_TRUE(BehaviourOf(*sut, scenario) == behaviour) << PrintScenario(scenario);
  }
}

}  // namespace
}  // namespace holdfast
