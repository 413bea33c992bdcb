#include "properties/generate/turn.h"

#include <gtest/gtest.h>

#include <set>

#include "model/explore/canonical.h"
#include "model/step.h"
#include "properties/lockstep/keeps_contract.h"

namespace holdfast {
namespace {

// A call that fails says less than a call that succeeds: each verb of the world succeeds.
TEST(Turn, EachVerbSucceedsAndEachFaultFires) {
  for (const char* version : {"v3", "v5"}) {
    const Profile& profile = *FindProfile(version);
    const World world =
        MakeWorld({2, 2, 2}, AspectBit(Aspect::kAttach) | AspectBit(Aspect::kFaults) |
                                 AspectBit(Aspect::kOwners));
    State state = InitialState(world.topology);
    const std::vector<Command> turn = MakeTurn(world, profile, state);
    EXPECT_TRUE(KeepsContract({profile, world.topology, turn}));
    std::set<Verb> succeeded, of_world;
    for (const Command& command : Alphabet(world)) of_world.insert(command.verb);
    State at = InitialState(world.topology);
    Outcome outcome;
    for (const Command& command : turn) {
      StepInPlace(world.topology, profile, at, command, outcome);
      EXPECT_EQ(outcome.fault_fired, command.fault.armed());
      if (outcome.error == 0) succeeded.insert(command.verb);
    }
    EXPECT_EQ(succeeded, of_world);
  }
}

// So that it can be run again: nothing is preserved at its end, and the second turn ends as the
// first.
TEST(Turn, EndsAsItBegan) {
  const World world = MakeWorld({2, 1, 2});
  State state = InitialState(world.topology);
  MakeTurn(world, *FindProfile("v3"), state);
  EXPECT_FALSE(state.flb.present);
  State again = state;
  MakeTurn(world, *FindProfile("v3"), again);
  EXPECT_EQ(Canonical(again), Canonical(state));
}

}  // namespace
}  // namespace holdfast
