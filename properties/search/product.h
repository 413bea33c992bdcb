// The product of the model and of the implementation, walked whole: every memory that the
// implementation can be in, within a world.
//
// A state of the product is a canonical state of the model with a canonical state of the
// implementation's memory (Canonicalize of sut/sut.h), and whether the caller's contract was broken
// by then: all that the verdict on the next command depends on. (The ledger of driver calls is no
// part of it. As long as R6 is owed it says what the records say, or R6 would be broken; once it is
// not owed, it decides nothing but which hazards are listed, and without bound: a hostile caller's
// records go with their FLB, his count stays.) Two memories under one state of the model are two
// states, and both are gone on from: what an implementation hides, in a static, behind the last
// record, in a pointer that ought to be NULL, is followed until it shows. Every edge is a command
// run in lockstep, with all that lockstep checks, from a memory that was saved; at every new state
// everything is also torn down, and nothing may be left.
//
// The model's state is not hashed: it is what was observed, both sides having agreed, and follows
// from the memory's words.
//
// Breadth first, commands in the alphabet's order: the first divergence has a shortest sequence
// there is, and of those the first in that order. The same world gives the same states under the
// same numbers, the same edges and the same digest, whatever compiler built the implementation.
//
// What a search that ended has proved, and not more: along every sequence of the world's commands,
// of any length, by the world's caller, that stays within its bounds, both sides agreed and every
// rule that was owed held. It rests on fingerprints being told apart (fingerprint.h), and on a
// memory's future following from its canonical words, which leave out more or less of the past
// (Past): sut/kernel/adapter/canonical.h has the argument. As DELETED records are left out, so is how many
// there are, and a state with a full page is cut. With Past::kWhole `slots` must bound the records,
// and each of the weaker ways is checked by it: `conflict` says that two memories which kForgotten
// takes for one went on to two that it tells apart.
//
// A driver port's faults are armed at each of its requests besides, so at every page that an op
// asks for.
//
// An implementation that hides nothing has as many states as the model has with as much of its past
// (`known_states`); what it has more is hidden state. `model_states` are the canonical ones, as
// model/explore/explore.h counts them.
//
// Shards: each of `count` runs expands the states that fall to it, by number. A state that falls to
// another is not expanded, but for the commands that lead the model to where it has not been: so
// every run finds every state that an implementation without hidden state has, under the same
// number, at the price of a step of the model for each edge of the others. A hidden state is
// expanded by whoever finds it. Hence each edge of the whole is walked by a run, the states of all
// runs together are those of the whole, and where nothing is hidden edges and digests add up to
// its.
//
// Jobs: the states of a level that is worth it are expanded by processes that are forked for some
// of them each, and what these found is put together in the order of the states (product_part.h):
// numbers, counts, hazards and digest are those of one process. Where one meets a divergence, or
// dies, the search is done again by one process, which has the same divergence whoever met it. A
// search that is given up stops where a part ends.
//
// Memory: 24 bytes a state and its place in the set, 6 for its parent, and for the states of two
// levels a snapshot of the implementation as its difference from the start, about 1 KB.
#ifndef HOLDFAST_PROPERTIES_SEARCH_PRODUCT_H_
#define HOLDFAST_PROPERTIES_SEARCH_PRODUCT_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "model/profile.h"
#include "model/scenario.h"
#include "model/explore/world.h"
#include "properties/lockstep/flight_recorder.h"
#include "properties/lockstep/coverage.h"
#include "properties/lockstep/hazards.h"
#include "properties/lockstep/lockstep.h"
#include "sut/sut.h"

namespace holdfast {

struct ProductProgress {
  std::uint64_t states = 0;    // found
  std::uint64_t expanded = 0;  // of these
  std::uint64_t edges = 0;
};

// One part of the `count` that together are the whole.
struct Shard {
  std::uint32_t index = 0, count = 1;
};

struct ProductOptions {
  Profile profile;
  World world;
  Past past = Past::kForgotten;
  // A chain may have so many slots, DELETED ones included; a command that makes it longer is cut.
  // 0: as many as leave a page unfilled.
  int slots = 0;
  bool hardened = false;
  FlightRecorder* recorder = nullptr;  // says what the search is at, if its process dies
  // Only a divergence with this headline ends the search; any other is counted, and its edge not
  // followed. Nothing: the first one.
  std::optional<Rule> rule = std::nullopt;
  // The search is given up, unfinished, when it would exceed one of these; 0: no bound.
  std::uint64_t max_edges = 0, max_states = 0;
  Shard shard = {};
  // Processes that expand a level side by side; the result is the same. Only where memory can be
  // handed from one to another (Sut::SnapshotsTravel), for a search that is whole, without a
  // recorder and for any rule: else one.
  int jobs = 1;
  // Called every few thousand edges; false gives the search up.
  std::function<bool(const ProductProgress&)> progress = nullptr;
};

// Sums over what was walked, whoever walked it.
struct ProductCounts {
  std::uint64_t edges = 0;      // (state, command) whose fault, if it has one, fired
  std::uint64_t faults = 0;     // edges on which one fired
  std::uint64_t crashes = 0;    // edges into a crash; nothing follows
  std::uint64_t cuts = 0;       // edges out of the world's bounds
  std::uint64_t slot_cuts = 0;  // edges to a chain too long
  // commands at which the simulated memory came to an end: neither checked nor followed
  std::uint64_t memory_cuts = 0;
  std::uint64_t unfired = 0;  // checked commands whose fault did not fire: no edges
  std::uint64_t others = 0;   // divergences with another headline than was asked for
  std::uint64_t digest = 0;   // a sum over the edges, by number

  void Add(const ProductCounts& other);
};

struct ProductResult : ProductCounts {
  enum class Ending : std::uint8_t {
    kComplete,  // every state was expanded: proved
    kDiverged,
    kUnfinished,  // given up
    kBlackBox,    // the implementation has no canonical state: nothing was searched
  };

  Ending ending = Ending::kComplete;
  std::uint64_t states = 0;        // of the product
  std::uint64_t model_states = 0;  // of the model, canonical
  // of the model, with as much of the past, and whether the contract was broken
  std::uint64_t known_states = 0;
  int depth = 0;  // of the deepest state: a longest shortest sequence
  Tally tally;    // commands checked, the teardowns' included
  Coverage coverage;
  Hazards hazards;
  std::optional<Divergence> divergence;
  Scenario scenario;                 // of the divergence
  std::optional<Scenario> conflict;  // kWhole: shows that kForgotten merges what goes apart
};

ProductResult ExploreProduct(Sut& sut, const ProductOptions& options);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SEARCH_PRODUCT_H_
