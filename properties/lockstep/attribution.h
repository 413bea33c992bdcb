// Which rules an implementation broke at the command where it differs from the model.
//
// A divergence is named by the broken rule, not by the field that differs. The rules judge the
// implementation's own state first. A rule that the model breaks at the same command is the
// profile's doing and is taken away. If no rule is left, the part that differs decides: each part
// belongs to the rule that promises it.
//
// Five differences have one rule each, because the other differences only follow from them:
//   - A refusal that the profile does not give, or with another errno, is R5. In the next kernel
//     such a refusal is R12: all records were to be retrieved.
//   - A WARN that the profile does not give is R15, whatever the call then returns. A call that
//     goes on where the profile's call crashes is R15 too. In the next kernel such a call is R12,
//     because the machine had to stop.
//   - A preserve op that was left out is R6, whatever its record then lacks.
//   - A pointer to no record at all is R7, because the chain lacks the record. It is R9 only if an
//     FLB went away.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_ATTRIBUTION_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_ATTRIBUTION_H_

#include "model/command.h"
#include "model/outcome.h"
#include "model/rules/rules.h"
#include "model/state.h"
#include "sut/sut.h"

namespace holdfast {

// One side's answer to a command.
struct Side {
  const Outcome& outcome;
  const State& state;
  const Queries& queries;
};

// The rule of each part in which the sides differ; empty if they agree. After a crash of either,
// the states are not compared.
RuleSet RulesOfDifference(const Side& model, const Side& sut);

// The rules that `sut` broke at `command`, where the sides differ. The set is never empty.
// `model_broken` and `sut_broken` are the rules that each side breaks. `standing` are the rules
// that a hostile caller had broken on both sides before. They are named only if no other rule is.
RuleSet Attribute(const Command& command, const Side& model, RuleSet model_broken, RuleSet standing,
                  const Side& sut, RuleSet sut_broken);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_ATTRIBUTION_H_
