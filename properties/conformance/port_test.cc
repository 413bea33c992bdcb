// This project's driver ports conform, in every mode: handover and continuity included, with faults
// at every request of every op.
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "model/rules/contract.h"
#include "model/explore/world.h"
#include "properties/search/campaign.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/effort.h"
#include "properties/search/exhaustive.h"
#include "properties/search/fault_sweep.h"
#include "properties/conformance/three_kernels.h"
#include "properties/lockstep/loaded_sut.h"
#include "properties/search/product/product.h"

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
INSTANTIATE_TEST_SUITE_P(Vtd, PortTest, testing::Values("vtd.legacy", "vtd.scalable", "vtd.first"),
                         NameOf);
INSTANTIATE_TEST_SUITE_P(SmmuV3, PortTest,
                         testing::Values("smmuv3.stage1", "smmuv3.substreams", "smmuv3.linear",
                                         "smmuv3.stage2"),
                         NameOf);

TEST_P(PortTest, RandomCallersThatKeepTheContractConform) {
  const CampaignResult result =
      RunCampaign(*sut_, {.profile = profile_,
                          .modes = {Mode::kContract},
                          .seed = 1,
                          .cases = static_cast<std::uint64_t>(Effort(6000))});
  if (result.counterexample) FAIL() << PrintCounterexample(*result.counterexample);
  EXPECT_GT(result.tally.checked[static_cast<std::size_t>(Rule::kHandover)], 0u);
  EXPECT_GT(result.tally.checked[static_cast<std::size_t>(Rule::kContinuity)], 0u);
}

TEST_P(PortTest, EveryRequestOfEveryOpCanBeDeniedAcrossKexecs) {
  const FaultSweepResult result = SweepFaults(*sut_, Generations(profile_));
  if (result.counterexample) FAIL() << PrintCounterexample(*result.counterexample);
  EXPECT_FALSE(result.unbounded);
  EXPECT_GT(result.fired, 200u);
}

// Every sequence that keeps the contract in the small worlds, the handover among them.
TEST_P(PortTest, EveryShortSequenceConforms) {
  for (SmallWorld world : {OneIommuWorld(), TwoIommuWorld(), HandoverWorld()}) {
    world.depth = 4;
    for (Command command : std::vector<Command>(world.alphabet)) {
      if (!command.fault.armed()) continue;
      command.fault.depth = 2;
      world.alphabet.push_back(command);
    }
    const ExhaustiveResult result = Exhaust(
        *sut_, {.profile = profile_, .world = world, .contract_only = true, .teardown = true});
    if (result.counterexample) FAIL() << PrintCounterexample(*result.counterexample);
    EXPECT_EQ(result.depth, world.depth);
  }
}

// Where the core answers for a breach of the contract, no harm comes of it to a port. It does not
// for C4, nor in v3 for C2: pages are preserved twice there, or unpreserved under a device
// (docs/decisions/ports.md, 64).
TEST_P(PortTest, EveryMemoryConformsOfCallersWhomTheCoreStops) {
  const auto bits = [](auto... clauses) {
    return static_cast<Breaches>((BreachBit(clauses) | ...));
  };
  const Breaches in_v5 = profile_.name == "v5" ? BreachBit(Clause::kC2) : Breaches{0};
  const Breaches any = bits(Clause::kC1, Clause::kC3, Clause::kC5, Clause::kC7) | in_v5;
  const Aspects aspects = AspectBit(Aspect::kAttach) | AspectBit(Aspect::kFaults);
  const auto owned = [&](int devices, int domains) {
    return MakeWorld({.devices = devices, .iommus = 1, .domains = domains},
                     aspects | AspectBit(Aspect::kOwners), any);
  };
  std::vector<World> worlds = {MakeWorld({.devices = 1, .iommus = 1, .domains = 1},
                                         aspects | AspectBit(Aspect::kHandover),
                                         bits(Clause::kC3, Clause::kC6, Clause::kC7))};
  if (Effort(10) == 10) {
    worlds.push_back(owned(2, 2));
  } else {
    // The two have the calls and the outcomes of the larger world, and a twentieth of its edges.
    worlds.push_back(owned(2, 1));
    worlds.push_back(owned(1, 2));
  }
  for (const World& world : worlds) {
    const ProductResult result = ExploreProduct(
        *sut_, {.profile = profile_, .world = world, .recorder = nullptr, .progress = {}});
    if (result.counterexample) FAIL() << PrintCounterexample(*result.counterexample);
    EXPECT_EQ(result.ending, ProductResult::Ending::kComplete);
    EXPECT_FALSE(result.hazards.List().empty());
  }
}

// Every memory of two small worlds, sequences of any length, with each request of each op and of
// each take-over denied; the second world goes through any number of kexecs.
TEST_P(PortTest, EveryMemoryOfASmallWorldConforms) {
  const bool all = Effort(10) == 10;
  const World worlds[] = {MakeWorld({.devices = all ? 3 : 2, .iommus = all ? 2 : 1, .domains = 2}),
                          MakeWorld({.devices = 1, .iommus = 1, .domains = 1},
                                    AspectBit(Aspect::kAttach) | AspectBit(Aspect::kFaults) |
                                        AspectBit(Aspect::kHandover))};
  for (const World& world : worlds) {
    const ProductResult result = ExploreProduct(
        *sut_, {.profile = profile_, .world = world, .recorder = nullptr, .progress = {}});
    if (result.counterexample) FAIL() << PrintCounterexample(*result.counterexample);
    EXPECT_EQ(result.ending, ProductResult::Ending::kComplete);
    EXPECT_GT(result.faults, 1000u);
    EXPECT_LT(result.states, 10 * result.model_states)
        << "memory that names pages by their number never ends";
  }
}

}  // namespace
}  // namespace holdfast
