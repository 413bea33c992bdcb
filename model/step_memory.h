// What a search remembers of the steps that it has taken, by footprint: the commands of one footprint make a *bundle*, and for each
// value of the footprint's bits the bundle's successors are kept as what they change.
//
// One look-up gives all successors of a state that a bundle has. How often each was used is counted there and not at each edge, so
// the totals (edges, cuts, outcomes) are the sums of uses times what one use stands for.
#ifndef HOLDFAST_MODEL_STEP_MEMORY_H_
#define HOLDFAST_MODEL_STEP_MEMORY_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/edge.h"
#include "model/footprint.h"
#include "model/state_set.h"

namespace holdfast {

// What happened at one command of a bundle, for the totals. Not in the inner loop.
struct Event {
  std::uint16_t command = 0;  // by position in the alphabet
  bool cut = false;
  Outcome outcome;
  RuleCheck rules;
};

template <int kWords>
struct Successor {
  PackedState<kWords> change{};  // exclusive or; of a crash the crashed state itself
  std::uint16_t command = 0;     // the first that leads there
  bool crash = false;

  bool operator==(const Successor&) const = default;
};

template <int kWords>
class Bundle {
 public:
  // One value of the footprint.
  struct Entry {
    PackedState<kWords> key{};
    std::uint64_t uses = 0;
    std::uint64_t audit_at = 0;     // the use at which it is computed again and compared
    std::uint32_t first_state = 0;  // the lowest state that used it
    std::vector<Successor<kWords>> successors;  // those that lead elsewhere, each once
    std::vector<Event> events;                  // one a command that was called
    RuleCheck rules;                            // of the state itself; for the bundle of the state's rules
  };

  Bundle(const Words& mask, std::vector<std::uint16_t> commands) : commands_(std::move(commands)), index_(64, 0) {
    std::copy_n(mask.begin(), kWords, mask_.begin());
  }

  const PackedState<kWords>& mask() const { return mask_; }
  const std::vector<std::uint16_t>& commands() const { return commands_; }
  std::vector<Entry>& entries() { return entries_; }
  const std::vector<Entry>& entries() const { return entries_; }

  // The entry for `state`; `*added` if it is a new one, and empty.
  Entry& At(const PackedState<kWords>& state, bool* added) {
    PackedState<kWords> key;
    for (int i = 0; i < kWords; ++i) key[i] = state[i] & mask_[i];
    const std::size_t mask = index_.size() - 1;
    std::size_t place = HashOf<kWords>(key) & mask;
    while (index_[place] != 0) {
      Entry& entry = entries_[index_[place] - 1];
      if (Same<kWords>(entry.key, key)) return *added = false, entry;
      place = (place + 1) & mask;
    }
    *added = true;
    entries_.emplace_back().key = key;
    index_[place] = static_cast<std::uint32_t>(entries_.size());
    if (entries_.size() * 2 > index_.size()) Grow();
    return entries_.back();
  }
  void Forget() {
    entries_.clear();
    std::fill(index_.begin(), index_.end(), 0);
  }

 private:
  void Grow() {
    index_.assign(index_.size() * 2, 0);
    const std::size_t mask = index_.size() - 1;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      std::size_t place = HashOf<kWords>(entries_[i].key) & mask;
      while (index_[place] != 0) place = (place + 1) & mask;
      index_[place] = static_cast<std::uint32_t>(i + 1);
    }
  }

  PackedState<kWords> mask_{};
  std::vector<std::uint16_t> commands_;
  std::vector<std::uint32_t> index_;  // position in entries_ plus 1; 0: free
  std::vector<Entry> entries_;
};

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_STEP_MEMORY_H_
