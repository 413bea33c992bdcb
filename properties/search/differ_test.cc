// The search for a difference: each planted one is found, at its shortest, and no other.

#include "properties/search/differ.h"

#include <array>
#include <memory>

#include <gtest/gtest.h>

#include "model/text/text.h"
#include "properties/lockstep/loaded_sut.h"
#include "properties/lockstep/model_sut.h"

namespace holdfast {
namespace {

using Ending = DifferResult::Ending;

DifferOptions In(const WorldSize& size, Breaches callers = 0,
                 Aspects aspects = kDefaultAspects | AspectBit(Aspect::kHandover)) {
  return {.world = MakeWorld(size, aspects, callers), .luo = {}};
}

// Each on the orchestrator of its own version.
DifferResult Find(Sut& a, Sut& b, DifferOptions options) {
  for (const Sut* sut : {&a, &b}) options.luo.push_back(On(sut->profile()).luo);
  return FindDifference(std::array{&a, &b}, options);
}

// The model's memory is its state. The core has other memory.
TEST(Differ, ACoreAgreesWithTheModel) {
  const std::unique_ptr<Sut> core = Loaded("core.v3");
  ModelSut model(On("v3"));
  const DifferResult result = Find(model, *core, In({1, 1, 1}));
  EXPECT_EQ(result.ending, Ending::kAgree);
  EXPECT_TRUE(result.canonical);
  EXPECT_GT(result.states, 100u);
  EXPECT_GT(result.calls, result.states);
}

TEST(Differ, VersionsDifferInTheFirstAnswerThatTellsThemApart) {
  const std::unique_ptr<Sut> a = Loaded("core.v3"), b = Loaded("core.v5");
  const DifferResult result = Find(*a, *b, In({1, 1, 1}, kHostile));
  ASSERT_EQ(result.ending, Ending::kDiffer);
  EXPECT_EQ(result.difference->commands.size(), 1u);  // a crash, and -ENOENT
}

// Each transition in turn gets another answer. The sequence found ends with that transition, and is
// no longer than the way to it.
TEST(Differ, EachOtherAnswerIsFound) {
  int planted = 0;
  ModelSut model(On("v3"));
  for (const Command& command : Alphabet(In({1, 1, 1}).world)) {
    if (command.fault.armed()) continue;
    bool met = false;
    ModelSut other(On("v3"), [&](const Command& now, Outcome& outcome, ModelSut::Memory&) {
      if (!(now == command) || outcome.crashed()) return;
      met = true;
      outcome.warned = !outcome.warned;
    });
    const DifferResult result = Find(model, other, In({1, 1, 1}));
    EXPECT_EQ(result.ending, met ? Ending::kDiffer : Ending::kAgree) << PrintCommand(command);
    if (!met) continue;
    ++planted;
    EXPECT_EQ(result.difference->commands.back(), command);
    EXPECT_LE(result.difference->commands.size(), 7u) << PrintCommand(command);
  }
  EXPECT_GT(planted, 10);
}

TEST(Differ, ATimeThatIsOverIsSaid) {
  const std::unique_ptr<Sut> core = Loaded("core.v3");
  ModelSut model(On("v3"));
  DifferOptions options = In({2, 2, 2});
  options.deadline = Deadline::In(0);
  EXPECT_EQ(Find(*core, model, options).ending, Ending::kUnfinished);
  options.deadline = {};
  options.max_states = 100;
  const DifferResult result = Find(*core, model, options);
  EXPECT_EQ(result.ending, Ending::kUnfinished);
  EXPECT_FALSE(result.difference);
}

}  // namespace
}  // namespace holdfast
