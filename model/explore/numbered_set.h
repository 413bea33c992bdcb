// Numbers keys from 0, in the order in which they come. Open addressing; no deletion but of all.
//
// A key and its number stand in one place of the table, so that a look-up is one cache line as a
// rule. At most two thirds of the places are in use. The key's Hash must mix: its upper bits choose
// the place.
//
// Not absl::flat_hash_map: the memory of that table is laid out otherwise under AddressSanitizer,
// and Debian's library is built without it. Not std::unordered_map: that is an allocation a key.
#ifndef HOLDFAST_MODEL_EXPLORE_NUMBERED_SET_H_
#define HOLDFAST_MODEL_EXPLORE_NUMBERED_SET_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "model/explore/huge_pages.h"

namespace holdfast {

template <typename Key, typename Hash, typename Same = std::equal_to<Key>>
class NumberedSet {
 public:
  std::size_t size() const { return count_; }

  std::optional<std::uint32_t> NumberOf(const Key& key) const {
    const std::uint32_t number_after = places_[Find(key)].number_after;
    return number_after == 0 ? std::nullopt : std::optional(number_after - 1);
  }
  bool Has(const Key& key) const { return NumberOf(key).has_value(); }

  // The key's number, and whether it is new.
  std::pair<std::uint32_t, bool> Insert(const Key& key) {
    Place& place = places_[Find(key)];
    if (place.number_after != 0) return {place.number_after - 1, false};
    place = {key, static_cast<std::uint32_t>(++count_)};
    const std::uint32_t number = place.number_after - 1;
    if (count_ * 3 > (std::size_t{2} << bits_)) Grow();
    return {number, true};
  }

  void Clear() {
    std::fill_n(places_.get(), std::size_t{1} << bits_, Place());
    count_ = 0;
  }

 private:
  struct Place {
    Key key;
    std::uint32_t number_after;  // its number plus 1; 0: the place is free
  };

  // Where it stands, or would.
  std::size_t Find(const Key& key) const {
    const std::size_t mask = (std::size_t{1} << bits_) - 1;
    std::size_t at = Hash()(key) >> (64 - bits_);
    while (places_[at].number_after != 0 && !Same()(places_[at].key, key)) at = (at + 1) & mask;
    return at;
  }

  void Grow() {
    const std::size_t size = std::size_t{1} << bits_++;
    const Table<Place> old = std::exchange(places_, ZeroedTable<Place>(size * 2));
    for (std::size_t at = 0; at < size; ++at) {
      if (old[at].number_after != 0) places_[Find(old[at].key)] = old[at];
    }
  }

  int bits_ = 6;  // of a place
  Table<Place> places_ = ZeroedTable<Place>(std::size_t{1} << bits_);
  std::size_t count_ = 0;
};

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_EXPLORE_NUMBERED_SET_H_
