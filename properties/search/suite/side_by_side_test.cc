// Several processes make the results of one, whichever of them ends first, and what they say of an
// implementation comes through whole.
#include "properties/search/suite/side_by_side.h"

#include <gtest/gtest.h>

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "model/profile.h"
#include "model/text/trace.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/deadline.h"
#include "properties/lockstep/model_sut.h"
#include "properties/lockstep/runner.h"
#include "properties/search/suite/suite.h"
#include "sut/child.h"

namespace holdfast {
namespace {

Profile V3() { return *FindProfile("v3"); }

class SideBySideTest : public testing::TestWithParam<int> {  // processes
 protected:
  // The results of the parts, until one diverges.
  std::vector<PartResult> Run(const std::vector<Part>& parts, const Deadline& deadline = {}) {
    ModelSut sut(V3());
    return Run(sut, parts, deadline);
  }
  std::vector<PartResult> Run(Sut& sut, const std::vector<Part>& parts,
                              const Deadline& deadline = {}) {
    Runner runner(sut, Runner::Where::kInChild);
    std::vector<PartResult> results;
    RunSideBySide({.runner = runner, .profile = V3(), .deadline = deadline}, parts, GetParam(),
                  [&](PartResult result) {
                    results.push_back(std::move(result));
                    return !results.back().counterexample;
                  });
    return results;
  }
};

// The later blocks of a few are the first that end.
void EndInReverse(std::size_t block, std::size_t blocks) {
  std::this_thread::sleep_for(std::chrono::milliseconds(20 * (blocks - block)));
}

PartResult OneCase(std::size_t block, bool diverges = false) {
  PartResult result = {.name = "part", .unit = "case", .cases = 1, .case_index = block};
  if (diverges) {
    result.counterexample = Counterexample();
    result.origin = fmt::format("block {}", block);
  }
  return result;
}

TEST_P(SideBySideTest, ThePartsComeInTheirOrder) {
  std::vector<Part> parts;
  for (std::size_t i = 0; i < 5; ++i) {
    parts.push_back({1, [i](const PartContext&, std::size_t) {
                       EndInReverse(i, 5);
                       PartResult result = OneCase(0);
                       result.name = std::to_string(i);
                       return result;
                     }});
  }
  const std::vector<PartResult> results = Run(parts);
  ASSERT_EQ(results.size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(results[i].name, std::to_string(i));
}

TEST_P(SideBySideTest, TheFirstDivergenceIsTheFirstByNumber) {
  const Part part = {1,
                     [](const PartContext&, std::size_t block) {
                       EndInReverse(block, 6);
                       return OneCase(block, /*diverges=*/block >= 3);
                     },
                     6};
  const Part never = {1, [](const PartContext&, std::size_t) { return OneCase(0); }};
  const std::vector<PartResult> results = Run({part, never});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].origin, "block 3");
  EXPECT_EQ(results[0].cases, 4u);  // what is behind it was dropped
}

TEST_P(SideBySideTest, APartWithoutAnEndEndsAtTheDeadline) {
  const Part part = {1,
                     [](const PartContext& context, std::size_t block) {
                       if (!context.deadline.passed()) return OneCase(block);
                       return PartResult{.name = "part", .unit = "case", .finished = false};
                     },
                     kEndless};
  const std::vector<PartResult> results = Run({part}, Deadline::In(0.3));
  ASSERT_EQ(results.size(), 1u);
  EXPECT_GE(results[0].cases, 1u);
}

TEST_P(SideBySideTest, ABlockWhoseProcessIsEndedIsRunAgain) {
  Shared<std::atomic<int>> deaths;
  const Part part = {1,
                     [&](const PartContext&, std::size_t block) {
                       if (block == 2 && ++*deaths == 1) raise(SIGKILL);
                       return OneCase(block);
                     },
                     5};
  const std::vector<PartResult> results = Run({part});
  EXPECT_EQ(*deaths, 2);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].cases, 5u);
}

TEST_P(SideBySideTest, ThreeDeathsAreTooMany) {
  const Part part = {1, [](const PartContext&, std::size_t) {
                       raise(SIGKILL);
                       return OneCase(0);
                     }};
  EXPECT_THROW(Run({part}), DeathsFromOutside);
}

TEST_P(SideBySideTest, WhatABlockThrowsIsThrownHere) {
  const Part part = {1, [](const PartContext&, std::size_t) -> PartResult {
                       throw std::runtime_error("no corpus");
                     }};
  try {
    Run({part});
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "no corpus");
  }
}

TEST_P(SideBySideTest, WhatTheBlocksWroteComesInTheirOrder) {
  const Part part = {1,
                     [](const PartContext&, std::size_t block) {
                       EndInReverse(block, 4);
                       const std::string text = std::to_string(block);
                       EXPECT_EQ(write(STDOUT_FILENO, text.data(), text.size()), 1);
                       return OneCase(block);
                     },
                     4};
  const std::vector<PartResult> results = Run({part});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].output, "0123");
}

// The blocks of the random part are the random part.
class RandomSideBySideTest : public SideBySideTest {
 protected:
  PartResult ExpectTheSame(Sut& sut, const RandomOptions& options) {
    const Part part = {1,
                       [&](const PartContext& context, std::size_t block) {
                         return RunRandomBlock(context, options, block);
                       },
                       RandomBlocks(options)};
    const std::vector<PartResult> results = Run(sut, {part});
    EXPECT_EQ(results.size(), 1u);
    Runner runner(sut, Runner::Where::kInChild);
    PartResult whole = RunRandom({.runner = runner, .profile = V3()}, options);
    EXPECT_EQ(Text(results.at(0)), Text(whole));
    return whole;
  }

  static std::string Text(const PartResult& part) {
    std::string text =
        fmt::format("{}: {} {}s of {}, finished: {}, {} commands\n", part.name, part.cases,
                    part.unit, part.total, part.finished, part.tally.commands);
    for (const std::uint64_t checked : part.tally.checked) text += fmt::format("{} ", checked);
    for (const Witness& witness : part.coverage.Seen())
      text += fmt::format("\n{}: {}", PrintWitness(witness), part.coverage.CountOf(witness));
    for (const Hazard& hazard : part.hazards.List()) {
      text += fmt::format("\n{} {} {}\n", static_cast<int>(hazard.rule), hazard.clauses,
                          hazard.after_teardown);
      text += PrintScenario(hazard.scenario);
    }
    if (part.counterexample) {
      text += fmt::format("\n{}, {}\n", part.origin, part.case_index);
      text += PrintCounterexample(*part.counterexample);
    }
    return text;
  }
};

TEST_P(RandomSideBySideTest, TheBlocksAreTheWhole) {
  ModelSut sut(V3());
  ExpectTheSame(sut, {.cases = RandomOptions::kBlock + 500});
}

TEST_P(RandomSideBySideTest, TheDivergenceOfABlockIsThatOfTheWhole) {
  ModelSut sut(V3(), [](const Command& command, Outcome& outcome, ModelSut::Memory& memory) {
    const bool rare = command.verb == Verb::kPreserveDevice && command.device == 7 &&
                      outcome.error == 0 && memory.state.files > 8;
    if (rare) outcome.error = -EIO;
  });
  const PartResult result = ExpectTheSame(sut, {.seed = 7, .cases = 2 * RandomOptions::kBlock + 1});
  ASSERT_TRUE(result.counterexample);
  EXPECT_GT(result.case_index, RandomOptions::kBlock);  // not in the first block
}

INSTANTIATE_TEST_SUITE_P(Processes, SideBySideTest, testing::Values(1, 2, 5));
INSTANTIATE_TEST_SUITE_P(Processes, RandomSideBySideTest, testing::Values(1, 3));

}  // namespace
}  // namespace holdfast
