// A count is reached by the cheapest turn.
#include "properties/shrink/pumped.h"

#include <gtest/gtest.h>

#include <optional>

#include "properties/lockstep/keeps_contract.h"
#include "properties/lockstep/lockstep.h"
#include "properties/lockstep/model_sut.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kTurnsAt = 40;

Profile V3() { return *FindProfile("v3"); }

// The model, which warns at the 40th preserve_device that `counts` takes for one.
ModelSut Counting(bool (*counts)(const Outcome&)) {
  return ModelSut(
      V3(), [counts](const Command& command, Outcome& outcome, ModelSut::Memory& memory) {
        if (command.verb != Verb::kPreserveDevice || outcome.crashed() || !counts(outcome)) return;
        if (++memory.hidden == kTurnsAt) outcome.warned = true;
      });
}
bool IsSuccess(const Outcome& outcome) { return outcome.error == 0; }
bool IsAny(const Outcome&) { return true; }

// Preserved and unpreserved, again and again: 81 calls.
Counterexample Found(Sut& sut) {
  Scenario scenario = {V3(), MakeTopology(1, 1, 1), {PreserveFile(), PreserveDomain(0)}};
  for (std::uint64_t i = 1; i < kTurnsAt; ++i) {
    scenario.commands.push_back(PreserveDevice(0, 0));
    scenario.commands.push_back(UnpreserveDevice(0, 0));
  }
  scenario.commands.push_back(PreserveDevice(0, 0));
  const std::optional<Divergence> divergence = RunScenario(sut, scenario);
  EXPECT_TRUE(divergence);
  return {scenario, divergence.value_or(Divergence())};
}

std::size_t Shortest(Sut& sut, const Counterexample& found) {
  const Pumped pumped = SearchTurns(sut, {.profile = V3(), .edges = 2'000'000}, found);
  EXPECT_TRUE(pumped.finished);
  if (!pumped.shorter) return 0;
  const auto& [scenario, divergence] = *pumped.shorter;
  EXPECT_TRUE(KeepsContract(scenario));
  EXPECT_EQ(divergence.rule, found.divergence.rule);
  EXPECT_TRUE(RunScenario(sut, scenario)) << "it does not show when it is run alone";
  return scenario.commands.size();
}

TEST(Pumped, ManyDevicesAtOnceAreCheaper) {
  ModelSut sut = Counting(IsSuccess);
  const Counterexample found = Found(sut);
  ASSERT_EQ(found.scenario.commands.size(), 81u);
  // A file, a domain, twice 16 devices there and back, and eight more.
  EXPECT_EQ(Shortest(sut, found), 2u + 32 + 32 + 8);
}

TEST(Pumped, CallsThatFailCountAsWell) {
  ModelSut sut = Counting(IsAny);
  const Counterexample found = Found(sut);
  EXPECT_LE(Shortest(sut, found), 2u + kTurnsAt);
}

TEST(Pumped, NothingIsFoundWhereNothingIsCheaper) {
  ModelSut sut = Counting(IsAny);
  Counterexample found = Found(sut);
  found.scenario.commands.resize(20);
  EXPECT_EQ(Shortest(sut, found), 0u);
}

}  // namespace
}  // namespace holdfast
