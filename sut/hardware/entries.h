// The two entries that lead a request to its page tables, word by word, as a unit's caches hold
// them. A walk fetches each entry from memory, or uses the entry that a cache has in its place.
//
//   device   VT-d's context entry (sections 9.3 and 9.4)
//   space    VT-d's PASID entry (section 9.6); nothing in legacy mode
//
// An entry is here only if the unit found no fault in the entry: a unit without Caching Mode keeps
// no entry that is not present or wrong (VT-d, section 6.1).
#ifndef HOLDFAST_SUT_HARDWARE_ENTRIES_H_
#define HOLDFAST_SUT_HARDWARE_ENTRIES_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace holdfast::hardware {

struct Entry {
  bool there = false;
  std::array<std::uint64_t, 8> words{};  // the unused ones are 0

  template <std::size_t kWords>
  void Set(const std::array<std::uint64_t, kWords>& entry) {
    there = true;
    for (std::size_t i = 0; i < kWords; ++i) words[i] = entry[i];
  }
  template <std::size_t kWords>
  void Get(std::array<std::uint64_t, kWords>& entry) const {
    for (std::size_t i = 0; i < kWords; ++i) entry[i] = words[i];
  }

  bool operator==(const Entry&) const = default;
};

struct Entries {
  Entry device, space;

  bool operator==(const Entries&) const = default;
};

}  // namespace holdfast::hardware

#endif  // HOLDFAST_SUT_HARDWARE_ENTRIES_H_
