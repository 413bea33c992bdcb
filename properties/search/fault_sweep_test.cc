// Every fault at every pass of every call: the implementations fail as the profile says, the retry
// succeeds, and nothing is left.

#include <gtest/gtest.h>

#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/effort.h"
#include "properties/search/fault_sweep.h"
#include "properties/generate/generate.h"
#include "properties/lockstep/keeps_contract.h"
#include "properties/lockstep/loaded_sut.h"

namespace holdfast {
namespace {

FaultSweepResult ExpectClean(Sut& sut, const Scenario& base) {
  FaultSweepResult result = SweepFaults(sut, base);
  EXPECT_FALSE(result.counterexample) << PrintCounterexample(*result.counterexample);
  EXPECT_FALSE(result.unbounded);
  return result;
}

// A session from end to end: two domains, three devices, two of them behind one IOMMU.
Scenario Session(const Profile& profile) {
  Scenario session = {profile, MakeTopology(2, 3, 2), {}};
  session.commands = {
      PreserveFile(),       PreserveFile(),         PreserveDomain(0),      PreserveDomain(1),
      PreserveDevice(0, 0), PreserveDevice(0, 1),   PreserveDevice(0, 2),   UnpreserveDevice(0, 2),
      PreserveDevice(0, 2), UnpreserveDevice(0, 0), UnpreserveDevice(0, 1), UnpreserveDevice(0, 2),
      UnpreserveDomain(1),  UnpreserveDomain(0),    UnpreserveFile(),       UnpreserveFile()};
  return session;
}

// Through kexec and back.
Scenario Handover(const Profile& profile) {
  return {profile,
          MakeTopology(1, 2, 1),
          {PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0), PreserveDevice(0, 1), Freeze(),
           Kexec(), Retrieve(), Finish(), PreserveFile(), PreserveDomain(0), ClaimDmaOwner(0),
           Attach(0, 0), PreserveDevice(0, 0)}};
}

// A chain that grows over its first page, so that a preserve allocates.
Scenario FullPage(const Profile& profile) {
  Scenario scenario = {profile, MakeTopology(1, 1, 1), {PreserveFile(), PreserveDomain(0)}};
  for (std::uint32_t i = 0; i < profile.layout.hw_capacity(); ++i) {
    scenario.commands.push_back(PreserveDevice(0, 0));
    scenario.commands.push_back(UnpreserveDevice(0, 0));
  }
  scenario.commands.push_back(PreserveDevice(0, 0));
  return scenario;
}

class FaultSweep : public testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<Sut> sut_ = Loaded(std::string("core.") + GetParam());
  Profile profile_ = On(GetParam());
};

TEST_P(FaultSweep, SessionIsCleanAfterEveryFault) {
  const FaultSweepResult result = ExpectClean(*sut_, Session(profile_));
  // flb.preserve, kzalloc and 4 pages for the file; flb.get_outgoing for the other calls; the op of
  // each preserve.
  EXPECT_GT(result.fired, 20u);
}

TEST_P(FaultSweep, HandoverFailsAsTheProfileSays) {
  EXPECT_GT(ExpectClean(*sut_, Handover(profile_)).fired, 15u);
}

TEST_P(FaultSweep, FullPageIsCleanAfterEveryFault) {
  const FaultSweepResult result = ExpectClean(*sut_, FullPage(profile_));
  EXPECT_GT(
      result.coverage.CountOf({Verb::kPreserveDevice, Result::kInjected, FaultSite::kKhoAlloc}),
      0u);
}

TEST_P(FaultSweep, GeneratedScenariosAreCleanAfterEveryFault) {
  Cases cases(profile_, Mode::kContract, 3, 0, {.size = 25});
  int swept = 0;
  for (int i = 0; i < Effort(300); ++i) {
    Scenario scenario = cases.Next();
    for (Command& command : scenario.commands) command.fault = Fault();
    if (!KeepsContract(scenario)) continue;  // a fault had made the rest right
    ++swept;
    ExpectClean(*sut_, scenario);
    if (HasFailure()) return;
  }
  EXPECT_GT(swept, Effort(300) / 2);
}

INSTANTIATE_TEST_SUITE_P(Core, FaultSweep, testing::Values("v3", "v5"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace holdfast
