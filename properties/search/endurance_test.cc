// Behaviour that turns at a count is found by the life that goes there, and its trace is a page.

#include "properties/search/endurance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/loaded_sut.h"
#include "properties/lockstep/lockstep.h"
#include "properties/lockstep/model_sut.h"
#include "properties/shrink/minimize.h"

namespace holdfast {
namespace {

using Memory = ModelSut::Memory;

TEST(Endurance, TheCoreConforms) {
  const std::unique_ptr<Sut> core = Loaded("core.v3");
  const EnduranceResult result = Endure(*core, {.profile = On("v3")});
  EXPECT_FALSE(result.counterexample) << PrintCounterexample(*result.counterexample);
  EXPECT_TRUE(result.finished);
  EXPECT_EQ(result.turns, result.total);
}

// Warns at the n-th call of the verb.
ModelSut Turning(Verb verb, std::uint64_t n) {
  return ModelSut(On("v3"), [=](const Command& command, Outcome& outcome, Memory& memory) {
    if (command.verb == verb && ++memory.hidden == n) outcome.warned = true;
  });
}

TEST(Endurance, ATurnAtTheNthCallIsFoundAndIsAPage) {
  for (const Verb verb : {Verb::kPreserveDevice, Verb::kUnpreserveDomain}) {
    for (const std::uint64_t n : {1'000u, 65'536u}) {
      ModelSut sut = Turning(verb, n);
      const EnduranceResult result = Endure(sut, {.profile = On("v3")});
      ASSERT_TRUE(result.counterexample) << n;
      Runner runner(sut);
      const Minimized minimized = Minimize(runner, *result.counterexample);
      const std::string trace = minimized.minimal_trace();
      EXPECT_LT(std::count(trace.begin(), trace.end(), '\n'), 16) << trace;
      EXPECT_NE(trace.find("repeat "), std::string::npos) << trace;
      EXPECT_TRUE(RunScenario(sut, minimized.minimal.scenario)) << trace;
    }
  }
}

TEST(Endurance, EndsAtItsDeadline) {
  ModelSut sut(On("v3"));
  const EnduranceResult result = Endure(sut, {.profile = On("v3"), .deadline = Deadline::In(0)});
  EXPECT_FALSE(result.finished);
  EXPECT_LT(result.turns, result.total);
}

}  // namespace
}  // namespace holdfast
