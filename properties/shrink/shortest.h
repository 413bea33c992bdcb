// The shortest counterexample: one answer for one implementation, whatever found that it diverges.
//
// Every sequence of calls in every small topology (small_topologies.h), in lockstep, shortest
// first, over the states of the implementation's own memory: breadth first, and a memory that was
// seen is not gone on from twice (Sut::Canonicalize). Of the sequences of one length the simplest
// wins, by Complexity() and then by their text, so that the answer depends on the implementation
// alone.
//
// A caller who keeps the contract goes first, because what hurts him hurts everybody, and his
// divergence names the rule: in a plain topology, if one of up to four calls shows it there, or
// else in one with a trait. A hostile caller finds some shorter sequence for nearly every defect,
// which as a rule only says that the crash that the profile promises him has become another one.
// Then every caller is asked for a shorter sequence to that same rule; or to any, if the one who
// keeps the contract met none.
//
// A driver port (Sut::contract_only) is owed nothing by a caller who breaks the contract, so only
// the first caller asks it, with faults in the depth of an op too, and without the calls that are
// the core's affair alone.
//
// What only a full page shows, or the next kernel, lies deeper than any search.
// Where the above finds nothing, the same is done from a few places far out, each reached by the
// fewest calls that lead there: pages that are all but full, filled with calls that cost a slot
// each; devices that were handed over; for a port, one that is preserved again after a kexec.
//
// Not a proof that there is none: it ends at a number of edges, or after a time, with the best that
// it has by then.
#ifndef HOLDFAST_PROPERTIES_SHRINK_SHORTEST_H_
#define HOLDFAST_PROPERTIES_SHRINK_SHORTEST_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "model/profile.h"
#include "model/rules/rules.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/deadline.h"
#include "properties/lockstep/runner.h"
#include "sut/sut.h"

namespace holdfast {

struct ShortestOptions {
  Profile profile;  // with the orchestrator in force
  // the headline that is sought; nothing: the implementation's own
  std::optional<Rule> rule = {};
  Counts counts = {};  // any other divergence is passed over, and nothing follows it
  bool hardened = false;
  std::uint64_t edges = 300'000;  // to spend at most
  Deadline deadline = {};         // the same; never: the same answer each time
};

struct Shortest {
  std::optional<Counterexample> found;  // nothing: none within the edges
  // No shorter sequence to that rule diverges in a small topology. Where nothing was found: none
  // of any rule that was sought.
  std::size_t proved = 0;  // in sequences of up to so many commands
  // The same of callers who keep the contract, in plain topologies. A port has no other callers.
  std::size_t proved_of_contract = 0;
  // where the scenario was searched from: "an all but full page"; empty: from the beginning
  std::string_view start = {};
  bool out_of_time = false;  // it ended for that
  std::uint64_t edges = 0;   // spent
};

Shortest FindShortest(Sut& sut, const ShortestOptions& options);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SHRINK_SHORTEST_H_
