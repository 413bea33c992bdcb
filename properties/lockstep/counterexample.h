// A counterexample: a scenario, and how an implementation diverges from the model on it. Every
// search of the suite returns one, and properties/shrink/minimize.h makes it as short as it gets.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_COUNTEREXAMPLE_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_COUNTEREXAMPLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/command.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/reach.h"
#include "model/rules/rules.h"
#include "model/scenario.h"
#include "model/state.h"
#include "sut/detail.h"

namespace holdfast {

class Sut;

// Two runs of one sequence in which the implementation did not do the same.
struct Variation {
  std::string how;            // the second run differs from the first: "run again", "run alone"
  std::string first, second;  // what it did at the first step that differs (PrintAnswer)
};

// A device whose requests do not end where R13 wants them.
struct Astray {
  std::uint8_t device = 0;
  std::uint8_t owed = 0;              // a domain's index, or Reach::kBlocked
  std::vector<std::string> requests;  // Sut::ExplainReach
};

struct Divergence {
  // When it showed. kBegin: before any command (the layout, R14; a reset that did not come back).
  // kCommand: at a command of the scenario. kTeardown: at a command that the teardown added. kEnd:
  // at the check after the teardown.
  enum class Moment : std::uint8_t { kBegin, kCommand, kTeardown, kEnd };

  Moment moment = Moment::kCommand;
  std::size_t step = 0;       // number of commands run before, those of the teardown included
  Command command;            // the one that showed it; the last one run for kEnd
  Rule rule = Rule::kAtomic;  // the headline
  // all that the implementation breaks here and the profile does not allow
  RuleSet rules = 0;
  bool sides_differ = true;  // false: both sides agree and break a rule that is owed
  Outcome model_outcome, sut_outcome;
  State model_state, sut_state;
  Queries model_queries, sut_queries;
  Reach reach;                 // of the implementation
  std::vector<Astray> astray;  // if R13 is broken
  Layout model_layout, sut_layout;
  // Addresses of the implementation's code (Sut): where the command enters it, and where it warned
  // or crashed, if only it did.
  const void* entry = nullptr;
  std::vector<const void*> fault = {};
  Detail detail = {};  // of a finding
  // how the call ended the process that it ran in (runner.h); empty: it did not
  std::string ending;
  // The implementation is not deterministic, first seen at this step. Nothing is said of rules, and
  // what follows from one run is not filled in, or not reliable.
  std::optional<Variation> variation = {};
  // it ended after the call: when, and how, is for the layout of memory to say
  bool noticed_later = false;
};

struct Counterexample {
  Scenario scenario;
  Divergence divergence;
};

// What an implementation did in a step, on one line.
std::string PrintAnswer(const Topology& topology, const Outcome& outcome, const State& state,
                        const Queries& queries, const Reach& reach);

// What each query answers: "dev0=#0 iommu0=null".
std::string PrintQueries(const Topology& topology, const Queries& queries);

// What a device's DMA reaches: "dom0", "nothing".
std::string PrintReached(std::uint8_t reach);
// Where each device's DMA goes: "dev0 reaches dom0, dev1 reaches nothing". "" without hardware.
std::string PrintReach(const Topology& topology, const Reach& reach);

// "two runs differ at call 3, preserve_device dom0 dev0".
std::string PrintVariation(const Divergence& divergence, std::size_t commands);

// The implementation's name for itself, on one line.
std::string NameOf(const Sut& sut);

// The report of a divergence, several lines: rule, outcome, calls and state of both sides where
// they differ.
std::string Describe(const Scenario& scenario, const Divergence& divergence);
// The text of a state with each run of eight or more DELETED slots as one word, "x*112".
std::string FoldedSlots(std::string_view text);
// A text of one side: a defect may show millions of records, and nobody reads them.
std::string CutOff(std::string text);

// The scenario as a trace under the `claim`, then Describe().
std::string PrintCounterexample(const Counterexample& counterexample, std::string_view claim = "");

// Text as one word of a POSIX shell, in quotes where the shell would read more than letters in it.
std::string ShellWord(std::string_view text);

// The command line that runs a trace again, for a shell. `sut` is the implementation as the caller
// named it; an empty `sut` is the built-in one of the trace's profile.
std::string ReplayCommand(const std::string& trace_file, const std::string& sut, bool hardened);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_COUNTEREXAMPLE_H_
