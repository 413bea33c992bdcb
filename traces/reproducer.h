// A counterexample as a C++ program that calls the implementation and fails, for a person who does
// not use the suite.
//
// The program loads the implementation, a shared object, by the interface of sut/sut.h. It makes
// the calls of the scenario in order, with their faults armed, and those of the teardown if the
// divergence needs them. It expects of each call what the model says. The program has no model: the
// model's answers are literals. At the call that diverges it expects every part in which the sides
// differ, and names the rule. If the sides agree, or if only the hardware shows the difference,
// there is no answer of the model. The program then expects that the observed broken state is not
// observed again.
//
// The program includes headers of the suite and links nothing of the suite, so one line compiles
// it. A sound implementation of the same profile passes.
#ifndef HOLDFAST_TRACES_REPRODUCER_H_
#define HOLDFAST_TRACES_REPRODUCER_H_

#include <string>
#include <string_view>

#include "model/scenario.h"
#include "properties/lockstep/lockstep.h"

namespace holdfast {

// `divergence` is of `scenario`, run from its start. `claim` is one sentence. `object` is the
// implementation, as a word of the shell, in the command in the program's comment.
std::string PrintReproducer(const Scenario& scenario, const Divergence& divergence,
                            std::string_view claim, std::string_view object);

}  // namespace holdfast

#endif  // HOLDFAST_TRACES_REPRODUCER_H_
