// What a divergence leaves behind for a person: the failing trace, the shrunk one, the dependency graph, the report.
#ifndef HOLDFAST_CLI_SHRUNK_COUNTEREXAMPLE_H_
#define HOLDFAST_CLI_SHRUNK_COUNTEREXAMPLE_H_

#include <cstddef>
#include <string>

#include "model/scenario.h"
#include "properties/lockstep.h"
#include "sut/sut.h"

namespace holdfast {

// A divergence, shrunk: everything that is said about it.
struct ShrunkCounterexample {
  Scenario failing;       // as it was found
  Scenario shrunk;
  Divergence divergence;  // of the shrunk one
  std::size_t evaluations = 0;
  bool minimal = true;    // no single edit makes it simpler; false: the budget ran out
  std::string failing_text, shrunk_text;  // as traces
  std::string report;                     // Describe()
};

// Shrinks `scenario`, on which the subject diverges.
ShrunkCounterexample ShrinkToCounterexample(Sut& sut, const Scenario& scenario, bool hardened, std::size_t budget);

// What a report says of it: where it was found, the rule, the shrunk trace, both sides, and the command that replays it, if any.
std::string PrintCounterexample(const ShrunkCounterexample& counterexample, const std::string& origin, const std::string& replay);

// Writes failing.trace, shrunk.trace, shrunk.dot and report.txt into the directory, which is made if need be. "" or an error.
std::string WriteCounterexample(const std::string& directory, const ShrunkCounterexample& counterexample);

// Where files go that nobody asked for by name: $TEST_UNDECLARED_OUTPUTS_DIR under `bazel test`, else `holdfast-out` in the
// directory that the caller stands in (under `bazel run`: $BUILD_WORKING_DIRECTORY).
std::string DefaultOutputDirectory();

}  // namespace holdfast

#endif  // HOLDFAST_CLI_SHRUNK_COUNTEREXAMPLE_H_
