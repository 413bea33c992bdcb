// What a divergence leaves behind for a person: the failing trace, the shrunk one, the dependency graph, the report.
#ifndef HOLDFAST_CLI_SHRUNK_COUNTEREXAMPLE_H_
#define HOLDFAST_CLI_SHRUNK_COUNTEREXAMPLE_H_

#include <cstddef>
#include <string>

#include "model/scenario.h"
#include "properties/lockstep.h"
#include "properties/runner.h"

namespace holdfast {

// A divergence, shrunk: everything that is said about it.
struct ShrunkCounterexample {
  Scenario failing;       // as it was found
  Scenario shrunk;
  Divergence divergence;  // of the shrunk one
  std::size_t evaluations = 0;
  bool minimal = true;    // no single edit makes it simpler; false: the budget ran out
  bool repeats = true;    // false: alone, the scenario does not fail; what went before it in the process has a part in it
  std::string failing_text, shrunk_text;  // as traces
  std::string report;                     // Describe()
};

// Shrinks `scenario`, on which the runner's implementation diverged so.
ShrunkCounterexample ShrinkToCounterexample(Runner& runner, const Scenario& scenario, const Divergence& divergence,
                                            std::size_t budget);

// Writes failing.trace, shrunk.trace, shrunk.dot and report.txt into the directory, which is made if need be. "" or an error.
std::string WriteCounterexample(const std::string& directory, const ShrunkCounterexample& counterexample);

// Where files go that nobody asked for by name: $TEST_UNDECLARED_OUTPUTS_DIR under `bazel test`, else `holdfast-out` in the
// directory that the caller stands in (under `bazel run`: $BUILD_WORKING_DIRECTORY).
std::string DefaultOutputDirectory();

}  // namespace holdfast

#endif  // HOLDFAST_CLI_SHRUNK_COUNTEREXAMPLE_H_
