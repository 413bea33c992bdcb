// Every reachable state of a bounded world, breadth first, with the rules on every edge.
//
//   Explore(world, profile, options) -> the numbers of states and edges, the rules that were met,
//   the shortest path to each violation
//
// States are canonical (canonical.h) and packed (packing.h). An edge is a command that the world's
// caller makes in a state; a command whose armed fault does not fire is no edge. Every edge is
// judged by the rules over a step, R6 by the ledger of the records (Ledger::AsRecorded). Every
// state is judged by the rules of a state and the queries. The dependency rule has two statements,
// CheckState and the graph (dependency_graph.h), which must agree. A command whose result exceeds
// a bound is judged like every other, is not followed, and counts as a cut.
//
// If the caller keeps the contract, all rules are owed. Otherwise the rules are owed that hold on
// every sequence of the profile (HardenedRules). Any other rule that is broken is a hazard, and is
// listed with its shortest path too.
//
// Paths are shortest, and of the shortest paths the first in the alphabet's order. The paths, the
// numbers and the digest are the same on every run and with any number of threads.
//
// With symmetry (symmetry.h) one state of each orbit is kept, and the numbers count these states.
// The paths have the same lengths as without symmetry. They are real paths, with the objects' own
// names.
//
// Cost: Step and the rules run once for each value of a footprint (footprint.h), some thousand
// times. The commands of one footprint share one look-up. An edge back to its own state costs no
// more; every other edge costs one look-up in the set of states. The search asks memory for these
// some hundred look-ups ahead. Memory: a packed state at a load of at most 1/2, and 6 bytes for the
// path.
#ifndef HOLDFAST_MODEL_EXPLORE_EXPLORE_H_
#define HOLDFAST_MODEL_EXPLORE_EXPLORE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/outcome.h"
#include "model/profile.h"
#include "model/rules/rules.h"
#include "model/explore/world.h"

namespace holdfast {

struct ExploreOptions {
  bool symmetry = false;  // one state for all that differ only in which like object is which
  // no memory: Step and all rules on every edge. Slow; the truth that the fast way is held against
  bool plain = false;
  int threads = 1;
  std::uint64_t max_states = std::uint64_t{1} << 31;  // then the search ends and is not finished
  // A remembered step is computed again and compared every `audit` uses; 0: never.
  std::uint32_t audit = 4096;
  // Called with every state, in the order of the search. With several threads never by two at once.
  std::function<void(const State&)> visit = nullptr;
  // Called every some ten thousand states, with how many were found and how many are done; false
  // ends the search.
  std::function<bool(std::uint64_t found, std::uint64_t done)> progress = nullptr;
};

// A rule that was broken, by a shortest sequence. The last command is the one that broke it.
struct Violation {
  Rule rule = Rule::kQuiet;
  bool owed = false;      // else a hazard of the profile
  Breaches breaches = 0;  // the clauses that the sequence breaks
  std::vector<Command> path;
};

// A kind of outcome, told apart by the verb, what the caller saw, and the place that failed.
struct Sighting {
  Command command;  // the first one, on the shortest path
  Outcome outcome;  // of it
  std::uint64_t edges = 0;
  std::vector<Command> path;  // with the command
};

struct ExploreResult {
  bool finished = false;
  std::uint64_t states = 0;
  std::uint64_t edges = 0;  // cuts not counted
  std::uint64_t cuts = 0;   // edges that a bound cut
  int depth = 0;            // of the farthest state
  int state_bits = 0;
  std::uint64_t digest = 0;           // of the set of states, whatever their order
  std::uint64_t steps = 0;            // how often Step ran: what the footprints left to do
  RuleCheck rules;                    // `checked`: the rules whose premise was met
  std::vector<Violation> violations;  // by rule, one each
  std::vector<Sighting> sightings;    // by verb, then by outcome

  // No rule was broken that is owed.
  bool holds() const;
};

ExploreResult Explore(const World& world, const Profile& profile,
                      const ExploreOptions& options = {});

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_EXPLORE_EXPLORE_H_
