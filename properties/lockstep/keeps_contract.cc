#include "properties/lockstep/keeps_contract.h"

#include "model/outcome.h"
#include "model/rules/contract.h"
#include "model/state.h"
#include "model/step.h"

namespace holdfast {

bool KeepsContract(const Scenario& scenario) {
  State state = InitialState(scenario.topology);
  Outcome outcome;
  for (const Command& command : scenario.commands) {
    if (BreachesOf(scenario.topology, state, command) != 0) return false;
    StepInPlace(scenario.topology, scenario.profile, state, command, outcome);
  }
  return true;
}

}  // namespace holdfast
