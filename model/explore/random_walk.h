// Random walks through a world, for tests: every command of the world's alphabet, crashes included.
//
// Not a generator of scenarios: that is properties/generate/generate.h, a layer above. Faults and
// commands that end a session are drawn less often than the rest, so that a short walk has records
// to work on. A few hundred walks meet stale pointers, double records and the next kernel.
#ifndef HOLDFAST_MODEL_EXPLORE_RANDOM_WALK_H_
#define HOLDFAST_MODEL_EXPLORE_RANDOM_WALK_H_

#include <cstddef>
#include <random>
#include <vector>

#include "model/step.h"
#include "model/explore/world.h"

namespace holdfast {

// `visit(before, command, after, outcome)` on every step of `walks` walks of at most `length`
// commands. The same on every run.
template <typename Visit>
void WalkAtRandom(const World& world, const Profile& profile, int walks, int length, Visit visit) {
  std::mt19937 random(1);
  const std::vector<Command> alphabet = Alphabet(world);
  for (int walk = 0; walk < walks; ++walk) {
    State state = InitialState(world.topology);
    for (int i = 0; i < length && !state.crashed;) {
      const Command& command = alphabet[random() % alphabet.size()];
      if (!Calls(world, state, command)) continue;
      const bool ends_session = command.verb == Verb::kFreeze || command.verb == Verb::kKexec ||
                                command.verb == Verb::kUnpreserveFile ||
                                command.verb == Verb::kReleaseDmaOwner;
      // nothing came over yet
      const bool is_idle =
          IsOfRestoring(command.verb) && state.incoming.status == Incoming::Status::kNone;
      if ((ends_session || is_idle || command.fault.armed()) && random() % 8 != 0) continue;
      StepResult result = Step(world.topology, profile, state, command);
      if (result.state.crashed && random() % 10 != 0) continue;
      ++i;
      visit(state, command, result.state, result.outcome);
      state = std::move(result.state);
    }
  }
}

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_EXPLORE_RANDOM_WALK_H_
