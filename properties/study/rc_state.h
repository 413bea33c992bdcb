// The job of a campaign done with RapidCheck's own stateful testing (rc::state), in the style of
// its manual. This project's generators are measured beside it.
//
// There is a class for each verb. execOneOfWithArgs makes the commands from the model, and
// RapidCheck draws the operands. The model is a value. A precondition keeps crashes out. RapidCheck
// draws and shrinks the topologies too. After each command the check is that of lockstep: outcome
// with driver calls, state, queries, all rules. The teardown follows. Coverage and hazards are not
// counted.
#ifndef HOLDFAST_PROPERTIES_STUDY_RC_STATE_H_
#define HOLDFAST_PROPERTIES_STUDY_RC_STATE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "model/profile.h"
#include "sut/sut.h"

namespace holdfast {

struct RcStateResult {
  // commands that were run and checked until the failure, or in all; the shrinking is not counted
  std::uint64_t commands = 0;
  bool failed = false;
  std::size_t shrunk = 0;  // commands of what RapidCheck shrank it to
  std::string text;        // the same: topology and commands
};

// One check of RapidCheck's default hundred tests, of sizes from 0 to 100.
RcStateResult CheckRcState(Sut& sut, const Profile& profile, std::uint64_t seed);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_STUDY_RC_STATE_H_
