// Makes a failing scenario small, by the edits of properties/shrink/simplify.h.
//
// Greedy: the first edit after which it still fails is taken, and the search goes on from the same
// place in the list of edits, because what did not help before rarely helps now; it ends when a
// whole pass finds nothing, so the result is minimal: no single edit makes it simpler.
// Deterministic, unless a deadline cuts it short. Not always the shortest there is: an edit takes
// away and never puts something else in its place.
#ifndef HOLDFAST_PROPERTIES_SHRINK_SHRINK_H_
#define HOLDFAST_PROPERTIES_SHRINK_SHRINK_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>

#include "model/scenario.h"
#include "properties/lockstep/deadline.h"
#include "properties/lockstep/lockstep.h"
#include "properties/lockstep/runner.h"

namespace holdfast {

// Time is looked at before each batch of scenarios, and no batch is larger than the slowest
// scenario so far lets hope to finish: so it is exceeded by about one scenario.
struct ShrinkBudget {
  std::size_t evaluations = 20'000;
  std::optional<std::chrono::steady_clock::duration> time = {};  // none: as long as it takes
  Deadline deadline = {};                                        // time is over then, too
};

struct Shrunk {
  Scenario scenario;            // the best so far
  std::size_t evaluations = 0;  // scenarios that were run
  bool ran_out = false;         // of budget: it may not be minimal
  bool out_of_time = false;     // of time, to be exact
};

// The first of these scenarios that still fails in the way that is being looked for.
using FirstFailing = std::function<std::optional<std::size_t>(std::span<const Scenario>)>;
// Asked one after the other.
FirstFailing OneByOne(std::function<bool(const Scenario&)> fails);

// `scenario` fails. What counts are the scenarios that were run, whether one by one or many at a
// time.
Shrunk Shrink(const Scenario& scenario, const FirstFailing& first_failing,
              const ShrinkBudget& budget = {});

// Those that diverge as `divergence` does: on the same side, the process ended in the same way or
// not at all, and the headline is the same rule, or a more telling one at a call of the same kind.
// For one defect has many faces: a record that is never marked deleted shows first as a wrong count
// (R2) where two devices are preserved, and with one device less as an IOMMU that is not held (R1).
// Of a heap that was smashed, memory's layout decides whether the call, the allocator or nobody
// notices: to a death outside of a call any crash is the same. Of these, those that count.
FirstFailing SameDivergence(Runner& runner, const Divergence& divergence, Counts counts = {});

// The same among those that keep the caller's contract: for an implementation that is owed nothing
// beyond it (Sut::contract_only), what an edit makes of a sequence is no sign of the defect if it
// breaks the contract.
FirstFailing WithinContract(FirstFailing first_failing);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SHRINK_SHRINK_H_
