// The reasons for which an entry point refuses a call, and the answers that some version gives for
// each reason.
//
// A version asks its guards in an order. If several guards fail, the order decides which of them
// answers. An implementation may have another order, or the error that another version has for the
// same reason. Such an answer is as safe as a version's: the call is refused, and nothing changes.
//
// The table is independent of Step, as allowed_outcomes.cc is. It knows no order.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_REFUSALS_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_REFUSALS_H_

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/command.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/state.h"
#include "model/topology.h"

namespace holdfast {

struct Reason {
  std::string_view text;                 // "not a PCI device"
  std::array<std::int16_t, 2> errors{};  // of a preserve; 0: no further one
  bool silent = false, warns = false;    // how versions answer an unpreserve
};

// All reasons that hold for the command in the state. `lookup_failed`: the fault at the FLB lookup
// has fired. Empty for every verb but the four that preserve and unpreserve.
std::vector<Reason> ReasonsToRefuse(const Topology& topology, const Profile& profile,
                                    const State& state, const Command& command, bool lookup_failed);

// True if `sut` refuses the command for one of these reasons, with an answer that a version gives
// for it, and `model` refuses the command too, or crashes. A WARN that the model gives must stay,
// unless the profile says that this unpreserve is quiet. What became of the state is not asked.
bool IsRefusalOfAVersion(const Topology& topology, const Profile& profile, const State& state,
                         const Command& command, const Outcome& model, const Outcome& sut);

// True if the implementation stopped the machine where the profile returns the error of a fault:
// the restoring side was denied the records. Some versions call that fatal, because devices may be
// writing through tables that the records name.
bool IsStopOfAVersion(const Command& command, const Outcome& model, const Outcome& sut);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_REFUSALS_H_
