// An implementation that counts is searched to the end. Behaviour that turns at a count is found. A
// count on which behaviour depends is no counter.

#include "properties/search/product/counters.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/loaded_sut.h"
#include "properties/lockstep/lockstep.h"
#include "properties/lockstep/model_sut.h"
#include "properties/search/product/product.h"

namespace holdfast {
namespace {

using Ending = ProductResult::Ending;
using Memory = ModelSut::Memory;

const World kSmall = MakeWorld({1, 1, 1}, 0);

std::size_t FieldsOf(Sut& sut, const World& world) {
  return Counters(sut, On("v3"), world).fields();
}

// What each call does to the hidden word.
ModelSut Hiding(std::uint64_t (*next)(std::uint64_t)) {
  return ModelSut(On("v3"), [next](const Command&, Outcome&, Memory& memory) {
    memory.hidden = next(memory.hidden);
  });
}

TEST(Counters, AWordThatNeverComesBackIsOne) {
  ModelSut up = Hiding([](std::uint64_t n) { return n + 1; });
  ModelSut down = Hiding([](std::uint64_t n) { return n - 3; });
  ModelSut random = Hiding([](std::uint64_t n) { return n * 6364136223846793005u + 1; });
  for (ModelSut* sut : {&up, &down, &random}) EXPECT_EQ(FieldsOf(*sut, kSmall), 1u);
}

TEST(Counters, AWordThatComesBackIsNone) {
  ModelSut still = Hiding([](std::uint64_t) { return std::uint64_t{7}; });
  ModelSut toggles = Hiding([](std::uint64_t n) { return n ^ 1; });
  ModelSut cycles = Hiding([](std::uint64_t n) { return (n + 1) % 10; });
  ModelSut saturates = Hiding([](std::uint64_t n) { return n < 15 ? n + 1 : n; });
  for (ModelSut* sut : {&still, &toggles, &cycles, &saturates})
    EXPECT_EQ(FieldsOf(*sut, kSmall), 0u);
}

TEST(Counters, TheCoreHasNone) {
  for (const char* core : {"core.v3", "core.v5"}) {
    const std::unique_ptr<Sut> sut = Loaded(core);
    EXPECT_EQ(FieldsOf(*sut, MakeWorld({3, 2, 2})), 0u) << core;
  }
}

// A flag beside the counter, in the same word, stays.
TEST(Counters, OnlyTheBytesThatCountAreBlanked) {
  ModelSut sut = Hiding([](std::uint64_t n) { return (n + 1) % 256 | (n & 0xff00) | 0x0100; });
  Counters counters(sut, On("v3"), kSmall);
  CanonicalMemory memory = {{0x0123, 0x0145}, true, {1, 2}};
  counters.Blank(memory);
  EXPECT_EQ(memory.words[0], 0x0100u);
  EXPECT_EQ(memory.words[1], 0x0145u);
  EXPECT_TRUE(counters.Widen());
  EXPECT_FALSE(counters.Widen());
  memory.words[0] = 0x5'0000'0123;
  counters.Blank(memory);
  EXPECT_EQ(memory.words[0], 0x5'0000'0000u);
}

ProductOptions In(const World& world) { return {.profile = On("v3"), .world = world}; }

TEST(Counters, AnImplementationThatCountsIsSearchedToTheEnd) {
  for (const World& world : {kSmall, MakeWorld({2, 1, 1})}) {
    ModelSut sut = Hiding([](std::uint64_t n) { return n + 1; });
    const ProductResult result = ExploreProduct(sut, In(world));
    EXPECT_EQ(result.ending, Ending::kComplete);
    EXPECT_EQ(result.counters, 1u);
    EXPECT_FALSE(result.counters_matter);
    ModelSut plain(On("v3"));
    EXPECT_EQ(result.model_states, ExploreProduct(plain, In(world)).model_states);
  }
}

// In a small world every value is followed to some hundred calls.
TEST(Counters, ATurnAtACountIsFound) {
  for (const std::uint64_t turn : {6u, 30u, 40u, 255u}) {
    ModelSut sut(On("v3"), [turn](const Command&, Outcome& outcome, Memory& memory) {
      if (++memory.hidden == turn) outcome.warned = true;
    });
    const ProductResult result = ExploreProduct(sut, In(kSmall));
    ASSERT_EQ(result.ending, Ending::kDiverged) << turn;
    EXPECT_LE(result.counterexample->scenario.commands.size(), turn);  // a teardown counts too
    EXPECT_TRUE(RunScenario(sut, result.counterexample->scenario));
  }
}

// The count decides what else is remembered. What is remembered shows much later.
TEST(Counters, ACountThatDecidesIsState) {
  ModelSut sut(On("v3"), [](const Command& command, Outcome&, Memory& memory) {
    const std::uint64_t count = (memory.hidden & 0xffff) + 1;
    std::uint64_t flag = memory.hidden >> 32;
    if (command.verb == Verb::kPreserveDomain) flag = count % 3;
    memory.hidden = flag << 32 | count;
  });
  const ProductResult result =
      ExploreProduct(sut, {.profile = On("v3"), .world = kSmall, .max_edges = 400'000});
  EXPECT_TRUE(result.counters_matter);
  EXPECT_EQ(result.counters, 0u);
  EXPECT_EQ(result.ending, Ending::kUnfinished);
}

}  // namespace
}  // namespace holdfast
