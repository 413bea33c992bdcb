// A scenario as a person gets it: as the text of a trace, and as a file to keep.
#ifndef HOLDFAST_PROPERTIES_SHRINK_COUNTEREXAMPLE_H_
#define HOLDFAST_PROPERTIES_SHRINK_COUNTEREXAMPLE_H_

#include <string>
#include <string_view>

#include "model/scenario.h"
#include "properties/lockstep/lockstep.h"

namespace holdfast {

// The scenario as a trace, ready to be pasted into a file and replayed: `claim` as its first line
// if there is one, and after each command the outcome that the model gives.
std::string TraceText(const Scenario& scenario, std::string_view claim = "");

// Writes a file into the directory that Bazel collects from a test ($TEST_UNDECLARED_OUTPUTS_DIR);
// nothing where there is none.
void KeepTestOutput(const std::string& file_name, const std::string& text);

// The whole story of a divergence for a test's log: the trace and the report. Kept as `name`.trace
// and, where there is a graph to draw, as `name`.dot with the dependencies of the implementation's
// records.
std::string Counterexample(const std::string& name, const Scenario& scenario,
                           const Divergence& divergence);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SHRINK_COUNTEREXAMPLE_H_
