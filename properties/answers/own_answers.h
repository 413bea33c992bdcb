// The answers of an implementation that are not its profile's: each with what the named versions
// say, and the shortest sequence that shows it.
//
// There are two kinds. The profile names the first kind (ProfileAnswers): an implementation between
// two versions has some answers of each. The second kind has no name: a call that is refused for
// several reasons is answered for another one of them (refusals.h). An interview finds it: each
// entry point is called with every set of reasons to refuse.
//
// Neither kind is a mistake. A mistake is a divergence, and the run reports it.
#ifndef HOLDFAST_PROPERTIES_ANSWERS_OWN_ANSWERS_H_
#define HOLDFAST_PROPERTIES_ANSWERS_OWN_ANSWERS_H_

#include <string>
#include <vector>

#include "model/outcome.h"
#include "model/profile.h"
#include "model/scenario.h"
#include "properties/lockstep/runner.h"

namespace holdfast {

struct OwnAnswer {
  std::string question;
  Scenario scenario;  // its last command is answered so
  Outcome answer;     // the implementation's
  Outcome v3, v5;     // of the same command, on the same orchestrator
};

// In the order of the questions; the second kind after the first, by the length of the sequence.
std::vector<OwnAnswer> OwnAnswers(Runner& runner, const Profile& profile);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_ANSWERS_OWN_ANSWERS_H_
