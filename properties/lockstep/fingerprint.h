// 128 bits that stand for a value, and a set of them.
//
// Two different values among n have equal fingerprints with a probability of about n^2 / 2^129: for
// a thousand million values, less than one in 10^20. A search that keeps fingerprints for states is
// therefore a proof but for that.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_FINGERPRINT_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_FINGERPRINT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "model/explore/huge_pages.h"

namespace holdfast {

struct Fingerprint {
  std::uint64_t low = 0, high = 0;

  bool operator==(const Fingerprint&) const = default;
};

inline Fingerprint FingerprintOf(std::span<const std::byte> bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.low64, hash.high64};
}
inline Fingerprint FingerprintOf(std::span<const std::uint64_t> words) {
  return FingerprintOf(std::as_bytes(words));
}

// Numbers fingerprints from 0 in the order in which they come. Open addressing: 24 bytes a place,
// at most two thirds of them in use.
class FingerprintSet {
 public:
  std::size_t size() const { return count_; }

  bool Has(const Fingerprint& fingerprint) { return NumberOf(fingerprint).has_value(); }
  std::optional<std::uint32_t> NumberOf(const Fingerprint& fingerprint) {
    const std::uint32_t number_after = Find(fingerprint).number_after;
    return number_after == 0 ? std::nullopt : std::optional(number_after - 1);
  }

  // The fingerprint's number, and whether it is new.
  std::pair<std::uint32_t, bool> Insert(const Fingerprint& fingerprint) {
    if (count_ * 3 >= size_ * 2) Grow();
    Place& place = Find(fingerprint);
    if (place.number_after != 0) return {place.number_after - 1, false};
    place = {fingerprint, static_cast<std::uint32_t>(++count_)};
    return {place.number_after - 1, true};
  }

 private:
  struct Place {
    Fingerprint fingerprint;
    std::uint32_t number_after = 0;  // its number plus 1; 0: the place is free
  };

  Place& Find(const Fingerprint& fingerprint) {
    const std::size_t mask = size_ - 1;
    std::size_t at = fingerprint.low & mask;
    while (places_[at].number_after != 0 && !(places_[at].fingerprint == fingerprint))
      at = (at + 1) & mask;
    return places_[at];
  }

  void Grow() {
    const Table<Place> old = std::exchange(places_, ZeroedTable<Place>(size_ * 2));
    size_ *= 2;
    for (std::size_t at = 0; at < size_ / 2; ++at) {
      if (old[at].number_after != 0) Find(old[at].fingerprint) = old[at];
    }
  }

  std::size_t size_ = 1024;  // places, a power of two
  Table<Place> places_ = ZeroedTable<Place>(size_);
  std::size_t count_ = 0;
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_FINGERPRINT_H_
