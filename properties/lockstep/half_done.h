// Faults within a driver: the driver's n-th request of the kernel (a page, an object, a KHO call)
// is denied, so the op or the take-over is half done when it fails. To the core such a fault is
// like any other of the op; a driver port has to undo its half.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_HALF_DONE_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_HALF_DONE_H_

#include <cstdint>
#include <vector>

#include "model/command.h"

namespace holdfast {

// The number of requests that are denied, one at a time.
struct Depths {
  int op, take_over;

  constexpr int Of(FaultSite site) const {
    if (!HasDepth(site)) return 0;
    return site == FaultSite::kTakeOver ? take_over : op;
  }
};

// More than any driver makes. A take-over makes some for each record.
inline constexpr Depths kMostRequests = {.op = 64, .take_over = 200};

// Adds the command once more for each depth from `first` to the deepest: of its own fault, or of
// the take-over in a command that retrieves.
inline void AddHalfDone(const Command& command, const Depths& deepest,
                        std::vector<Command>& commands, int first = 1) {
  const bool takes_over =
      !command.fault.armed() && (command.verb == Verb::kRetrieve || command.verb == Verb::kFinish);
  Command half = takes_over ? WithFault(command, FaultSite::kTakeOver) : command;
  for (int depth = first; depth <= deepest.Of(half.fault.site); ++depth) {
    half.fault.depth = static_cast<std::uint8_t>(depth);
    commands.push_back(half);
  }
}

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_HALF_DONE_H_
