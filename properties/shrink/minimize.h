// Makes a counterexample as short as can be. Every part of the suite that finds one calls Minimize,
// so that a defect has the same shortest text whatever found it: `run`, `explore`, `shrink`,
// `mutants`, the conformance tests of a driver port, the RapidCheck properties.
//
// Two ways lead to a short sequence. The search (shortest.h) tries all sequences in small
// topologies, shortest first. Its answer depends on the implementation alone. Shrinking (shrink.h)
// takes the scenario apart edit by edit. Its answer depends on the scenario. The search goes first;
// the table in minimize.cc says when which answer is taken.
#ifndef HOLDFAST_PROPERTIES_SHRINK_MINIMIZE_H_
#define HOLDFAST_PROPERTIES_SHRINK_MINIMIZE_H_

#include <cstdint>
#include <string>

#include "model/text/trace.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/deadline.h"
#include "properties/lockstep/runner.h"
#include "properties/shrink/shortest.h"
#include "properties/shrink/shrink.h"

namespace holdfast {

struct MinimizeOptions {
  // The search gets half of the time, and shrinking gets the rest. When the time runs out, the
  // result is the best one so far, and says so.
  ShrinkBudget budget = {};
  Deadline deadline = {};  // of the whole run: the time runs out then, too
  bool same_rule = false;  // the result must break the rule that was broken when it was found
  Counts counts = {};      // the result must be one of these
};

struct Minimized {
  Counterexample found;     // as Minimize got it
  Counterexample minimal;   // as short as can be
  std::uint64_t tried = 0;  // sequences
  std::string proof = {};   // what is known of shorter ones: "proved: ...", or the bound
  // The implementation is not deterministic (Divergence::variation). The trace would not replay, so
  // its lines are comments.
  bool varies() const { return minimal.divergence.variation.has_value(); }

  // False: alone, the scenario does not fail. An earlier scenario of the same process has a part in
  // the failure.
  bool repeats = true;
  std::string claim = {};   // "core.v3 breaks R2 counted."
  std::string report = {};  // Describe(), the first state that differs, and what may vary
  std::string replay = {};  // the command that replays the trace; empty until LeaveBehind

  std::string found_trace() const;
  std::string minimal_trace() const;
};

// The runner's implementation diverges as `found` says, or did so once: then it is not
// deterministic, and the result says that.
Minimized Minimize(Runner& runner, const Counterexample& found,
                   const MinimizeOptions& options = {});

// The same in two steps, for a caller who minimizes several counterexamples of one implementation:
// the search, whose answer is the same for all of them, and the rest.
Shortest SearchFor(Runner& runner, const Counterexample& found,
                   const MinimizeOptions& options = {});
Minimized Minimize(Runner& runner, const Counterexample& found, const MinimizeOptions& options,
                   const Shortest& searched);

// The text as a report shows it, with each line two columns to the right.
std::string Indented(const std::string& text);

// The lines of a report: where the counterexample was found, the rule, the shortest trace, both
// sides, and the replay command if there is one.
std::string PrintMinimized(const Minimized& minimized, const std::string& origin);

// Writes failing.trace, shrunk.trace, the graphs before.dot and shrunk.dot, and report.txt into the
// directory, and makes the directory if need be. Notes the replay command, with the implementation
// as the caller named it. "" or an error.
std::string LeaveBehind(Minimized& minimized, const std::string& directory, const std::string& sut,
                        bool hardened = false);

// Where files go that nobody asked for by name: $TEST_UNDECLARED_OUTPUTS_DIR under `bazel test`,
// else `holdfast-out` in the directory that the caller stands in (under `bazel run`:
// $BUILD_WORKING_DIRECTORY).
std::string DefaultOutputDirectory();

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SHRINK_MINIMIZE_H_
