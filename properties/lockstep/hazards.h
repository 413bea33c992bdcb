// Hazards: rules that a profile lets a hostile caller break, with the shortest known sequence of
// each.
//
// A hazard is a rule and the clauses of the caller's contract that were broken by then. A hazard
// that needs more clauses than another hazard of its rule, and is not shorter, is left out: it is
// the other hazard with more beside it.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_HAZARDS_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_HAZARDS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/rules/contract.h"
#include "model/rules/rules.h"
#include "model/scenario.h"

namespace holdfast {

struct Hazard {
  Rule rule = Rule::kQuiet;
  Breaches clauses = 0;
  bool after_teardown = false;  // it shows when all that can be unpreserved was
  std::uint64_t count = 0;      // how often it was seen, longer sequences included
  Scenario scenario;            // the shortest one, cut off after the command that shows it
};

class Hazards {
 public:
  // `rules` were broken after the first `length` commands of the scenario, or at the end of its
  // teardown. Of equal lengths the first sequence stays. `times` counts sequences that were not
  // shorter.
  void Add(RuleSet rules, Breaches clauses, const Scenario& scenario, std::size_t length,
           bool after_teardown, std::uint64_t times = 1);
  void Add(const Hazards& other);

  // By rule, then by length, then by clauses.
  std::vector<Hazard> List() const;

 private:
  std::vector<Hazard> hazards_;  // at most one for a (rule, clauses)
  // into hazards_
  std::vector<std::int16_t> index_ = std::vector<std::int16_t>((kRuleCount + 1) * 256, -1);
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_HAZARDS_H_
