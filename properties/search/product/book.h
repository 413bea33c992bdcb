// What a search of the product has found: the states by number, a shortest way to each, and each
// kind of hazard with the place that comes first.
//
// States are numbered in the order of the search, breadth first. A lower number has no longer way,
// so the first of several places is the lowest (state, command), in whatever order the places come.
#ifndef HOLDFAST_PROPERTIES_SEARCH_PRODUCT_BOOK_H_
#define HOLDFAST_PROPERTIES_SEARCH_PRODUCT_BOOK_H_

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "model/rules/contract.h"
#include "model/rules/rules.h"
#include "properties/lockstep/fingerprint.h"
#include "properties/lockstep/hazards.h"
#include "properties/search/product/product.h"

namespace holdfast {

// An edge, by the state that it leaves.
struct ProductPlace {
  std::uint32_t from = 0;
  std::uint16_t command = 0;
  bool after_teardown = false;  // of the state that the edge leads to

  auto operator<=>(const ProductPlace&) const = default;
};

// Rules that both sides broke together.
struct HazardSighting {
  RuleSet rules = 0;
  Breaches clauses = 0;  // that the caller had broken by then
  ProductPlace first;
  std::uint64_t times = 1;
};

// One sighting of each kind: hostile callers see millions of hazards, of a few kinds.
class HazardKinds {
 public:
  void Add(const HazardSighting& sighting) {
    const Kind kind = {sighting.rules, sighting.clauses, sighting.first.after_teardown};
    const auto [at, is_new] = kinds_.try_emplace(kind, sighting);
    if (is_new) return;
    at->second.times += sighting.times;
    at->second.first = std::min(at->second.first, sighting.first);
  }

  // In the order in which the search sees them first.
  std::vector<HazardSighting> List() const {
    std::vector<HazardSighting> list;
    for (const auto& [kind, sighting] : kinds_) list.push_back(sighting);
    std::sort(list.begin(), list.end(),
              [](const HazardSighting& a, const HazardSighting& b) { return a.first < b.first; });
    return list;
  }

 private:
  using Kind = std::tuple<RuleSet, Breaches, bool>;  // true: after a teardown

  std::map<Kind, HazardSighting> kinds_;
};

class ProductBook {
 public:
  ProductBook(const ProductOptions& options, const std::vector<Command>& alphabet)
      : options_(options), alphabet_(alphabet) {}

  std::size_t states() const { return states_.size(); }
  std::size_t model_states() const { return model_states_.size(); }
  std::size_t known_states() const { return known_.size(); }

  std::optional<std::uint32_t> NumberOf(const Fingerprint& memory) {
    return states_.NumberOf(memory);
  }
  // The state's number, and whether it is new: then this edge is a shortest way to it.
  std::pair<std::uint32_t, bool> Number(const Fingerprint& memory, std::uint32_t from,
                                        std::size_t command) {
    const std::pair<std::uint32_t, bool> number = states_.Insert(memory);
    if (number.second) {
      parents_.push_back(from);
      commands_.push_back(static_cast<std::uint16_t>(command));
    }
    return number;
  }
  std::size_t CommandTo(std::uint32_t state) const { return commands_[state]; }

  // What the model makes of a new state. True: the model has not been there, with as much of its
  // past as is told apart.
  bool AddModel(const Fingerprint& canonical, const Fingerprint& known) {
    model_states_.Insert(canonical);
    return known_.Insert(known).second;
  }
  bool Knows(const Fingerprint& known) { return known_.Has(known); }

  // A shortest way to the state, and one command more.
  Scenario ScenarioTo(std::uint32_t state, std::size_t command) const {
    Scenario scenario = {options_.profile, options_.world.topology, {alphabet_[command]}};
    for (; state != 0; state = parents_[state])
      scenario.commands.push_back(alphabet_[commands_[state]]);
    std::reverse(scenario.commands.begin(), scenario.commands.end());
    return scenario;
  }
  // A shortest way to a state that is not the first.
  Scenario ScenarioTo(std::uint32_t state) const {
    return ScenarioTo(parents_[state], commands_[state]);
  }
  // Writes the way to the state into the recorder, if there is one. The lockstep writes down the
  // commands that follow.
  void NoteWay(std::uint32_t state) const {
    if (!options_.recorder || state == 0) return;
    const Scenario way = ScenarioTo(state);
    for (std::size_t step = 0; step < way.commands.size(); ++step)
      options_.recorder->Add(step, way.commands[step]);
  }
  // The edge by which the state was found, for what is seen in its teardown.
  ProductPlace TeardownOf(std::uint32_t state) const {
    return {parents_[state], commands_[state], true};
  }

  HazardKinds& hazards() { return hazards_; }
  // Each with its shortest sequence.
  Hazards ListHazards() const {
    Hazards hazards;
    for (const HazardSighting& sighting : hazards_.List()) {
      const Scenario scenario = ScenarioTo(sighting.first.from, sighting.first.command);
      hazards.Add(sighting.rules, sighting.clauses, scenario, scenario.commands.size(),
                  sighting.first.after_teardown, sighting.times);
    }
    return hazards;
  }

 private:
  const ProductOptions& options_;
  const std::vector<Command>& alphabet_;
  FingerprintSet states_, model_states_;
  FingerprintSet known_;                 // states of the model, with as much of their past
  std::vector<std::uint32_t> parents_;   // by state
  std::vector<std::uint16_t> commands_;  // by state: the one that leads to it from its parent
  HazardKinds hazards_;
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SEARCH_PRODUCT_BOOK_H_
