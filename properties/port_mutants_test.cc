// Each defect planted in a driver port is caught, by the rule that is named for it.

#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "properties/campaign.h"
#include "properties/counterexample.h"
#include "properties/loaded_sut.h"
#include "sut/ports/mutants/mutants.h"
#include "sut/runfiles.h"

namespace holdfast {

void PrintTo(const PortMutant& mutant, std::ostream* out) { *out << mutant.name; }

namespace {

class PortMutantTest : public testing::TestWithParam<PortMutant> {};

INSTANTIATE_TEST_SUITE_P(All, PortMutantTest, testing::ValuesIn(PortMutants().begin(), PortMutants().end()),
                         [](const auto& info) { return std::string(info.param.name.substr(info.param.name.find('.') + 1)); });

// Callers that keep the contract, and faults at every request of an op: nothing else is needed to bring them out.
TEST_P(PortMutantTest, IsCaughtByItsRule) {
  const PortMutant& mutant = GetParam();
  const std::unique_ptr<Sut> sut = Loaded(Runfile(std::string(mutant.file)));
  const CampaignResult result =
      RunCampaign(*sut, {.profile = On(std::string(mutant.profile)), .modes = {Mode::kContract}, .seed = 1, .cases = 20000});
  ASSERT_TRUE(result.divergence) << "not caught: " << mutant.planted;
  EXPECT_EQ(InfoOf(result.divergence->rule).id, InfoOf(mutant.rule).id)
      << mutant.planted << "\n" << Counterexample("port", result.scenario, *result.divergence);
}

}  // namespace
}  // namespace holdfast
