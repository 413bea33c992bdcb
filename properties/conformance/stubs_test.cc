// With CONFIG_IOMMU_LIVEUPDATE off the stubs answer, whatever the orchestrator.

#include <gtest/gtest.h>

#include "properties/conformance/conformance.h"
#include "properties/lockstep/effort.h"
#include "properties/lockstep/loaded_sut.h"

namespace holdfast {
namespace {

constexpr Luo kEveryLuo[] = {Luo::kOff, Luo::kStageA, Luo::kStageB, Luo::kStageC};

TEST(Stubs, ConformOnEveryOrchestrator) {
  const std::unique_ptr<Sut> sut = Loaded("stubs");
  for (const Luo luo : kEveryLuo) {
    for (const Mode mode : {Mode::kContract, Mode::kHostile}) {
      const auto shrunk = FindDivergence(*sut, On("off", luo), mode, Effort(1000));
      EXPECT_FALSE(shrunk) << PrintCounterexample(shrunk->minimal);
    }
  }
}

TEST(Stubs, PreserveIsRefusedUnpreserveIsSilentQueriesAreNull) {
  const std::unique_ptr<Sut> sut = Loaded("stubs");
  sut->Reset(MakeTopology(1, 1, 1), Luo::kStageA);
  const auto run = [&](const Command& command) {
    Outcome outcome;
    sut->Run(command, outcome);
    return outcome;
  };
  EXPECT_EQ(run(PreserveDomain(0)).error, -EOPNOTSUPP);
  EXPECT_EQ(run(PreserveDevice(0, 0)).error, -EOPNOTSUPP);
  for (const Command& command : {UnpreserveDomain(0), UnpreserveDevice(0, 0)}) {
    const Outcome outcome = run(command);
    EXPECT_EQ(outcome.kind, Outcome::Kind::kVoid);
    EXPECT_FALSE(outcome.warned);
  }
  EXPECT_EQ(run(ForEachDev(0)).call_count, 1);  // iommu_for_each_dev is not behind the option
  Observation observation;
  sut->Observe(observation);
  EXPECT_EQ(observation.queries.device[0], kNull);
  EXPECT_EQ(observation.queries.iommu[0], kNull);
}

}  // namespace
}  // namespace holdfast
