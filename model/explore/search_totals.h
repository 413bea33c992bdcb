// The sums of an exhaustive search, and the first place of everything that it met: of the whole
// search, or of one thread's part.
//
// Places are ordered by the length of the path that shows them, then by state and command, as the
// search numbers them. The least of several places is the same in whatever order the places come.
// So the parts add up to the whole in any order.
#ifndef HOLDFAST_MODEL_EXPLORE_SEARCH_TOTALS_H_
#define HOLDFAST_MODEL_EXPLORE_SEARCH_TOTALS_H_

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include "model/command.h"
#include "model/outcome.h"
#include "model/rules/rules.h"

namespace holdfast {

// Where something first happened: a command in a state, or (kItself) the state itself.
struct Place {
  static constexpr std::uint32_t kItself = std::numeric_limits<std::uint16_t>::max();
  std::uint32_t length = std::numeric_limits<std::uint32_t>::max();  // of the path that shows it
  std::uint32_t state = 0;
  std::uint32_t command = kItself;

  auto operator<=>(const Place&) const = default;
};

// What tells outcomes apart: the verb, what the caller saw, and the place that failed.
using SightingKey = std::tuple<Verb, Outcome::Kind, bool, std::int16_t, FaultSite>;
inline SightingKey KeyOf(const Command& command, const Outcome& outcome) {
  return {command.verb, outcome.kind, outcome.warned, outcome.error,
          outcome.fault_fired ? command.fault.site : FaultSite::kNone};
}

// The sums of a search, or of one thread's part of it.
struct Totals {
  std::uint64_t edges = 0, cuts = 0, steps = 0;
  RuleSet checked = 0;
  std::array<Place, kRuleCount + 1> broken;  // by rule
  std::map<SightingKey, std::pair<std::uint64_t, Place>> sightings;

  void Break(RuleSet rules, const Place& place) {
    for (const RuleInfo& info : Rules()) {
      Place& first = broken[static_cast<std::size_t>(info.rule)];
      if (rules & RuleBit(info.rule)) first = std::min(first, place);
    }
  }
  void See(const SightingKey& key, std::uint64_t edges_seen, const Place& place) {
    auto& [count, first] = sightings[key];
    count += edges_seen;
    first = std::min(first, place);
  }
  void Add(const Totals& other) {
    edges += other.edges;
    cuts += other.cuts;
    steps += other.steps;
    checked |= other.checked;
    for (std::size_t i = 0; i < broken.size(); ++i)
      broken[i] = std::min(broken[i], other.broken[i]);
    for (const auto& [key, sighting] : other.sightings) See(key, sighting.first, sighting.second);
  }
};

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_EXPLORE_SEARCH_TOTALS_H_
