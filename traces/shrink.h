// Makes a failing scenario small, by the edits of properties/simplify.h.
//
// Greedy: the first edit after which it still fails is taken, and the search goes on from the same place in the list of edits,
// because what did not help before rarely helps now; it ends when a whole pass finds nothing, so the result is minimal: no
// single edit makes it simpler. Deterministic, unless a deadline cuts it short. Not always the shortest there
// is: an edit takes away and never puts something else in its place.
#ifndef HOLDFAST_TRACES_SHRINK_H_
#define HOLDFAST_TRACES_SHRINK_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>

#include "model/scenario.h"
#include "sut/sut.h"

namespace holdfast {

struct ShrinkBudget {
  std::size_t evaluations = 20'000;
  std::optional<std::chrono::steady_clock::duration> time;  // none: as long as it takes
};

struct Shrunk {
  Scenario scenario;            // the best so far
  std::size_t evaluations = 0;  // of `fails`
  bool ran_out = false;         // of budget: it may not be minimal
};

// `fails` says whether a scenario still fails in the way that is being looked for; it must hold of `scenario`.
Shrunk Shrink(const Scenario& scenario, const std::function<bool(const Scenario&)>& fails, const ShrinkBudget& budget = {});

// Whether the implementation still diverges with the same headline rule that it diverges with on `scenario`, and on the same side:
// differing from the model, or agreeing with it on a broken rule. Nothing if it does not diverge there.
std::optional<std::function<bool(const Scenario&)>> SameDivergence(Sut& sut, const Scenario& scenario, bool hardened = false);

}  // namespace holdfast

#endif  // HOLDFAST_TRACES_SHRINK_H_
