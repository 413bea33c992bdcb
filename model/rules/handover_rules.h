// R12 over a step: what was live at the freeze comes over, and the next kernel takes it over.
//
// Private to Ledger::Check. The restoring side has no history of its own: the marks in the records
// say what is taken.
#ifndef HOLDFAST_MODEL_RULES_HANDOVER_RULES_H_
#define HOLDFAST_MODEL_RULES_HANDOVER_RULES_H_

#include "model/rules/rules.h"

namespace holdfast {

// A record that is live at the freeze stays live up to the kexec, comes over, and is there after
// the retrieve.
RuleCheck CheckHandedOver(const Transition& transition);

// What the restoring side may do to the records that came over, and what it owes when it succeeds.
// A call of any other kind takes nothing over.
RuleCheck CheckTakenOver(const Transition& transition);

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_RULES_HANDOVER_RULES_H_
