// A set of packed states: open addressing, the states themselves in the table, no deletion.
//
// A look-up is one cache line as a rule. Prefetch() lets a search ask for many look-ups before it
// needs the first. The hash is linear, so a successor's hash costs one exclusive or (HashOf). No
// state is all zeros (packing.h), so a free place needs no mark. The load is at most 1/2. A general
// hash table has none of these three, so this set has a table of its own.
#ifndef HOLDFAST_MODEL_EXPLORE_STATE_SET_H_
#define HOLDFAST_MODEL_EXPLORE_STATE_SET_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "model/explore/huge_pages.h"

namespace holdfast {

template <int kWords>
using PackedState = std::array<std::uint64_t, kWords>;

// Linear over exclusive or: HashOf(a ^ b) == HashOf(a) ^ HashOf(b). So the hash of what a step
// changes is computed once for the step (step_memory.h), and not for each state in which it is
// taken. (Marsaglia's xorshift, once a word. A linear map keeps the structure of a set of states,
// so who makes a place of it multiplies first: SpreadHash.)
template <int kWords>
std::uint64_t HashOf(const PackedState<kWords>& state) {
  std::uint64_t hash = 0;
  for (const std::uint64_t word : state) {
    hash ^= word;
    hash ^= hash << 13;
    hash ^= hash >> 7;
    hash ^= hash << 17;
  }
  return hash;
}

// Its upper bits mix those of the hash. (Knuth's multiplicative hashing, by the golden ratio.)
inline std::uint64_t SpreadHash(std::uint64_t hash) { return hash * 0x9e3779b97f4a7c15u; }
// One of 2^bits places, 0 < bits < 64.
inline std::size_t PlaceOf(std::uint64_t hash, int bits) { return SpreadHash(hash) >> (64 - bits); }

// Equality in a few instructions; that of std::array is a call of memcmp.
template <int kWords>
bool Same(const PackedState<kWords>& a, const PackedState<kWords>& b) {
  std::uint64_t difference = 0;
  for (int i = 0; i < kWords; ++i) difference |= a[i] ^ b[i];
  return difference == 0;
}

template <int kWords>
class StateSet {
 public:
  StateSet() : places_(ZeroedTable<PackedState<kWords>>(std::size_t{1} << bits_)) {}

  std::uint64_t size() const { return size_; }
  void Prefetch(std::uint64_t hash) const { __builtin_prefetch(&places_[PlaceOf(hash, bits_)]); }

  bool Contains(const PackedState<kWords>& state, std::uint64_t hash) const {
    return At(Find(state, hash))[0] != 0;
  }
  // True if it was not there.
  bool Insert(const PackedState<kWords>& state, std::uint64_t hash) {
    const std::size_t place = Find(state, hash);
    if (places_[place][0] != 0) return false;
    places_[place] = state;
    if (++size_ * 2 > std::size_t{1} << bits_) Grow();
    return true;
  }

 private:
  const PackedState<kWords>& At(std::size_t place) const { return places_[place]; }

  // Where it stands, or would.
  std::size_t Find(const PackedState<kWords>& state, std::uint64_t hash) const {
    const std::size_t mask = (std::size_t{1} << bits_) - 1;
    std::size_t place = PlaceOf(hash, bits_);
    while (places_[place][0] != 0 && !Same<kWords>(places_[place], state))
      place = (place + 1) & mask;
    return place;
  }

  void Grow() {
    const Table<PackedState<kWords>> old = std::move(places_);
    const std::size_t count = std::size_t{1} << bits_;
    places_ = ZeroedTable<PackedState<kWords>>(count * 2);
    ++bits_;
    for (std::size_t i = 0; i < count; ++i) {
      if (old[i][0] != 0) places_[Find(old[i], HashOf<kWords>(old[i]))] = old[i];
    }
  }

  int bits_ = 10;  // of a place
  Table<PackedState<kWords>> places_;
  std::uint64_t size_ = 0;
};

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_EXPLORE_STATE_SET_H_
