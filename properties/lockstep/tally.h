// How often each event was seen, over any number of runs.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_TALLY_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_TALLY_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "model/rules/rules.h"

namespace holdfast {

struct Tally {
  std::uint64_t cases = 0;  // that were run to their end
  std::uint64_t commands = 0;
  // by rule number: commands on which the rule's premise was met
  std::array<std::uint64_t, kRuleCount + 1> checked{};

  void Add(RuleSet rules) {
    for (; rules != 0; rules &= rules - 1)
      ++checked[static_cast<std::size_t>(std::countr_zero(rules))];
  }
  void Add(const Tally& other) {
    cases += other.cases;
    commands += other.commands;
    for (std::size_t i = 0; i < checked.size(); ++i) checked[i] += other.checked[i];
  }
  // What `other` counted was added before.
  void Subtract(const Tally& other) {
    cases -= other.cases;
    commands -= other.commands;
    for (std::size_t i = 0; i < checked.size(); ++i) checked[i] -= other.checked[i];
  }
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_TALLY_H_
