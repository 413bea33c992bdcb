// The shortest counterexample: one answer for one implementation, whatever found that it diverges.
//
// Every sequence of calls in every small topology (small_topologies.h), in lockstep, shortest first, over the states of the
// implementation's own memory: breadth first, and a memory that was seen is not gone on from twice (Sut::Canonicalize). Of the
// sequences of one length the simplest wins, by Complexity() and then by their text, so that the answer depends on the
// implementation alone.
//
// A caller who keeps the contract goes first, because what hurts him hurts everybody, and his divergence names the rule: in a plain
// topology, if one of up to four calls shows it there, or else in one with a trait. A
// hostile caller finds some shorter sequence for nearly every defect, which as a rule only says that the crash that the profile
// promises him has become another one. Then every caller is asked for a shorter sequence to that same rule; or to any, if the one
// who keeps the contract met none.
//
// What only a full page shows lies deeper than any search. Where the above finds nothing, the same is done from pages that are all but
// full, each filled with the calls that cost a slot each.
//
// Not a proof that there is none: it ends at a number of edges.
#ifndef HOLDFAST_PROPERTIES_SHORTEST_H_
#define HOLDFAST_PROPERTIES_SHORTEST_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/profile.h"
#include "model/rules.h"
#include "model/scenario.h"
#include "properties/lockstep.h"
#include "sut/sut.h"

namespace holdfast {

struct ShortestOptions {
  Profile profile;                      // with the orchestrator in force
  std::optional<Rule> rule = {};        // the headline that is sought; nothing: the implementation's own
  bool hardened = false;
  std::uint64_t edges = 400'000;        // to spend at most
};

struct Shortest {
  std::optional<Scenario> scenario;     // nothing: none within the edges
  Divergence divergence;                // of the scenario
  // No shorter sequence to that rule diverges in a small topology. Where there is no scenario: none of any rule that was sought.
  std::size_t proved = 0;               // in sequences of up to so many commands
  bool full_page = false;               // the scenario starts by filling a page
  std::uint64_t edges = 0;              // spent
};

Shortest FindShortest(Sut& sut, const ShortestOptions& options);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SHORTEST_H_
