// Counters: bytes of an implementation's memory that never come back to a value.
//
// Drivers count. Statistics, sequence numbers, generation counts and ids that are never given back
// take a new value with each call. To a search of memories, each value is a new state, and the
// search never ends. No behaviour need depend on the value.
//
// Counters are found by watching. A turn (turn.h) makes every call of the world and ends as it
// began. The turn is run again and again. Of each field of the memory, at the
// same place of each turn, the values are held against each other. A field that takes a new value
// in nearly every turn is a counter, by the bytes that change. A flag, a toggle or a short cycle
// comes back, and is none.
//
// Whether behaviour depends on a counter is not decided here. A search may blank the counters to
// see which states differ in nothing else (merge.h has the rule for such states).
//
// A counter that the turn does not drive is not found: one that counts only rare faults, or only
// calls of a caller who breaks the contract.
#ifndef HOLDFAST_PROPERTIES_SEARCH_PRODUCT_COUNTERS_H_
#define HOLDFAST_PROPERTIES_SEARCH_PRODUCT_COUNTERS_H_

#include <cstddef>
#include <cstdint>
#include <map>

#include "model/explore/world.h"
#include "model/profile.h"
#include "properties/lockstep/deadline.h"
#include "properties/lockstep/flight_recorder.h"
#include "sut/sut.h"

namespace holdfast {

class Counters {
 public:
  // None.
  Counters() = default;
  // Those of the implementation, in the world; none if the deadline comes first. The recorder says
  // what runs, for a process that dies. Leaves the implementation in any state.
  Counters(Sut& sut, const Profile& profile, const World& world, FlightRecorder* recorder = nullptr,
           const Deadline& deadline = {});

  bool empty() const { return bytes_.empty(); }
  // Fields that hold a counter.
  std::size_t fields() const { return bytes_.size(); }

  // Takes each counter for one of 32 bits, or of two: a byte that hardly changed while the counters
  // were watched may still get the carry of the byte below. False: nothing is new.
  bool Widen();

  // Makes memories equal that differ in counters only. The memory knows its places.
  void Blank(CanonicalMemory& memory) const;

 private:
  std::map<std::uint64_t, std::uint64_t> bytes_;  // by place: the bytes of the word that count
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SEARCH_PRODUCT_COUNTERS_H_
