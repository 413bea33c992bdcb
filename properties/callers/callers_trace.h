// A schedule as text: the trace form of callers at once (docs/trace-format.md).
//
//   # mutant.race_v5_double_domain breaks R8 pages.
//   profile v5
//   topology iommu0(dev0 dev1) dom0
//   preserve_file                                           = 0
//   caller a: preserve_domain dom0
//   caller b: preserve_domain dom0
//   switches a*2 b*7 a*6
//
// The lines before the first caller are a trace, and are parsed as one. A caller's lines are its
// calls, in order. `switches` says who runs: `a*2` is two moves of caller a, from point to point;
// the first move of a call is its beginning. `a~3` is a move that stops before the third plain
// access that it comes to (Move::stops_before). A caller who cannot move is passed over, and calls
// that are left at the end are run to their end, so a mended implementation gets a whole run too.
//
// From the first caller's line on there is no comment and no blank line.
//
// A caller's line has no outcome: what the callers may see is a matter of all calls together.
#ifndef HOLDFAST_PROPERTIES_CALLERS_CALLERS_TRACE_H_
#define HOLDFAST_PROPERTIES_CALLERS_CALLERS_TRACE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/command.h"
#include "model/text/trace.h"
#include "properties/callers/explore_callers.h"
#include "properties/callers/schedule.h"
#include "sut/sut.h"

namespace holdfast {

struct CallersTrace {
  Trace before;  // the claim, the profile, the topology, and the calls before the callers begin
  std::vector<std::pair<std::uint8_t, Command>> calls;  // by line: the caller, the call
  std::vector<Move> switches;                           // which begin no call by themselves

  std::string claim() const { return std::string(before.claim()); }
};

inline constexpr std::size_t kMaxMoves = 100'000;

// True: the text is to be parsed here, and not as a trace.
bool HasCallers(std::string_view text);
// The error is "file:line:column: expected ...".
std::variant<CallersTrace, std::string> ParseCallersTrace(std::string_view text, std::string file);
std::string PrintCallersTrace(const CallersTrace& trace);
CallersTrace MakeCallersTrace(const Schedule& schedule, std::string_view claim);

// Runs the trace. The race, if there is one, with the moves that were made. The error: the sides
// differ before the callers begin.
std::variant<std::optional<Race>, std::string> RunCallersTrace(Sut& sut, const CallersTrace& trace);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_CALLERS_CALLERS_TRACE_H_
