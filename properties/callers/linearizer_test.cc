#include "properties/callers/linearizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "model/step.h"
#include "properties/lockstep/loaded_sut.h"

namespace holdfast {
namespace {

// One file, one domain that is not preserved, two devices behind one IOMMU.
class LinearizerTest : public testing::Test {
 protected:
  LinearizerTest() : state(InitialState(topology)) {
    Do(PreserveFile());
    state_of_linearizer = state;
  }

  // The outcome of the command, and the state moves on.
  Outcome Do(const Command& command) {
    Outcome outcome;
    StepInPlace(topology, profile, state, command, outcome);
    return outcome;
  }
  Linearizer FromHere() const { return Linearizer(topology, profile, state_of_linearizer); }

  Topology topology = MakeTopology(1, 2, 1);
  Profile profile = On("v3");
  State state, state_of_linearizer;
};

TEST_F(LinearizerTest, CallsInTurnHaveOneOrder) {
  Linearizer linearizer = FromHere();
  for (const auto& [caller, command] :
       {std::pair(0, PreserveDomain(0)), std::pair(1, PreserveDevice(0, 1))}) {
    linearizer.Begin(caller, command);
    EXPECT_TRUE(linearizer.End(caller, Do(command)));
    EXPECT_TRUE(linearizer.Settle(state));
  }
  EXPECT_EQ(linearizer.order(), "ab");
  EXPECT_EQ(linearizer.explanations(), 1u);
}

// The call that began last took effect first.
TEST_F(LinearizerTest, CallsThatOverlapMayTakeEffectInEitherOrder) {
  Linearizer linearizer = FromHere();
  linearizer.Begin(0, PreserveDevice(0, 0));
  linearizer.Begin(1, PreserveDomain(0));
  const Outcome domain = Do(PreserveDomain(0)), device = Do(PreserveDevice(0, 0));
  EXPECT_EQ(device.error, 0);
  EXPECT_TRUE(linearizer.End(0, device));
  EXPECT_TRUE(linearizer.End(1, domain));
  EXPECT_TRUE(linearizer.Settle(state));
  EXPECT_EQ(linearizer.order(), "ba");
}

// The same outcomes, but the first call had ended when the second began.
TEST_F(LinearizerTest, ACallThatHasEndedComesFirst) {
  const Outcome domain = Do(PreserveDomain(0)), device = Do(PreserveDevice(0, 0));
  Linearizer linearizer = FromHere();
  linearizer.Begin(0, PreserveDevice(0, 0));
  EXPECT_FALSE(linearizer.End(0, device));
  EXPECT_EQ(linearizer.order(), "");
  linearizer.Begin(1, PreserveDomain(0));
  EXPECT_FALSE(linearizer.End(1, domain));
}

TEST_F(LinearizerTest, AStateThatNoOrderLeavesIsRefused) {
  Linearizer linearizer = FromHere();
  linearizer.Begin(0, PreserveDomain(0));
  EXPECT_TRUE(linearizer.End(0, Do(PreserveDomain(0))));
  State other = state;
  other.preserved_state[0] = kNull;
  EXPECT_FALSE(linearizer.Settle(other));
}

// Two devices preserved at once: the records tell which was first.
TEST_F(LinearizerTest, TheStateChoosesBetweenOrders) {
  Do(PreserveDomain(0));
  state_of_linearizer = state;
  Linearizer linearizer = FromHere();
  const Outcome second = Do(PreserveDevice(0, 1)), first = Do(PreserveDevice(0, 0));
  linearizer.Begin(0, PreserveDevice(0, 0));
  linearizer.Begin(1, PreserveDevice(0, 1));
  EXPECT_TRUE(linearizer.End(0, first));
  EXPECT_TRUE(linearizer.End(1, second));
  EXPECT_TRUE(linearizer.Settle(state));
  EXPECT_EQ(linearizer.order(), "ba");
}

// A call of caller c while all the others overlap it, so often; every one of them is explained.
double SecondsOfRounds(const Topology& topology, const Profile& profile, State state, int callers,
                       int rounds) {
  Linearizer linearizer(topology, profile, state);
  const std::array<Command, 4> on = {PreserveDevice(0, 0), PreserveDevice(0, 1),
                                     PreserveDevice(0, 2), PreserveDevice(0, 3)};
  const auto start = std::chrono::steady_clock::now();
  for (int round = 0; round < rounds; ++round) {
    std::array<Outcome, 4> outcomes;
    for (int caller = 0; caller < callers; ++caller) {
      const auto at = static_cast<std::size_t>(caller);
      Command command = on[at];
      if (round % 2) command.verb = Verb::kUnpreserveDevice;
      linearizer.Begin(caller, command);
      // they take effect from the last to the first
    }
    for (int caller = callers - 1; caller >= 0; --caller) {
      const auto at = static_cast<std::size_t>(caller);
      Command command = on[at];
      if (round % 2) command.verb = Verb::kUnpreserveDevice;
      StepInPlace(topology, profile, state, command, outcomes[at]);
    }
    for (int caller = 0; caller < callers; ++caller)
      EXPECT_TRUE(linearizer.End(caller, outcomes[static_cast<std::size_t>(caller)])) << round;
  }
  EXPECT_TRUE(linearizer.Settle(state));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

TEST_F(LinearizerTest, LongHistoriesAreFast) {
  topology = MakeTopology(1, 4, 1);
  state = InitialState(topology);
  Do(PreserveFile());
  Do(PreserveDomain(0));
  double best_of_two = 1, best_of_four = 1;
  for (int times = 0; times < 5; ++times) {
    best_of_two = std::min(best_of_two, SecondsOfRounds(topology, profile, state, 2, 100));
    best_of_four = std::min(best_of_four, SecondsOfRounds(topology, profile, state, 4, 12));
  }
  RecordProperty("two_callers_100_calls_us", static_cast<int>(1e6 * best_of_two));
  RecordProperty("four_callers_12_calls_us", static_cast<int>(1e6 * best_of_four));
  fprintf(stderr, "2 x 100: %.0f us, 4 x 12: %.0f us\n", 1e6 * best_of_two, 1e6 * best_of_four);
  EXPECT_LT(best_of_two, 0.005);
  EXPECT_LT(best_of_four, 0.02);
}

}  // namespace
}  // namespace holdfast
