// Which rules an implementation broke where it differs from the model.
//
// A divergence is named by the rule that it breaks, not by the field that differs. The rules are
// asked of the implementation's own state first; what the model breaks at the same command is the
// profile's doing and is taken away. If no rule speaks, the difference itself is given to the rule
// that promises the part that differs; but a refusal that the profile does not give, or with
// another errno, is that alone (R5), and so is a call that goes on where the profile's crashes:
// what differs besides only follows. In the next kernel both are R12: the records were to be
// retrieved, all of them, or the machine stopped. A preserve op that was left out is R6, whatever
// its record then lacks; a pointer to no record at all is R7, the chain's, and not R9, unless an
// FLB went away.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_ATTRIBUTION_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_ATTRIBUTION_H_

#include "model/command.h"
#include "model/outcome.h"
#include "model/rules/rules.h"
#include "model/state.h"
#include "sut/sut.h"

namespace holdfast {

// What one side did with a command.
struct Side {
  const Outcome& outcome;
  const State& state;
  const Queries& queries;
};

// The rule of each part in which the sides differ; empty if they agree. After a crash of either,
// the states are not compared.
RuleSet RulesOfDifference(const Side& model, const Side& sut);

// The rules that `sut` broke at `command`, on which the sides differ: never empty. `model_broken`
// and `sut_broken` are what the rules say of each side, `standing` what a hostile caller had broken
// on both before: that is named only if nothing else is.
RuleSet Attribute(const Command& command, const Side& model, RuleSet model_broken, RuleSet standing,
                  const Side& sut, RuleSet sut_broken);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_ATTRIBUTION_H_
