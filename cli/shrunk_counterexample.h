// What a divergence leaves behind for a person: the failing trace, the shrunk one, the dependency
// graph, the report.
#ifndef HOLDFAST_CLI_SHRUNK_COUNTEREXAMPLE_H_
#define HOLDFAST_CLI_SHRUNK_COUNTEREXAMPLE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "model/scenario.h"
#include "model/state.h"
#include "properties/lockstep/lockstep.h"
#include "properties/lockstep/runner.h"
#include "properties/shrink/shortest.h"
#include "properties/shrink/shrink.h"

namespace holdfast {

// A divergence, made as short as can be: everything that is said about it.
struct ShrunkCounterexample {
  Scenario failing;  // as it was found
  Scenario shrunk;
  Divergence divergence;          // of the shrunk one
  Flb before;                     // the records before its last call
  std::uint64_t evaluations = 0;  // sequences that were tried for it
  std::string shortest;           // what is known of shorter ones: "proved: ...", or the bound
  // false: alone, the scenario does not fail; what went before it in the process has a part in it
  bool repeats = true;
  std::string claim;                      // "core.v3 breaks R2 counted."
  std::string failing_text, shrunk_text;  // as traces
  // Describe(), the first state that differs, and what may vary
  std::string report;
};

// The shortest counterexample that there is to be had (properties/shrink/shortest.h): of the
// implementation, and so the same whatever `scenario` it diverged on; or with `same_rule` to the
// rule that it broke there. Where that is too deep to be searched for, or ends its process: the
// scenario, shrunk. `divergence` is how the runner's implementation diverged on it. Of the time,
// the search is given half and the shrinking what is left; if it runs out, the result is the best
// so far, and says so.
ShrunkCounterexample ShrinkToCounterexample(Runner& runner, const Scenario& scenario,
                                            const Divergence& divergence,
                                            const ShrinkBudget& budget, bool same_rule = false);
// The same for who has searched before.
ShrunkCounterexample ShrinkToCounterexample(Runner& runner, const Scenario& scenario,
                                            const Divergence& divergence,
                                            const ShrinkBudget& budget, const Shortest& shortest,
                                            bool same_rule = false);

// What a report says of it: where it was found, the rule, the shrunk trace, both sides, and the
// command that replays it, if any.
std::string PrintCounterexample(const ShrunkCounterexample& counterexample,
                                const std::string& origin, const std::string& replay);

// Writes failing.trace, shrunk.trace, the graphs before.dot and shrunk.dot, and report.txt into the
// directory, which is made if need be. "" or an error.
std::string WriteCounterexample(const std::string& directory,
                                const ShrunkCounterexample& counterexample);

// Where files go that nobody asked for by name: $TEST_UNDECLARED_OUTPUTS_DIR under `bazel test`,
// else `holdfast-out` in the directory that the caller stands in (under `bazel run`:
// $BUILD_WORKING_DIRECTORY).
std::string DefaultOutputDirectory();

}  // namespace holdfast

#endif  // HOLDFAST_CLI_SHRUNK_COUNTEREXAMPLE_H_
