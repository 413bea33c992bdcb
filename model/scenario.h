// A scenario: all that a run depends on. Equal scenarios give equal runs.
#ifndef HOLDFAST_MODEL_SCENARIO_H_
#define HOLDFAST_MODEL_SCENARIO_H_

#include <vector>

#include "model/command.h"
#include "model/profile.h"
#include "model/topology.h"

namespace holdfast {

struct Scenario {
  Profile profile;  // with the orchestrator in force
  Topology topology;
  std::vector<Command> commands;

  bool operator==(const Scenario&) const = default;
};

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_SCENARIO_H_
