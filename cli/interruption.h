// Signals that ask a run to stop: SIGINT, SIGTERM, SIGHUP.
//
// The first one makes every Deadline pass, in every process of the run. So the run ends as at the
// end of its time, and reports what is known. A second one ends the process at once.
//
// A terminal sends its signals to every process of the run, and `kill` to one. Only the first
// process listens. A child ends by such a signal if it has sent the signal to itself, as an
// implementation may.
#ifndef HOLDFAST_CLI_INTERRUPTION_H_
#define HOLDFAST_CLI_INTERRUPTION_H_

namespace holdfast {

// From here on, in this process and its children.
void ListenForSignals();

// The signal that has interrupted the run; 0: none.
int Interruption();

}  // namespace holdfast

#endif  // HOLDFAST_CLI_INTERRUPTION_H_
