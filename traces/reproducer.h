// A counterexample as a C++ program that calls the implementation and fails: what is sent to a
// person who has no use for the suite.
//
// The program loads the implementation, a shared object, by the interface of sut/sut.h, makes the
// calls of the scenario one after the other with their faults armed, those of the teardown too
// where it takes them, and expects of each what the model says. The model itself is not in it: its
// answers are literals. At the call that diverges it expects every part in which the sides differ,
// and names the rule. Where the sides agree, or only the hardware shows it, no answer of the model
// is at hand: it then expects that what was observed, in which the rule is broken, is not observed
// again.
//
// It includes headers of the suite and links nothing of it, so that one line compiles it. What it
// says holds for any implementation of the same profile: a sound one passes.
#ifndef HOLDFAST_TRACES_REPRODUCER_H_
#define HOLDFAST_TRACES_REPRODUCER_H_

#include <string>
#include <string_view>

#include "model/scenario.h"
#include "properties/lockstep/lockstep.h"

namespace holdfast {

// `divergence` is of `scenario`, run from its start. `claim` is one sentence; `object` is the
// implementation in the command that the program's comment shows, as a word of the shell.
std::string PrintReproducer(const Scenario& scenario, const Divergence& divergence,
                            std::string_view claim, std::string_view object);

}  // namespace holdfast

#endif  // HOLDFAST_TRACES_REPRODUCER_H_
