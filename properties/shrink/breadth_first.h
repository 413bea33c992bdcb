// A breadth-first search for a divergence, from one start and by one kind of caller: the piece of
// which shortest.h makes its answer.
//
// The states are those of the implementation's own memory, and the search goes on only once from
// each memory (Sut::Canonicalize). Of the sequences of one length the simplest wins, by
// Complexity() and then by their text, so that the answer depends on the implementation alone.
#ifndef HOLDFAST_PROPERTIES_SHRINK_BREADTH_FIRST_H_
#define HOLDFAST_PROPERTIES_SHRINK_BREADTH_FIRST_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/command.h"
#include "model/rules/rules.h"
#include "model/topology.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/deadline.h"
#include "properties/shrink/shortest.h"
#include "sut/sut.h"

namespace holdfast {

enum class Caller : std::uint8_t { kKeepsTheContract, kAny };

// What the searches of one answer spend together.
struct Purse {
  std::uint64_t limit;  // of edges, for the search at hand
  Deadline deadline;
  std::uint64_t edges = 0;
  bool out_of_time = false;

  // One edge; false if it cannot be afforded.
  bool Take() {
    if (edges >= limit || IsOutOfTime()) return false;
    ++edges;
    return true;
  }
  bool IsOutOfTime() { return out_of_time = out_of_time || deadline.passed(); }
};

// Where a search starts from: a topology, and the calls that are made first.
struct Start {
  Topology topology;
  std::vector<Command> prefix = {};
  std::string_view name = {};
};

// Every call that a search makes in the topology, with every fault.
std::vector<Command> AllCommands(const Topology& topology, bool of_port);

struct FromStart {
  std::optional<Counterexample> best;
  // False: out of edges or time before all sequences of that length. The best is of those seen.
  bool finished = false;
};

// Sequences of up to `limit` commands behind the start.
FromStart SearchFrom(Sut& sut, const ShortestOptions& options, Caller caller,
                     std::optional<Rule> rule, const Start& start, std::size_t limit, Purse& purse);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SHRINK_BREADTH_FIRST_H_
