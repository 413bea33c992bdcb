#include "traces/shrink.h"

#include <utility>
#include <vector>

#include "properties/lockstep.h"
#include "properties/simplify.h"

namespace holdfast {

Shrunk Shrink(const Scenario& scenario, const std::function<bool(const Scenario&)>& fails, const ShrinkBudget& budget) {
  Shrunk shrunk{.scenario = scenario, .evaluations = 0, .ran_out = false};
  const auto start = std::chrono::steady_clock::now();
  const auto out_of_budget = [&] {
    return shrunk.evaluations >= budget.evaluations ||
           (budget.time && std::chrono::steady_clock::now() - start >= *budget.time);
  };
  std::size_t resume = 0;  // the edits before it were tried on the way to here
  while (true) {
    const std::vector<Edit> edits = EditsOf(shrunk.scenario);
    std::size_t i = resume;
    for (; i < edits.size(); ++i) {
      std::optional<Scenario> candidate = Apply(shrunk.scenario, edits[i]);
      if (!candidate) continue;
      if (out_of_budget()) {
        shrunk.ran_out = true;
        return shrunk;
      }
      ++shrunk.evaluations;
      if (!fails(*candidate)) continue;
      shrunk.scenario = *std::move(candidate);
      break;
    }
    if (i < edits.size()) {
      resume = i;
    } else if (resume > 0) {
      resume = 0;  // a pass that did not start at the beginning proves nothing
    } else {
      return shrunk;
    }
  }
}

std::optional<std::function<bool(const Scenario&)>> SameDivergence(Sut& sut, const Scenario& scenario, bool hardened) {
  const std::optional<Divergence> sought = RunScenario(sut, scenario, hardened);
  if (!sought) return std::nullopt;
  return [&sut, hardened, rule = sought->rule, differ = sought->sides_differ](const Scenario& candidate) {
    const std::optional<Divergence> found = RunScenario(sut, candidate, hardened);
    return found && found->rule == rule && found->sides_differ == differ;
  };
}

}  // namespace holdfast
