// The edges that leave one state of the product: each command of the world, in lockstep, from a
// memory that was saved.
//
// This file knows one state at a time. A Visitor keeps the books: it numbers the states, remembers
// the ways to them, and decides what a divergence means.
//
// A fault that does not fire makes no edge. Most of these commands are not even run: the command
// without the fault has shown how often the implementation passes the site. If it passes the site
// too seldom, the fault changes nothing.
#ifndef HOLDFAST_PROPERTIES_SEARCH_PRODUCT_EDGES_H_
#define HOLDFAST_PROPERTIES_SEARCH_PRODUCT_EDGES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "model/rules/contract.h"
#include "properties/lockstep/fingerprint.h"
#include "properties/lockstep/lockstep.h"
#include "properties/lockstep/tally.h"
#include "properties/search/product/counters.h"
#include "properties/search/product/product.h"
#include "sut/sut.h"

namespace holdfast {

// A state of the product, to come back to. The model's state follows from the memory.
struct ProductState {
  Breaches breaches = 0;
  Ledger ledger;
  Snapshot memory;
};

class ProductEdges {
 public:
  // `command` is a position in the alphabet.
  class Visitor {
   public:
    virtual ~Visitor() = default;
    // False: the command is left out.
    virtual bool Admits(std::size_t /*command*/) { return true; }
    // Both sides agree, and break rules together (lockstep().hazards()).
    virtual void SeeHazards(std::size_t command) = 0;
    // The command leads to another state. Returns the number of that state, or kUndecided.
    virtual std::uint32_t Arrive(std::size_t command, const Fingerprint& memory) = 0;
    // The two sides differ (lockstep().divergence()). False ends Follow().
    virtual bool Diverge(std::size_t command) = 0;
  };
  // The edge's digest is left to the process that numbers the state.
  static constexpr std::uint32_t kUndecided = 0xfffffffd;

  ProductEdges(Sut& sut, const ProductOptions& options, const Counters& counters);

  const std::vector<Command>& alphabet() const { return alphabet_; }
  Lockstep& lockstep() { return lockstep_; }
  // The state that was entered.
  const Checkpoint& here() const { return here_; }

  // Brings both sides to the initial state. False: they differ.
  bool Begin();

  // Comes back to a state, at that depth of the search.
  void Enter(const ProductState& state, int depth);
  // Goes to the state behind a command, which is known to conform and is not counted again. Less
  // work if the last call had the same `before`.
  void EnterBehind(const std::shared_ptr<const ProductState>& before, std::size_t command,
                   int depth);

  // Runs each command from the state that was entered, whose number is `from`. False: the visitor
  // has ended it.
  bool Follow(std::uint32_t from, Visitor& visitor, ProductCounts& counts);

  // Saves the state that the sides are in.
  void Save(ProductState& state);
  // Tears everything down. False: the sides differ, or the simulated memory came to an end.
  bool TearDown(ProductCounts& counts);
  // Comes back from the teardown to the state that was entered.
  void Return() { lockstep_.Restore(here_); }

  // Commands that were run and are not run again: the tally of the lockstep, but for EnterBehind.
  Tally tally() const;
  // For the process of a part: counts from 0, and writes no way into the recorder.
  void BeginPart();

  // Nothing: the implementation cannot say what its memory holds.
  std::optional<Fingerprint> MemoryFingerprint(Past past);
  // The same for the last memory but for its counters.
  Fingerprint GroupFingerprint();
  static Fingerprint CanonicalFingerprint(const State& state);
  // With as much of the model's past as the search tells apart.
  Fingerprint KnownFingerprint(const State& state, Breaches breaches) const;
  // The same for the state to which the model alone is led from the state that was entered; nothing
  // if no edge goes there.
  std::optional<Fingerprint> KnownBehind(std::size_t command);

 private:
  void LookAt(const ProductState& state, int depth, Checkpoint& checkpoint);
  bool Take(std::size_t command, std::uint32_t from, Visitor& visitor, ProductCounts& counts);
  bool FiresInTheModel(const Command& command);
  bool HasRoom(const Flb& flb) const;

  Sut& sut_;
  const ProductOptions& options_;
  const Counters& counters_;
  const std::vector<Command> alphabet_;
  // by command without a fault: the same command with each fault
  std::vector<std::vector<std::size_t>> faulted_;
  // by command with a fault: the command without it passes the site often enough
  std::vector<std::uint8_t> passed_;
  std::unique_ptr<FlightRecorder> crashes_;  // of the lockstep in a part, if need be
  Lockstep lockstep_;
  Profile profile_;                    // with the layout in force
  std::array<std::size_t, 3> room_{};  // slots of the three chains
  Checkpoint here_, there_;            // there_: the `before` of EnterBehind
  std::shared_ptr<const ProductState> before_;
  std::uint64_t passes_through_ = 0;
  Tally walked_again_;      // by EnterBehind
  bool torn_down_ = false;  // since the last command of Follow
  Observation observation_;
  State model_;
  Outcome outcome_;
  CanonicalMemory memory_;
};

// What an edge adds to the digest of the search.
std::uint64_t ProductDigest(std::uint32_t from, std::size_t command, std::uint32_t to);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SEARCH_PRODUCT_EDGES_H_
