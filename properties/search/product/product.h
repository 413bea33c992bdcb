// The product of the model and an implementation, searched whole: every memory that the
// implementation can have in a world.
//
// A state of the product is a canonical state of the implementation's memory (Canonicalize of
// sut/sut.h), with whether the caller has broken the contract. The verdict on the next command
// depends on nothing else. The model's state follows from the memory, because both sides agree.
// The ledger of driver calls is left out. While R6 is owed, the ledger says what the records say;
// afterwards, it only decides which hazards are listed.
//
// Two memories under one state of the model are two states, and the search goes on from both. So
// hidden state is followed until it shows: a static, bytes behind the last record, a stale pointer.
// An implementation that hides nothing has as many states as the model has with as much of its past
// (`known_states`). Every state beyond these is hidden state.
//
// Every edge is a command in lockstep, with all checks of lockstep. At every new state everything
// is torn down as well, and nothing may be left. The search is breadth first, in the order of the
// alphabet: the first divergence has a shortest sequence, and the first of these. The numbers of
// the states, the edges and the digest are the same for every compiler.
//
// A complete search proves: along every sequence of the world's commands, of any length, within the
// bounds, both sides agree and every owed rule holds. The proof rests on two things. Fingerprints
// differ where states do (fingerprint.h). And the future of a memory follows from its canonical
// words, which leave out some of the past (Past). sut/kernel/adapter/canonical.h has the argument.
// Nothing tells how many DELETED records there are, so a state whose page is full is cut. With
// Past::kWhole `slots` must bound the records, and past.h checks Past::kForgotten.
//
// An implementation that counts has a new memory after each call, for ever. A search that has seen
// hidden state and ProductMerge::kFollowed edges stops to look for counters (counters.h). If there
// are some, the search begins again. States that differ in counters only are then followed as far
// as merge.h says.
// A complete search then proves less: for the values of the counters that were followed. With a
// shard or with Past::kWhole, counters are state like all else.
//
// Of a driver port, the faults of an op are injected at each request of the op too.
//
// Cost: per state 24 bytes and a place in the set, 6 for the way to it; for the states of two
// levels a snapshot each, about 1 KB. edges.h takes the edges, book.h keeps what
// was found, jobs.h spreads a level over processes.
#ifndef HOLDFAST_PROPERTIES_SEARCH_PRODUCT_PRODUCT_H_
#define HOLDFAST_PROPERTIES_SEARCH_PRODUCT_PRODUCT_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "model/profile.h"
#include "model/scenario.h"
#include "model/explore/world.h"
#include "properties/lockstep/flight_recorder.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/coverage.h"
#include "properties/lockstep/deadline.h"
#include "properties/lockstep/hazards.h"
#include "properties/lockstep/tally.h"
#include "sut/sut.h"

namespace holdfast {

struct ProductProgress {
  std::uint64_t states = 0;    // found
  std::uint64_t expanded = 0;  // of these
  std::uint64_t edges = 0;
};

// One of the `count` searches that together are the whole. Each expands the states that it owns, by
// number. A state of another shard is expanded only by commands that lead the model to a new state.
// The price is a step of the model for each edge. So each shard finds every state that is not
// hidden, under the same number. The shard that finds a hidden state owns it. If nothing is hidden,
// the edges and digests of all shards add up to those of the whole.
struct Shard {
  std::uint32_t index = 0, count = 1;

  bool Owns(std::uint32_t state) const { return state % count == index; }
};

struct ProductOptions {
  Profile profile;
  World world;
  Past past = Past::kForgotten;
  // The most slots of a chain, with those that are DELETED; a command that makes a chain longer is
  // cut. 0: as many as leave a page unfilled.
  int slots = 0;
  bool hardened = false;
  FlightRecorder* recorder = nullptr;  // told what the search does, for a process that dies
  // Only a divergence with this headline ends the search. Any other is counted, and its edge is not
  // followed. Nothing: the first divergence ends it.
  std::optional<Rule> rule = std::nullopt;
  // The search is given up, unfinished, when it reaches one of these; 0: no bound. The bytes are of
  // the snapshots of two levels.
  std::uint64_t max_edges = 0, max_states = 0, max_bytes = 0;
  Shard shard = {};
  // Processes that expand a level side by side (jobs.h); the result is the same. It is one
  // process if the search has a shard, a rule or Past::kWhole, if snapshots do not travel
  // (Sut::SnapshotsTravel), or if the implementation counts.
  int jobs = 1;
  Deadline deadline = {};  // the search is given up then, too
  // Called every few thousand edges.
  std::function<void(const ProductProgress&)> progress = nullptr;
};

// Sums over the edges that were walked, by whichever process.
struct ProductCounts {
  std::uint64_t edges = 0;      // (state, command) whose fault, if it has one, fired
  std::uint64_t faults = 0;     // edges on which one fired
  std::uint64_t crashes = 0;    // edges into a crash; nothing follows
  std::uint64_t cuts = 0;       // edges out of the world's bounds
  std::uint64_t slot_cuts = 0;  // edges to a chain too long
  // commands that ran out of simulated memory: neither checked nor followed
  std::uint64_t memory_cuts = 0;
  std::uint64_t unfired = 0;  // checked commands whose fault did not fire: no edges
  std::uint64_t others = 0;   // divergences with another headline than `rule`
  std::uint64_t digest = 0;   // a sum over the edges, by number
  Tally tally;                // commands checked, the teardowns' included
  Coverage coverage;

  void Add(const ProductCounts& other);
};

struct ProductResult : ProductCounts {
  enum class Ending : std::uint8_t {
    kComplete,  // every state was expanded: proved
    kDiverged,
    kUnfinished,  // given up
    kBlackBox,    // the implementation has no canonical state: nothing was searched
    // For callers who contain the search: the implementation ended its process. The divergence, the
    // scenario and the tally are known; the other counts went with the process.
    kDied,
  };

  Ending ending = Ending::kComplete;
  std::uint64_t states = 0;        // of the product
  std::uint64_t model_states = 0;  // of the model, canonical
  // of the model, with as much of the past, and whether the contract was broken
  std::uint64_t known_states = 0;
  // Fields of the memory that were taken for counters (counters.h); 0: none, or there were some and
  // the implementation's behaviour depends on them.
  std::size_t counters = 0;
  // A sequence after which two states that differ in counters only went apart.
  std::optional<Scenario> counters_matter;
  int depth = 0;  // of the deepest state
  Hazards hazards;
  std::optional<Counterexample> counterexample;
  std::optional<Scenario> conflict;  // kWhole: an edge on which kForgotten is wrong
};

ProductResult ExploreProduct(Sut& sut, const ProductOptions& options);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SEARCH_PRODUCT_PRODUCT_H_
