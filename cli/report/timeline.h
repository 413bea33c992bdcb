// A scenario as a timeline for a reader: what each call made of both sides. docs/report.md says its
// members.
//
// The scenario is run once more, and each step is written down as the Lockstep has judged it. A
// divergence is not run again: its step is told as it was found. So a call that ends its process
// has a timeline too, and a divergence reads the same here and in the text of the report.
//
// Timelines have a bounded size together, whatever the scenario: of a long one the first and the
// last steps are told, and of a long text its beginning. A scenario for which no space is left has
// no timeline. The bytes are the same each time, unless the time runs out: only an implementation
// whose calls take seconds comes to that.
#ifndef HOLDFAST_CLI_REPORT_TIMELINE_H_
#define HOLDFAST_CLI_REPORT_TIMELINE_H_

#include <cstddef>

#include "cli/report/json.h"
#include "model/scenario.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/runner.h"

namespace holdfast {

class Timelines {
 public:
  // Of a scenario on which the implementation diverges. Null if it is not deterministic: there is
  // no one run to tell.
  Json Of(Runner& runner, const Scenario& scenario, const Divergence& divergence);
  // Of a scenario on which both sides agree, with its teardown or without.
  Json Of(Runner& runner, const Scenario& scenario, bool with_teardown);

 private:
  // The divergence may be null.
  Json Record(Runner& runner, const Scenario& scenario, const Divergence* divergence,
              bool with_teardown);
  Json Fitting(Json timeline);

  // What is left for all timelines together.
  double seconds_ = 10;
  std::size_t bytes_ = 500'000;
};

}  // namespace holdfast

#endif  // HOLDFAST_CLI_REPORT_TIMELINE_H_
