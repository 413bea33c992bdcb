#include "properties/shrink/turns.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "model/text/repeats.h"
#include "model/text/trace.h"

namespace holdfast {
namespace {

using Commands = std::vector<Command>;

class TurnShrinker {
 public:
  TurnShrinker(Runner& runner, const Scenario& scenario, const FirstFailing& still_fails,
               const ShrinkBudget& budget)
      : runner_(runner), still_fails_(still_fails), budget_(budget), result_{.scenario = scenario} {
    const Commands& commands = scenario.commands;
    const std::vector<Repeat> repeats = FindRepeats(
        commands.size(), [&](std::size_t a, std::size_t b) { return commands[a] == commands[b]; });
    const auto longest = std::max_element(
        repeats.begin(), repeats.end(),
        [](const Repeat& a, const Repeat& b) { return a.calls * a.turns < b.calls * b.turns; });
    if (longest == repeats.end()) return;
    const auto first = commands.begin() + static_cast<std::ptrdiff_t>(longest->first);
    way_.assign(commands.begin(), first);
    turn_.assign(first, first + static_cast<std::ptrdiff_t>(longest->calls));
  }

  Shrunk Run() {
    if (turn_.empty()) return std::move(result_);
    if (!way_.empty() && Try({}, turn_)) way_.clear();
    while (!result_.ran_out && Take()) continue;
    return std::move(result_);
  }

 private:
  // Takes a call out of the turn, or a call and the call that takes it back. False: none can go.
  bool Take() {
    for (std::size_t i = 0; i < turn_.size(); ++i) {
      if (TakeOut(i, i)) return true;
    }
    for (std::size_t i = 0; i < turn_.size(); ++i) {
      for (std::size_t j = i + 1; j < turn_.size(); ++j) {
        if (InverseOf(turn_[i].verb) == turn_[j].verb && TakeOut(i, j)) return true;
      }
    }
    return false;
  }

  bool TakeOut(std::size_t i, std::size_t j) {
    Commands fewer;
    for (std::size_t at = 0; at < turn_.size(); ++at) {
      if (at != i && at != j) fewer.push_back(turn_[at]);
    }
    if (fewer.empty() || !Try(way_, fewer)) return false;
    turn_ = std::move(fewer);
    return true;
  }

  // True: it fails, and is no longer than the best.
  bool Try(const Commands& way, const Commands& turn) {
    if (result_.evaluations + 2 > budget_.evaluations || budget_.deadline.passed()) {
      result_.ran_out = true;
      result_.out_of_time = budget_.deadline.passed();
      return false;
    }
    Scenario candidate = {result_.scenario.profile, result_.scenario.topology, way};
    Commands& commands = candidate.commands;
    while (commands.size() < result_.scenario.commands.size())
      commands.insert(commands.end(), turn.begin(), turn.end());
    if (!HasRoom(candidate)) return false;
    result_.evaluations += 2;
    const std::optional<Divergence> divergence = runner_.Run(candidate);
    if (!divergence || divergence->moment == Divergence::Moment::kBegin) return false;
    commands.resize(
        std::min({commands.size(), divergence->step + 1, result_.scenario.commands.size()}));
    if (!still_fails_(std::span(&candidate, 1))) return false;
    result_.scenario = std::move(candidate);
    return true;
  }

  Runner& runner_;
  const FirstFailing& still_fails_;
  const ShrinkBudget& budget_;
  Commands way_, turn_;
  Shrunk result_;
};

}  // namespace

Shrunk ShrinkTurns(Runner& runner, const Scenario& scenario, const FirstFailing& still_fails,
                   const ShrinkBudget& budget) {
  return TurnShrinker(runner, scenario, still_fails, budget).Run();
}

}  // namespace holdfast
