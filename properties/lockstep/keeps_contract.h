// The caller's contract (model/rules/contract.h) over a whole scenario. It needs the states between
// the commands.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_KEEPS_CONTRACT_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_KEEPS_CONTRACT_H_

#include "model/scenario.h"

namespace holdfast {

// True if every command keeps the contract in the model's state before the command.
bool KeepsContract(const Scenario& scenario);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_KEEPS_CONTRACT_H_
