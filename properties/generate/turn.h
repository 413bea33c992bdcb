// A turn: one sequence that makes every call of a world and ends as it began, for searches that run
// the same calls again and again.
#ifndef HOLDFAST_PROPERTIES_GENERATE_TURN_H_
#define HOLDFAST_PROPERTIES_GENERATE_TURN_H_

#include <vector>

#include "model/command.h"
#include "model/explore/world.h"
#include "model/profile.h"
#include "model/state.h"

namespace holdfast {

// The calls of a turn that begins in `state`. `state` is brought to the end of the turn.
//
// First things are preserved: each call with each fault of the world, and then without. Then every
// call is made that the state allows, those that take back among them. At last all that is left is
// unpreserved. The caller keeps the contract, whatever the world's caller may break. No call
// crashes the model or exceeds the world's bounds. There is no freeze and no kexec: the turn stays
// in one kernel.
std::vector<Command> MakeTurn(const World& world, const Profile& profile, State& state);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_GENERATE_TURN_H_
