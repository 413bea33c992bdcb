// This project's driver ports conform, in every mode: handover and continuity included, with faults at every request of every op.
#include <string>

#include <gtest/gtest.h>

#include "properties/campaign.h"
#include "properties/counterexample.h"
#include "properties/effort.h"
#include "properties/exhaustive.h"
#include "properties/fault_sweep.h"
#include "properties/loaded_sut.h"

namespace holdfast {
namespace {

class PortTest : public testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<Sut> sut_ = Loaded(std::string("port.") + GetParam());
  Profile profile_ = On(sut_->profile());
};
std::string NameOf(const testing::TestParamInfo<const char*>& info) {
  std::string name(info.param);
  for (char& c : name) c = c == '.' ? '_' : c;
  return name;
}
INSTANTIATE_TEST_SUITE_P(Vtd, PortTest, testing::Values("vtd.legacy", "vtd.scalable", "vtd.first"), NameOf);
INSTANTIATE_TEST_SUITE_P(SmmuV3, PortTest, testing::Values("smmuv3.stage1", "smmuv3.substreams", "smmuv3.stage2"), NameOf);

TEST_P(PortTest, RandomCallersThatKeepTheContractConform) {
  const CampaignResult result =
      RunCampaign(*sut_, {.profile = profile_, .modes = {Mode::kContract}, .seed = 1, .cases = static_cast<std::uint64_t>(Effort(20000))});
  if (result.divergence) FAIL() << TraceText(result.scenario) << Describe(result.scenario, *result.divergence);
}

}  // namespace
}  // namespace holdfast
