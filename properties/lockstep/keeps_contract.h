// The caller's contract (model/rules/contract.h) over a whole scenario, which needs the states
// between its commands.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_KEEPS_CONTRACT_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_KEEPS_CONTRACT_H_

#include "model/scenario.h"

namespace holdfast {

// True if every command keeps the contract in the state that the model is in before it.
bool KeepsContract(const Scenario& scenario);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_KEEPS_CONTRACT_H_
