// Makes a long failing scenario short by its turns: calls that come again and again.
//
// A scenario of 70,000 turns cannot be shrunk call by call: there are as many edits as calls, and
// each edit costs a run of all calls. Here an edit takes the calls before the turns, or a call out
// of each turn, or two calls of which one takes the other back. The candidate is as long as before,
// in more turns: behaviour that turns at a count still comes to that count. The candidate is cut
// where it fails.
#ifndef HOLDFAST_PROPERTIES_SHRINK_TURNS_H_
#define HOLDFAST_PROPERTIES_SHRINK_TURNS_H_

#include <cstddef>

#include "model/scenario.h"
#include "properties/lockstep/runner.h"
#include "properties/shrink/shrink.h"

namespace holdfast {

// A scenario with more commands is shrunk by its turns, and not call by call.
inline constexpr std::size_t kLongScenario = 4'096;
inline bool IsLong(const Scenario& scenario) { return scenario.commands.size() > kLongScenario; }

// `scenario` fails, and has a repeat (model/text/repeats.h); otherwise the result is the scenario.
// `still_fails` decides of a candidate that is cut where it fails. The result has no more commands,
// and no call of its turn can be spared.
Shrunk ShrinkTurns(Runner& runner, const Scenario& scenario, const FirstFailing& still_fails,
                   const ShrinkBudget& budget);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SHRINK_TURNS_H_
