// Each idea of the generators is in what they make: a thousand cases with it and without it, from
// fixed seeds. What an idea is worth is measured elsewhere (docs/generation.md); that deep mutants
// need it, here, in counted commands.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "model/step.h"
#include "properties/study/commands_to_detection.h"
#include "properties/study/deep_mutants.h"
#include "properties/generate/generate.h"
#include "properties/generate/ideas.h"
#include "properties/lockstep/loaded_sut.h"
#include "properties/lockstep/mode.h"
#include "properties/generate/repetition.h"
#include "properties/generate/unseen.h"
#include "sut/runfiles.h"

namespace holdfast {

void PrintTo(const DeepMutant& mutant, std::ostream* stream) { *stream << mutant.name; }

namespace {

template <typename Visit>
void EachCase(const Ideas& ideas, Visit visit) {
  Cases cases(On("v3"), Mode::kContract, 7, 0, {.ideas = ideas});
  for (int i = 0; i < 1000; ++i) visit(cases.Next());
}

Ideas Without(bool Ideas::* idea) {
  Ideas ideas;
  ideas.*idea = false;
  return ideas;
}
const Ideas kAll;

// --- Swarm ---------------------------------------------------------------------------------------

// How many verbs a case does not have, on the average of the long ones.
double VerbsLeftOut(Ideas ideas) {
  ideas.repetition = false;  // which makes cases long as well
  int cases = 0, left_out = 0;
  EachCase(ideas, [&](const Scenario& scenario) {
    if (scenario.commands.size() < 60) return;
    std::array<bool, kVerbCount> has{};
    for (const Command& command : scenario.commands)
      has[static_cast<std::size_t>(command.verb)] = true;
    left_out += static_cast<int>(std::count(has.begin(), has.end(), false));
    ++cases;
  });
  EXPECT_GT(cases, 50);
  return static_cast<double>(left_out) / cases;
}

TEST(Swarm, LongCasesLeaveVerbsOut) {
  EXPECT_GT(VerbsLeftOut(kAll), 0.4 + VerbsLeftOut(Without(&Ideas::swarm)));
}

// --- Unseen --------------------------------------------------------------------------------------

// Pairs of a class of states and a class of commands that came up.
std::size_t PairsSeen(const Ideas& ideas) {
  std::set<std::pair<std::uint64_t, std::uint64_t>> pairs;
  const PageCapacities page(On("v3").layout);
  EachCase(ideas, [&](const Scenario& scenario) {
    State state = InitialState(scenario.topology);
    Outcome outcome;
    for (const Command& command : scenario.commands) {
      pairs.emplace(StateClass(page, state), CommandClass(scenario.topology, command));
      StepInPlace(scenario.topology, scenario.profile, state, command, outcome);
    }
  });
  return pairs.size();
}

TEST(Unseen, MoreComesUpThanByChance) {
  EXPECT_GT(static_cast<double>(PairsSeen(kAll)),
            1.1 * static_cast<double>(PairsSeen(Without(&Ideas::unseen))));
}

TEST(Unseen, WhatACaseIsMadeOfEndsWithItsChapter) {
  Cases from_the_start(On("v3"), Mode::kHostile, 3);
  for (std::uint64_t i = 0; i < Cases::kChapter + 5; ++i) from_the_start.Next();
  const Scenario next = from_the_start.Next();
  EXPECT_EQ(GenerateScenario(On("v3"), Mode::kHostile, 3, Cases::kChapter + 5), next);
  Cases from_the_chapter(On("v3"), Mode::kHostile, 3, Cases::kChapter);
  for (int i = 0; i < 5; ++i) from_the_chapter.Next();
  EXPECT_EQ(from_the_chapter.Next(), next);
}

// --- Lengths -------------------------------------------------------------------------------------

std::pair<int, int> ShortAndLong(Ideas ideas) {
  ideas.repetition = false;  // which makes cases long as well
  std::pair<int, int> count = {0, 0};
  EachCase(ideas, [&](const Scenario& scenario) {
    count.first += scenario.commands.size() < 6;
    count.second += scenario.commands.size() > 80;
  });
  return count;
}

TEST(Lengths, CasesAreShortAndLong) {
  const auto [shorter, longer] = ShortAndLong(kAll);
  const auto [shorter_without, longer_without] = ShortAndLong(Without(&Ideas::lengths));
  EXPECT_GT(shorter, 3 * shorter_without / 2);
  EXPECT_GT(longer, 30 + longer_without);
}

// --- Repetition ----------------------------------------------------------------------------------

// Cases with the same call five times in a row, and cases that fill a page.
std::pair<int, int> RowsAndFullPages(const Ideas& ideas) {
  std::pair<int, int> count = {0, 0};
  const PageCapacities page(On("v3").layout);
  EachCase(ideas, [&](const Scenario& scenario) {
    State state = InitialState(scenario.topology);
    Outcome outcome;
    std::size_t row = 0, longest = 0;
    bool full = false;
    for (std::size_t i = 0; i < scenario.commands.size(); ++i) {
      row = i > 0 && scenario.commands[i] == scenario.commands[i - 1] ? row + 1 : 1;
      longest = std::max(longest, row);
      StepInPlace(scenario.topology, scenario.profile, state, scenario.commands[i], outcome);
      full |= AtPageEnd(page, LengthsOf(state.flb));
    }
    count.first += longest >= 5;
    count.second += full;
  });
  return count;
}

TEST(Repetition, CallsComeInRowsAndPagesFillUp) {
  const auto [rows, full_pages] = RowsAndFullPages(kAll);
  const auto [rows_without, full_pages_without] = RowsAndFullPages(Without(&Ideas::repetition));
  EXPECT_GT(rows, 50 + 3 * rows_without);
  EXPECT_GT(full_pages, 20 + 3 * full_pages_without);
}

TEST(Repetition, TheInverseTakesACallBack) {
  const Scenario scenario = {
      On("v3"), MakeTopology(1, 2, 2), {PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0)}};
  State state = InitialState(scenario.topology);
  Outcome outcome;
  for (const Command& command : scenario.commands)
    StepInPlace(scenario.topology, scenario.profile, state, command, outcome);
  for (const Command& command :
       {PreserveFile(), PreserveDomain(1), PreserveDevice(0, 1), ClaimDmaOwner(1), Attach(1, 1)}) {
    State there = state;
    const std::optional<Command> inverse = InverseOf(state, command);
    ASSERT_TRUE(inverse);
    StepInPlace(scenario.topology, scenario.profile, there, command, outcome);
    StepInPlace(scenario.topology, scenario.profile, there, *inverse, outcome);
    EXPECT_EQ(static_cast<const KernelState&>(there), static_cast<const KernelState&>(state))
        << static_cast<int>(command.verb);
  }
}

// --- Deep mutants --------------------------------------------------------------------------------

int SeedsThatFind(Sut& sut, const Ideas& ideas, std::uint64_t commands) {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    found += CommandsToDetection(sut, On("v3"), ideas, seed, commands).has_value();
  }
  return found;
}

class DeepTest : public testing::TestWithParam<DeepMutant> {};

TEST_P(DeepTest, IsFoundFromAnySeed) {
  ModelSut sut = Planted(GetParam());
  EXPECT_EQ(SeedsThatFind(sut, kAll, 400'000), 5);
}

INSTANTIATE_TEST_SUITE_P(Planted, DeepTest,
                         testing::ValuesIn(DeepMutants().begin(), DeepMutants().end()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(DeepMutants, FullPagesAndRowsTakeRepetition) {
  for (const DeepMutant& mutant : DeepMutants()) {
    if (mutant.name != "second_device_page" && mutant.name != "fifth_failure") continue;
    ModelSut sut = Planted(mutant);
    EXPECT_EQ(SeedsThatFind(sut, kAll, 30'000), 5) << mutant.name;
    EXPECT_LE(SeedsThatFind(sut, Without(&Ideas::repetition), 30'000), 1) << mutant.name;
  }
}

// The ones that the product was made for (sut/mutants/faulty.bzl).
TEST(DeepMutants, HiddenStateIsFoundInAFewThousandCommands) {
  for (const char* name : {"needs_four_devices", "hides_until_the_sixth"}) {
    EXPECT_EQ(
        SeedsThatFind(*Loaded(Runfile("sut/mutants/" + std::string(name) + ".so")), kAll, 20'000),
        5)
        << name;
  }
}

}  // namespace
}  // namespace holdfast
