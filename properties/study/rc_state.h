// The job of a campaign done with RapidCheck's own stateful testing (rc::state), in the style of
// its manual: what this project's generators are measured beside.
//
// A class a verb, made by execOneOfWithArgs from the model, with operands drawn by RapidCheck; the
// model a value; a precondition that keeps crashes out. It runs over topologies that RapidCheck
// draws and shrinks, checks after each command what lockstep checks (outcome with driver calls,
// state, queries, all rules), and tears down. It counts no coverage and no hazards.
#ifndef HOLDFAST_PROPERTIES_STUDY_RC_STATE_H_
#define HOLDFAST_PROPERTIES_STUDY_RC_STATE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "model/profile.h"
#include "sut/sut.h"

namespace holdfast {

struct RcStateResult {
  // that were run and checked until it failed, or in all; none of its shrinking
  std::uint64_t commands = 0;
  bool failed = false;
  std::size_t shrunk = 0;  // commands of what RapidCheck shrank it to
  std::string text;        // the same: topology and commands
};

// One check of RapidCheck's default hundred tests, of sizes from 0 to 100.
RcStateResult CheckRcState(Sut& sut, const Profile& profile, std::uint64_t seed);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_STUDY_RC_STATE_H_
