#include "properties/shrink/shrink.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>
#include <vector>

#include "model/rules/rules.h"
#include "properties/lockstep/keeps_contract.h"
#include "properties/shrink/simplify.h"

namespace holdfast {
namespace {

// Run at a time. Enough that a fork for them costs little, and few enough that little is run beyond
// the first that fails.
constexpr std::size_t kBatch = 32;

}  // namespace

FirstFailing OneByOne(std::function<bool(const Scenario&)> fails) {
  return [fails =
              std::move(fails)](std::span<const Scenario> scenarios) -> std::optional<std::size_t> {
    const auto first = std::find_if(scenarios.begin(), scenarios.end(), fails);
    if (first == scenarios.end()) return std::nullopt;
    return static_cast<std::size_t>(first - scenarios.begin());
  };
}

Shrunk Shrink(const Scenario& scenario, const FirstFailing& first_failing,
              const ShrinkBudget& budget) {
  using Clock = std::chrono::steady_clock;
  Shrunk shrunk{.scenario = scenario, .evaluations = 0, .ran_out = false, .out_of_time = false};
  const Deadline deadline =
      budget.time ? budget.deadline.OrIn(std::chrono::duration<double>(*budget.time).count())
                  : budget.deadline;
  double slowest = 0;  // seconds for one scenario, so far
  // Scenarios that may be run at once.
  const auto affordable = [&]() -> std::size_t {
    const std::size_t most =
        std::min(kBatch, budget.evaluations - std::min(budget.evaluations, shrunk.evaluations));
    if (deadline.passed()) return 0;
    if (std::isinf(deadline.left())) return most;
    const double batches = deadline.left() / slowest;
    if (slowest > 0 && batches >= static_cast<double>(most)) return most;
    const std::size_t in_time = slowest > 0 ? static_cast<std::size_t>(batches) : 1;
    return std::min(most, std::max<std::size_t>(1, in_time));
  };
  std::size_t resume = 0;  // the edits before it were tried on the way to here
  while (true) {
    const std::vector<Edit> edits = EditsOf(shrunk.scenario);
    std::size_t next = resume;
    std::optional<std::size_t> taken;  // the edit after which it still fails
    while (!taken) {
      std::vector<Scenario> candidates;
      std::vector<std::size_t> origins;  // the edit that made each
      const std::size_t most = affordable();
      for (; next < edits.size() && candidates.size() < std::max<std::size_t>(most, 1); ++next) {
        std::optional<Scenario> candidate = Apply(shrunk.scenario, edits[next]);
        if (!candidate) continue;
        candidates.push_back(*std::move(candidate));
        origins.push_back(next);
      }
      if (candidates.empty()) break;
      if (most == 0) {
        shrunk.ran_out = true;
        shrunk.out_of_time = shrunk.evaluations < budget.evaluations;
        return shrunk;
      }
      const Clock::time_point before = Clock::now();
      const std::optional<std::size_t> first = first_failing(candidates);
      const std::size_t ran = first ? *first + 1 : candidates.size();
      const std::chrono::duration<double> took = Clock::now() - before;
      slowest = std::max(slowest, took.count() / static_cast<double>(ran));
      shrunk.evaluations += ran;
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

FirstFailing SameDivergence(Runner& runner, const Divergence& sought, Counts counts) {
  const auto is_it = [sought, counts = std::move(counts)](const Scenario& scenario,
                                                          const Divergence& found) {
    if (counts && !counts(scenario, found)) return false;
    if (sought.noticed_later) return found.sut_outcome.crashed() && found.sides_differ;
    if (found.sides_differ != sought.sides_differ || found.ending != sought.ending) return false;
    const bool more_telling = Headline(RuleBit(found.rule) | RuleBit(sought.rule)) == found.rule;
    return found.rule == sought.rule || (more_telling && found.command.verb == sought.command.verb);
  };
  return [&runner, is_it](std::span<const Scenario> scenarios) {
    return runner.First(is_it, scenarios);
  };
}

FirstFailing WithinContract(FirstFailing first_failing) {
  return [first_failing = std::move(first_failing)](
             std::span<const Scenario> scenarios) -> std::optional<std::size_t> {
    std::vector<Scenario> kept;
    std::vector<std::size_t> origins;
    for (std::size_t i = 0; i < scenarios.size(); ++i) {
      if (!KeepsContract(scenarios[i])) continue;
      kept.push_back(scenarios[i]);
      origins.push_back(i);
    }
    const std::optional<std::size_t> first = kept.empty() ? std::nullopt : first_failing(kept);
    return first ? std::optional(origins[*first]) : std::nullopt;
  };
}

}  // namespace holdfast
