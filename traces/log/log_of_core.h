// A generator of logs: random calls on an implementation, written as one of the three tools would
// print them on a real machine. No kernel is booted: the lines are made from outcomes.
#ifndef HOLDFAST_TRACES_LOG_LOG_OF_CORE_H_
#define HOLDFAST_TRACES_LOG_LOG_OF_CORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "model/command.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "sut/sut.h"
#include "traces/log/event.h"
#include "traces/log/line.h"

namespace holdfast {

struct LogOptions {
  int calls = 40;
  int devices = 3;          // at most
  std::uint32_t tasks = 1;  // each with a CPU of its own
  double dropped = 0;       // the share of fields that are left out
  double unreturned = 0;    // the share of returns that are missing
  double lost = 0;          // of calls that a gap swallows
  double overlapping = 0;   // of calls that another task's call overlaps
};

// One event, before anything is left out.
struct WrittenEvent {
  LogEvent event;
  std::string function;
};

// What a call shows, from its entry to its return, if nothing is left out; nothing, if no probe
// watches it. CPU and task are 0.
std::vector<LogEvent> EventsOf(const Profile& profile, const Command& command, bool looks_up,
                               bool flb_before, bool flb_after, const Outcome& outcome);

std::vector<WrittenEvent> RandomEvents(Sut& sut, const Profile& profile, std::uint64_t seed,
                                       const LogOptions& options);
// The line of an event, without its end.
std::string WriteEvent(const WrittenEvent& event, LogFormat format, std::uint64_t time);

}  // namespace holdfast

#endif  // HOLDFAST_TRACES_LOG_LOG_OF_CORE_H_
