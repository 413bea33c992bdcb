// Every sequence up to a depth over small worlds: the implementations conform, and the counts are
// pinned, so that a search that silently leaves something out is seen.

#include <algorithm>

#include <gtest/gtest.h>

#include "model/text/trace.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/effort.h"
#include "properties/search/exhaustive.h"
#include "properties/lockstep/loaded_sut.h"
#include "properties/lockstep/model_sut.h"

namespace holdfast {
namespace {

ExhaustiveOptions At(const Profile& profile, SmallWorld world, int depth) {
  world.depth = depth;
  return {.profile = profile, .world = std::move(world)};
}

ExhaustiveResult ExpectConforms(Sut& sut, const ExhaustiveOptions& options) {
  ExhaustiveResult result = Exhaust(sut, options);
  EXPECT_FALSE(result.counterexample) << PrintCounterexample(*result.counterexample);
  EXPECT_EQ(result.depth, options.world.depth);
  return result;
}

constexpr int kDepth = kSanitized || !kOptimized ? 4 : 5;

TEST(Exhaustive, CoreV3ConformsOverSmallWorlds) {
  const std::unique_ptr<Sut> sut = Loaded("core.v3");
  // most sequences end early, in the missing FLB
  ExpectConforms(*sut, At(On("v3"), OneIommuWorld(), kDepth + 1));
  ExpectConforms(*sut, At(On("v3"), TwoIommuWorld(), kDepth + 1));
  ExpectConforms(*sut, At(On("v3"), HandoverWorld(), kDepth));
}

TEST(Exhaustive, CoreV5ConformsOverSmallWorlds) {
  const std::unique_ptr<Sut> sut = Loaded("core.v5");
  ExpectConforms(*sut, At(On("v5"), OneIommuWorld(), kDepth));
  ExpectConforms(*sut, At(On("v5"), TwoIommuWorld(), kDepth));
  ExpectConforms(*sut, At(On("v5"), HandoverWorld(), kDepth));
}

TEST(Exhaustive, CountsAreTheModels) {
  for (const char* version : {"v3", "v5"}) {
    ModelSut model(On(version));
    const std::unique_ptr<Sut> core = Loaded(std::string("core.") + version);
    for (const SmallWorld& world : {OneIommuWorld(), TwoIommuWorld(), HandoverWorld()}) {
      const ExhaustiveOptions options = At(On(version), world, kDepth - 1);
      const ExhaustiveResult expected = ExpectConforms(model, options);
      const ExhaustiveResult found = ExpectConforms(*core, options);
      EXPECT_EQ(found.sequences, expected.sequences);
      EXPECT_EQ(found.coverage.Seen(), expected.coverage.Seen());
    }
  }
}

TEST(Exhaustive, SequencesArePinned) {
  ModelSut v3(On("v3")), v5(On("v5"));
  EXPECT_EQ(Exhaust(v3, At(On("v3"), OneIommuWorld(), 5)).sequences, 70590u);
  EXPECT_EQ(Exhaust(v3, At(On("v3"), HandoverWorld(), 4)).sequences, 38318u);
  EXPECT_EQ(Exhaust(v5, At(On("v5"), OneIommuWorld(), 4)).sequences, 54240u);
}

// Nothing is broken, hazards apart, after whatever sequence has kept the contract: teardown after
// every one of them.
TEST(Exhaustive, EverySequenceTearsDownClean) {
  for (const char* version : {"v3", "v5"}) {
    const std::unique_ptr<Sut> sut = Loaded(std::string("core.") + version);
    ExhaustiveOptions options = At(On(version), OneIommuWorld(), kDepth - 1);
    options.teardown = true;
    ExpectConforms(*sut, options);
  }
}

TEST(Exhaustive, HazardsComeWithTheirShortestSequence) {
  const std::unique_ptr<Sut> sut = Loaded("core.v3");
  const std::vector<Hazard> hazards =
      ExpectConforms(*sut, At(On("v3"), OneIommuWorld(), 4)).hazards.List();
  const auto shortest = [&](Rule rule, Clause clause) {
    const auto found = std::find_if(hazards.begin(), hazards.end(), [&](const Hazard& hazard) {
      return hazard.rule == rule && hazard.clauses == BreachBit(clause);
    });
    return found == hazards.end() ? std::vector<Command>() : found->scenario.commands;
  };
  EXPECT_EQ(
      shortest(Rule::kUnique, Clause::kC2),
      (std::vector{PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0), PreserveDevice(0, 0)}));
  EXPECT_EQ(shortest(Rule::kPages, Clause::kC2),
            (std::vector{PreserveFile(), PreserveDomain(0), PreserveDomain(0)}));
  EXPECT_EQ(shortest(Rule::kNoGhosts, Clause::kC4),
            (std::vector{PreserveFile(), PreserveDomain(0), UnpreserveFile()}));
  EXPECT_EQ(shortest(Rule::kQuiet, Clause::kC7), (std::vector{PreserveDomain(0)}));
}

// A defect in hidden state, like D1: the failed call leaves the observed state as it should be, and
// the next call trips. A search that prunes on the model's state stops before it.
TEST(Exhaustive, HiddenStateIsFoundByAShortestSequence) {
  ModelSut sut(On("v3"), [](const Command& command, Outcome& outcome, ModelSut::Memory& memory) {
    if (command.fault.site == FaultSite::kIommuPreserve && outcome.fault_fired) memory.hidden = 1;
    if (memory.hidden == 1 && command.verb == Verb::kPreserveDevice && outcome.call_count == 2) {
      ++memory.state.flb.iommus.back().ref_count;
    }
  });
  const ExhaustiveResult result = Exhaust(sut, At(On("v3"), OneIommuWorld(), 5));
  ASSERT_TRUE(result.counterexample);
  EXPECT_EQ(result.counterexample->divergence.rule, Rule::kCounted);
  EXPECT_EQ(result.counterexample->scenario.commands.size(), 4u)
      << PrintScenario(result.counterexample->scenario);
}

TEST(Exhaustive, ADeadlineStopsIt) {
  ModelSut sut(On("v5"));
  ExhaustiveOptions options = At(On("v5"), OneIommuWorld(), 8);
  options.deadline = Deadline::In(0.1);
  const ExhaustiveResult result = Exhaust(sut, options);
  EXPECT_FALSE(result.finished);
  EXPECT_GT(result.sequences, 0u);
  EXPECT_LT(result.sequences, result.total);
  EXPECT_LT(result.depth, 8);
  EXPECT_FALSE(result.counterexample);
}

}  // namespace
}  // namespace holdfast
