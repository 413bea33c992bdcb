// A trace: one scenario and its expected outcomes, as text that a person writes, reads and pastes.
// docs/trace-format.md.
//
// A Trace remembers its lines. So printing gives the file back with its comments, its blank lines
// and its order. Printing is canonical: one spelling for each statement. A trace says what the
// model says. An implementation is held against both.
//
// A trace is not the log of a run. It depends on no implementation, no seed and no address.
#ifndef HOLDFAST_MODEL_TEXT_TRACE_H_
#define HOLDFAST_MODEL_TEXT_TRACE_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/outcome.h"
#include "model/rules/rules.h"
#include "model/scenario.h"
#include "model/text/text.h"

namespace holdfast {

// Bounds, so that each input is read in a moment: on the text, on the calls that are written out,
// and on the calls with all turns of a `repeat`.
inline constexpr std::size_t kMaxTraceBytes = std::size_t{4} << 20;
inline constexpr std::size_t kMaxLineBytes = std::size_t{64} << 10;
inline constexpr std::size_t kMaxTraceCalls = 32'000;
inline constexpr std::size_t kMaxRepeatedCalls = 1'000'000;
// At one time: slots of a chain, or files, which have 15 bits; claims of a group, which have 8.
// Bounds on a trace with a `repeat`.
inline constexpr std::size_t kMaxTraceSlots = 32'000, kMaxTraceClaims = 250;

struct TraceLine {
  enum class Kind : std::uint8_t {
    kComment,  // the whole line is `comment`; a blank line's is empty
    kProfile,
    kTopology,
    kCall,
    kState,   // a checkpoint: what the state is after the calls above
    kRepeat,  // the calls up to kEnd are made `turns` times
    kEnd,
    // the profile itself breaks a rule here, and both sides agree; the last statement
    kBreaks,
  };
  Kind kind = Kind::kComment;
  std::string comment;  // from its '#' on
  // How many calls are made above this line: kCall is commands[calls]. Within a `repeat`, of the
  // first turn; the call is made again `stride` commands later in each of the next turns.
  std::size_t calls = 0;
  std::size_t turns = 1;            // kRepeat, and kCall within one
  std::size_t stride = 0;           // calls of one turn
  std::size_t column = 1;           // of the expectation: the outcome, the sections, the rule
  std::optional<Outcome> outcome;   // kCall; nothing: to be filled in
  std::optional<StateClaim> claim;  // kState; nothing: to be filled in
  Rule rule = Rule::kHeld;          // kBreaks

  // kCall: the line makes this command, in one of its turns.
  bool Makes(std::size_t command) const {
    if (stride == 0) return command == calls;
    return command >= calls && (command - calls) % stride == 0 &&
           (command - calls) / stride < turns;
  }
};

struct Trace {
  std::string file;  // its name in messages
  Scenario scenario;
  std::vector<TraceLine> lines;  // lines[i] is line i + 1

  std::string_view claim() const;  // line 1 without its '#'
};

// Whether outcomes and checkpoints may be missing, to be filled in later.
enum class Completeness : std::uint8_t { kComplete, kToFillIn };

// Calls `visit(line, turn)` for each line in the order in which the lines take place: those of a
// `repeat` once a turn. Lines and turns count from 0.
void ForEachLine(const Trace& trace, const std::function<void(std::size_t, std::size_t)>& visit);

// The error is "file:line:column: expected ...".
std::variant<Trace, std::string> ParseTrace(std::string_view text, std::string file,
                                            Completeness completeness = Completeness::kComplete);
std::string PrintTrace(const Trace& trace);

// Whether the model's numbers have room for the scenario, call by call: kMaxTraceSlots and
// kMaxTraceClaims.
bool HasRoom(const Scenario& scenario);

// A scenario as a trace, with the outcomes that the model gives. `claim` is the first line, without
// its '#'; an empty claim has no line.
Trace MakeTrace(const Scenario& scenario, std::string_view claim = "");
// The same as text.
std::string PrintScenario(const Scenario& scenario, std::string_view claim = "");

// Fills in every outcome and every section that a checkpoint claims from the model, a bare `state`
// whole.
void FillIn(Trace& trace);

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_TEXT_TRACE_H_
