#include "properties/callers/linearizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
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

// Each round is a call of every caller, all of them under way at once, and they take effect from
// the last caller to the first. The linearizer must keep the right order through all rounds, and
// forget what is over: the most explanations that it held after a call is the result.
std::size_t MostExplanations(const Topology& topology, const Profile& profile, State state,
                             int callers, int rounds) {
  Linearizer linearizer(topology, profile, state);
  std::size_t most = 0;
  for (int round = 0; round < rounds; ++round) {
    std::vector<Command> commands;
    std::vector<Outcome> outcomes(static_cast<std::size_t>(callers));
    for (int caller = 0; caller < callers; ++caller) {
      const auto device = static_cast<std::uint8_t>(caller);
      commands.push_back(round % 2 ? UnpreserveDevice(0, device) : PreserveDevice(0, device));
      linearizer.Begin(caller, commands.back());
    }
    for (int caller = callers - 1; caller >= 0; --caller) {
      const auto at = static_cast<std::size_t>(caller);
      StepInPlace(topology, profile, state, commands[at], outcomes[at]);
    }
    for (int caller = 0; caller < callers; ++caller) {
      EXPECT_TRUE(linearizer.End(caller, outcomes[static_cast<std::size_t>(caller)])) << round;
      most = std::max(most, linearizer.explanations());
    }
  }
  EXPECT_TRUE(linearizer.Settle(state));
  return most;
}

// How long a history takes is a benchmark (properties/study).
TEST_F(LinearizerTest, LongHistoriesAreExplained) {
  topology = MakeTopology(1, 4, 1);
  state = InitialState(topology);
  Do(PreserveFile());
  Do(PreserveDomain(0));
  // The caller that ends first took effect last. The others may have done so in any order.
  EXPECT_LE(MostExplanations(topology, profile, state, 2, 100), 1u);
  EXPECT_LE(MostExplanations(topology, profile, state, 4, 12), 6u);
}

}  // namespace
}  // namespace holdfast
