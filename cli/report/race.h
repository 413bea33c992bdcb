// A race of callers at once, as it is told: its trace, a report for a person, JSON for a machine.
#ifndef HOLDFAST_CLI_REPORT_RACE_H_
#define HOLDFAST_CLI_REPORT_RACE_H_

#include <string>
#include <string_view>

#include "cli/report/json.h"
#include "properties/callers/explore_callers.h"

namespace holdfast {

struct RaceText {
  std::string trace;   // docs/trace-format.md, "Callers at once"
  std::string report;  // what each caller did and saw, and why no order explains it
  std::string replay;  // the command that replays the trace; empty until KeepRace
};
RaceText TellRace(const Race& race, const std::string& sut_name);

// Writes callers.trace into the directory, or into DefaultOutputDirectory(), and notes the replay
// command. `sut` is the implementation as the user named it. Prints an error to standard error.
void KeepRace(RaceText& race, const std::string& out, const std::string& sut);

// "R8 pages, 2 calls of callers at once, 1 preemption".
std::string SummaryOf(const Race& race);

// The lines of a report. `origin` is the part that found the race.
std::string PrintRace(const Race& race, const RaceText& text, std::string_view origin);

// The member `divergence` of a command's JSON. A search finds a race in its shortest form, so the
// failing trace is the shrunk one.
Json DivergenceOf(const Race& race, const RaceText& text, std::string_view origin);

}  // namespace holdfast

#endif  // HOLDFAST_CLI_REPORT_RACE_H_
