// Whether an implementation does the same each time (sut/sut.h says that it must).
//
// A scenario is run alone, in a fresh process. Then it is run again and again in another process,
// each time in other surroundings: other numbers from rand(), another place of the stack and of the
// heap, what the run before has left behind. At last every call is made, taken back (Save and
// Restore) and made again. An implementation that is deterministic does not notice.
//
// A divergence is reported as one only if the implementation passes. Else two runs of one sequence
// differ, no trace shows the same twice, and that is the report.
#ifndef HOLDFAST_PROPERTIES_SHRINK_REPEAT_H_
#define HOLDFAST_PROPERTIES_SHRINK_REPEAT_H_

#include <optional>
#include <span>

#include "model/scenario.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/runner.h"

namespace holdfast {

// The first of the scenarios on which the implementation does not do the same each time, with a
// divergence that says how (Divergence::variation).
std::optional<Counterexample> FirstVarying(Runner& runner, std::span<const Scenario> scenarios);

// The same for a divergence that was found. The implementation must do there, each time, what it
// did when the divergence was found. A divergence that ended its process is not asked for: the
// runner has seen it twice.
std::optional<Counterexample> Varies(Runner& runner, const Counterexample& found);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SHRINK_REPEAT_H_
