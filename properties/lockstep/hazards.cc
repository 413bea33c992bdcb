#include "properties/lockstep/hazards.h"

#include <algorithm>
#include <bit>
#include <tuple>

namespace holdfast {

void Hazards::Add(RuleSet rules, Breaches clauses, const Scenario& scenario, std::size_t length,
                  bool after_teardown, std::uint64_t times) {
  for (; rules != 0; rules &= rules - 1) {
    const auto number = static_cast<std::size_t>(std::countr_zero(rules));
    std::int16_t& index = index_[number * 256 + clauses];
    const bool is_new = index < 0;
    if (is_new) {
      index = static_cast<std::int16_t>(hazards_.size());
      hazards_.emplace_back();
    }
    Hazard& hazard = hazards_[static_cast<std::size_t>(index)];
    hazard.count += times;
    if (!is_new && hazard.scenario.commands.size() <= length) continue;
    hazard.rule = static_cast<Rule>(number);
    hazard.clauses = clauses;
    hazard.after_teardown = after_teardown;
    hazard.scenario.profile = scenario.profile;
    hazard.scenario.topology = scenario.topology;
    hazard.scenario.commands.assign(
        scenario.commands.begin(), scenario.commands.begin() + static_cast<std::ptrdiff_t>(length));
  }
}

void Hazards::Add(const Hazards& other) {
  for (const Hazard& hazard : other.hazards_) {
    Add(RuleBit(hazard.rule), hazard.clauses, hazard.scenario, hazard.scenario.commands.size(),
        hazard.after_teardown);
    const auto index = static_cast<std::size_t>(
        index_[static_cast<std::size_t>(hazard.rule) * 256 + hazard.clauses]);
    hazards_[index].count += hazard.count - 1;
  }
}

std::vector<Hazard> Hazards::List() const {
  std::vector<Hazard> list;
  for (const Hazard& hazard : hazards_) {
    const bool implied = std::any_of(hazards_.begin(), hazards_.end(), [&](const Hazard& other) {
      return other.rule == hazard.rule && other.clauses != hazard.clauses &&
             (other.clauses & ~hazard.clauses) == 0 &&
             other.scenario.commands.size() <= hazard.scenario.commands.size();
    });
    if (!implied) list.push_back(hazard);
  }
  std::sort(list.begin(), list.end(), [](const Hazard& a, const Hazard& b) {
    return std::make_tuple(a.rule, a.scenario.commands.size(), a.clauses) <
           std::make_tuple(b.rule, b.scenario.commands.size(), b.clauses);
  });
  return list;
}

}  // namespace holdfast
