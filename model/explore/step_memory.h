// The steps that a search has taken, remembered by footprint.
//
// The commands of one footprint make a *bundle*. For each value of the footprint's bits, the bundle
// keeps its successors as changes of the state. So one look-up gives all successors that a state
// has by the bundle.
//
// An entry counts its uses; nothing is counted at an edge. The totals (edges, cuts, outcomes) are
// sums over the entries: the uses times the events of one use.
#ifndef HOLDFAST_MODEL_EXPLORE_STEP_MEMORY_H_
#define HOLDFAST_MODEL_EXPLORE_STEP_MEMORY_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/explore/edge.h"
#include "model/explore/footprint.h"
#include "model/explore/numbered_set.h"
#include "model/explore/state_set.h"

namespace holdfast {

// The outcome without the numbers of its slots. A number counts all live records of a chain, so the
// number depends on more of a state than the call does.
inline Outcome WithoutSlotNumbers(Outcome outcome) {
  const auto forget = [](SlotRef& slot) {
    if (slot >= 0) slot = 0;
  };
  forget(outcome.out);
  for (int i = 0; i < outcome.call_count; ++i) forget(outcome.calls[i].slot);
  return outcome;
}

// What happened at one command of a bundle, for the totals. Not in the inner loop.
struct Event {
  std::uint16_t command = 0;  // by position in the alphabet
  bool cut = false;
  Outcome outcome;
  RuleCheck rules;

  // Whether both are the same event, of two states with the same footprint.
  bool operator==(const Event& other) const {
    return command == other.command && cut == other.cut && rules == other.rules &&
           WithoutSlotNumbers(outcome) == WithoutSlotNumbers(other.outcome);
  }
};

template <int kWords>
struct Successor {
  PackedState<kWords> change{};  // exclusive or; of a crash the crashed state itself
  std::uint64_t hash = 0;        // of the change
  std::uint16_t command = 0;     // the first that leads there
  bool crash = false;

  bool operator==(const Successor&) const = default;
};

template <int kWords>
class Bundle {
 public:
  // One value of the footprint.
  struct Entry {
    std::uint64_t uses = 0;
    std::uint64_t audit_at = 0;     // the use at which it is computed again and compared
    std::uint32_t first_state = 0;  // the lowest state that used it
    std::vector<Successor<kWords>> successors;  // those that lead elsewhere, each once
    std::vector<Event> events;                  // one a command that was called
    // of the state itself; for the bundle of the state's rules
    RuleCheck rules;
  };

  Bundle(const Words& mask, std::vector<std::uint16_t> commands) : commands_(std::move(commands)) {
    std::copy_n(mask.begin(), kWords, mask_.begin());
  }

  const PackedState<kWords>& mask() const { return mask_; }
  const std::vector<std::uint16_t>& commands() const { return commands_; }
  std::vector<Entry>& entries() { return entries_; }
  const std::vector<Entry>& entries() const { return entries_; }

  // The position of the entry for `state`, and whether it is a new one, and empty.
  std::pair<std::uint32_t, bool> At(const PackedState<kWords>& state) {
    PackedState<kWords> key;
    for (int i = 0; i < kWords; ++i) key[i] = state[i] & mask_[i];
    const std::pair<std::uint32_t, bool> position = positions_.Insert(key);
    if (position.second) entries_.emplace_back();
    return position;
  }
  void Forget() {
    entries_.clear();
    positions_.Clear();
  }

 private:
  struct Hash {
    std::uint64_t operator()(const PackedState<kWords>& key) const {
      return SpreadHash(HashOf<kWords>(key));
    }
  };
  struct Equal {
    bool operator()(const PackedState<kWords>& a, const PackedState<kWords>& b) const {
      return Same<kWords>(a, b);
    }
  };

  PackedState<kWords> mask_{};
  std::vector<std::uint16_t> commands_;
  NumberedSet<PackedState<kWords>, Hash, Equal> positions_;  // in entries_
  std::vector<Entry> entries_;
};

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_EXPLORE_STEP_MEMORY_H_
