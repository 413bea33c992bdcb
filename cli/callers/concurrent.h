// Callers at once, for `explore --concurrent` and `replay` (docs/callers.md).
#ifndef HOLDFAST_CLI_CALLERS_CONCURRENT_H_
#define HOLDFAST_CLI_CALLERS_CONCURRENT_H_

#include <optional>
#include <string>
#include <variant>

#include "model/profile.h"
#include "properties/callers/callers_trace.h"
#include "properties/lockstep/runner.h"
#include "sut/sut.h"

namespace holdfast {

struct ConcurrentOptions {
  int callers = 2, calls = 3;
  int preemptions = kAnyNumber;
  std::string out;  // a directory, for the trace of a race
  std::string sut;  // as the caller named it

  static constexpr int kAnyNumber = 100;
};

// A race as it is told to a user: its trace, and the text of a report with that trace. KeepRace
// adds how to replay it.
struct RaceText {
  std::string trace, text, replay;
};
RaceText TellRace(const Race& race, const std::string& sut_name);
// Leaves the trace in the directory, or in DefaultOutputDirectory(). Prints an error to standard
// error. `sut` is the implementation as the user named it.
void KeepRace(RaceText& race, const std::string& out, const std::string& sut);
// "R8 pages, 2 calls of callers at once, 1 preemption".
std::string SummaryOf(const Race& race);

// Searches the default worlds, and prints what is proved. Returns the exit status.
int ExploreConcurrently(Runner& runner, const Profile& profile, const ConcurrentOptions& options);

// The trace of callers at once in the file, or the error of one. Nothing: the file is none.
std::optional<std::variant<CallersTrace, std::string>> ReadCallersTrace(const std::string& path);

// Runs the trace, and prints the race if there is one. Returns the exit status.
int ReplayCallers(Sut& sut, const CallersTrace& trace);

}  // namespace holdfast

#endif  // HOLDFAST_CLI_CALLERS_CONCURRENT_H_
