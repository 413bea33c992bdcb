// A set of packed states: open addressing, the states themselves in the table, no deletion.
//
// One look-up is one cache line as a rule, and Prefetch() lets a search ask for many before it needs the first. No state is all
// zeros (packing.h), so an empty place needs no mark. Load at most 3/4.
#ifndef HOLDFAST_MODEL_STATE_SET_H_
#define HOLDFAST_MODEL_STATE_SET_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace holdfast {

template <int kWords>
using PackedState = std::array<std::uint64_t, kWords>;

// Of the first `kWords` words. Every bit of the result depends on every bit of them.
template <int kWords>
std::uint64_t HashOf(const PackedState<kWords>& state, std::uint64_t seed = 0) {
  std::uint64_t hash = seed ^ 0x9e3779b97f4a7c15u;
  for (const std::uint64_t word : state) {
    const auto product = static_cast<unsigned __int128>(hash ^ word) * 0xd6e8feb86659fd93u;
    hash = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  return hash ^ hash >> 32;
}

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
  StateSet() : places_(std::size_t{1} << 10) {}

  std::uint64_t size() const { return size_; }
  void Prefetch(std::uint64_t hash) const { __builtin_prefetch(&places_[hash & (places_.size() - 1)]); }

  bool Contains(const PackedState<kWords>& state, std::uint64_t hash) const { return At(Find(state, hash))[0] != 0; }
  // True if it was not there.
  bool Insert(const PackedState<kWords>& state, std::uint64_t hash) {
    const std::size_t place = Find(state, hash);
    if (places_[place][0] != 0) return false;
    places_[place] = state;
    if (++size_ * 4 > places_.size() * 3) Grow();
    return true;
  }

 private:
  const PackedState<kWords>& At(std::size_t place) const { return places_[place]; }

  // Where it stands, or would.
  std::size_t Find(const PackedState<kWords>& state, std::uint64_t hash) const {
    const std::size_t mask = places_.size() - 1;
    std::size_t place = hash & mask;
    while (places_[place][0] != 0 && !Same<kWords>(places_[place], state)) place = (place + 1) & mask;
    return place;
  }

  void Grow() {
    std::vector<PackedState<kWords>> old(places_.size() * 2);
    old.swap(places_);
    for (const PackedState<kWords>& state : old) {
      if (state[0] != 0) places_[Find(state, HashOf<kWords>(state))] = state;
    }
  }

  std::vector<PackedState<kWords>> places_;
  std::uint64_t size_ = 0;
};

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_STATE_SET_H_
