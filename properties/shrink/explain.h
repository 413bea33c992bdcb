// What in a counterexample may be otherwise without a change of the verdict, so that a reader does
// not look for meaning where there is none: "any device", "any error".
#ifndef HOLDFAST_PROPERTIES_SHRINK_EXPLAIN_H_
#define HOLDFAST_PROPERTIES_SHRINK_EXPLAIN_H_

#include <string>
#include <vector>

#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/runner.h"

namespace holdfast {

// One line for each call in which something may vary: "call 3, preserve_device: any error". Tried,
// not reasoned: each operand in turn is another object that is added for it, and each error another
// one, and the scenario is run again; what then breaks the same rule on the same side may vary.
// Costs a run for each operand.
std::vector<std::string> WhatMayVary(Runner& runner, const Counterexample& counterexample);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SHRINK_EXPLAIN_H_
