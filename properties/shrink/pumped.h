// A shorter way to a count. A defect may show when a page is full, or at the 60th call of a kind.
// The search from the beginning (shortest.h) does not come that far, and edits of the scenario keep
// its own way of counting: a preserve and an unpreserve, where a call that fails counts as well, or
// many devices at once.
//
// Here each cheap turn is made again and again: a call, with each fault; a call and the call that
// takes it back; and both for all devices at once. Each turn starts behind a few short beginnings.
// After each turn the last calls of the scenario are tried. A turn has to reach the divergence in
// fewer calls than the scenario.
#ifndef HOLDFAST_PROPERTIES_SHRINK_PUMPED_H_
#define HOLDFAST_PROPERTIES_SHRINK_PUMPED_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "properties/lockstep/counterexample.h"
#include "properties/shrink/shortest.h"
#include "sut/sut.h"

namespace holdfast {

// Shorter scenarios are the search's, and single edits find the rest.
inline constexpr std::size_t kWorthPumping = 16;

struct Pumped {
  std::optional<Counterexample> shorter;  // of the same rule; nothing: no turn gets there sooner
  std::uint64_t commands = 0;             // spent
  bool finished = false;                  // before the deadline, and within the commands
};

// Of `options`: hardened, counts, the deadline; and `edges` are the commands to spend at most. If
// `found` keeps the caller's contract, so does the result.
Pumped SearchTurns(Sut& sut, const ShortestOptions& options, const Counterexample& found);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SHRINK_PUMPED_H_
