#include "traces/shrink.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "model/rules.h"
#include "properties/simplify.h"

namespace holdfast {
namespace {


// Run at a time. Enough that a fork for them costs little, and few enough that little is run beyond the first that fails.
constexpr std::size_t kBatch = 32;

}  // namespace

FirstFailing OneByOne(std::function<bool(const Scenario&)> fails) {
  return [fails = std::move(fails)](std::span<const Scenario> scenarios) -> std::optional<std::size_t> {
    const auto first = std::find_if(scenarios.begin(), scenarios.end(), fails);
    if (first == scenarios.end()) return std::nullopt;
    return static_cast<std::size_t>(first - scenarios.begin());
  };
}

Shrunk Shrink(const Scenario& scenario, const FirstFailing& first_failing, const ShrinkBudget& budget) {
  Shrunk shrunk{.scenario = scenario, .evaluations = 0, .ran_out = false};
  const auto start = std::chrono::steady_clock::now();
  const auto out_of_budget = [&] {
    return shrunk.evaluations >= budget.evaluations ||
           (budget.time && std::chrono::steady_clock::now() - start >= *budget.time);
  };
  std::size_t resume = 0;  // the edits before it were tried on the way to here
  while (true) {
    const std::vector<Edit> edits = EditsOf(shrunk.scenario);
    std::size_t next = resume;
    std::optional<std::size_t> taken;  // the edit after which it still fails
    while (!taken) {
      std::vector<Scenario> candidates;
      std::vector<std::size_t> origins;  // the edit that made each
      const std::size_t most = std::min(kBatch, budget.evaluations - shrunk.evaluations);
      for (; next < edits.size() && candidates.size() < std::max<std::size_t>(most, 1); ++next) {
        std::optional<Scenario> candidate = Apply(shrunk.scenario, edits[next]);
        if (!candidate) continue;
        candidates.push_back(*std::move(candidate));
        origins.push_back(next);
      }
      if (candidates.empty()) break;
      if (out_of_budget()) {
        shrunk.ran_out = true;
        return shrunk;
      }
      const std::optional<std::size_t> first = first_failing(candidates);
      shrunk.evaluations += first ? *first + 1 : candidates.size();
      if (!first) continue;
      taken = origins[*first];
      shrunk.scenario = std::move(candidates[*first]);
    }
    if (taken) {
      resume = *taken;
    } else if (resume > 0) {
      resume = 0;  // a pass that did not start at the beginning proves nothing
    } else {
      return shrunk;
    }
  }
}

FirstFailing SameDivergence(Runner& runner, const Divergence& sought) {
  const auto is_it = [sought](const Divergence& found) {
    if (found.sides_differ != sought.sides_differ || found.ending != sought.ending) return false;
    const bool more_telling = Headline(RuleBit(found.rule) | RuleBit(sought.rule)) == found.rule;
    return found.rule == sought.rule || (more_telling && found.command.verb == sought.command.verb);
  };
  return [&runner, is_it](std::span<const Scenario> scenarios) { return runner.First(is_it, scenarios); };
}

}  // namespace holdfast
