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

// Bounds, so that each input is read in a moment. kMaxTraceCalls keeps slot numbers within a
// SlotRef.
inline constexpr std::size_t kMaxTraceBytes = std::size_t{4} << 20;
inline constexpr std::size_t kMaxLineBytes = std::size_t{64} << 10;
inline constexpr std::size_t kMaxTraceCalls = 32'000;

struct TraceLine {
  enum class Kind : std::uint8_t {
    kComment,  // the whole line is `comment`; a blank line's is empty
    kProfile,
    kTopology,
    kCall,
    kState,  // a checkpoint: what the state is after the calls above
    // the profile itself breaks a rule here, and both sides agree; the last statement
    kBreaks,
  };
  Kind kind = Kind::kComment;
  std::string comment;              // from its '#' on
  std::size_t calls = 0;            // how many stand above this line: kCall is commands[calls]
  std::size_t column = 1;           // of the expectation: the outcome, the sections, the rule
  std::optional<Outcome> outcome;   // kCall; nothing: to be filled in
  std::optional<StateClaim> claim;  // kState; nothing: to be filled in
  Rule rule = Rule::kHeld;          // kBreaks
};

struct Trace {
  std::string file;  // its name in messages
  Scenario scenario;
  std::vector<TraceLine> lines;  // lines[i] is line i + 1

  std::string_view claim() const;  // line 1 without its '#'
};

// Whether outcomes and checkpoints may be missing, to be filled in later.
enum class Completeness : std::uint8_t { kComplete, kToFillIn };

// The error is "file:line:column: expected ...".
std::variant<Trace, std::string> ParseTrace(std::string_view text, std::string file,
                                            Completeness completeness = Completeness::kComplete);
std::string PrintTrace(const Trace& trace);

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
