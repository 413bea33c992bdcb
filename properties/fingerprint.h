// 128 bits that stand for a value, and a set of them.
//
// Two different values among n have equal fingerprints with a probability of about n^2 / 2^129: for a thousand million values, less
// than one in 10^20. A search that keeps fingerprints for states is therefore a proof but for that.
#ifndef HOLDFAST_PROPERTIES_FINGERPRINT_H_
#define HOLDFAST_PROPERTIES_FINGERPRINT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace holdfast {

struct Fingerprint {
  std::uint64_t low = 0, high = 0;

  bool operator==(const Fingerprint&) const = default;
};

inline Fingerprint FingerprintOf(std::span<const std::uint64_t> words) {
  const XXH128_hash_t hash = XXH3_128bits(words.data(), words.size_bytes());
  return {hash.low64, hash.high64};
}

// Numbers fingerprints from 0 in the order in which they come. Open addressing: 24 bytes a place, at most two thirds of them in use.
class FingerprintSet {
 public:
  FingerprintSet() : places_(1024) {}

  std::size_t size() const { return count_; }

  bool Has(const Fingerprint& fingerprint) { return Find(fingerprint).number != kFree; }

  // The fingerprint's number, and whether it is new.
  std::pair<std::uint32_t, bool> Insert(const Fingerprint& fingerprint) {
    if (count_ * 3 >= places_.size() * 2) Grow();
    Place& place = Find(fingerprint);
    if (place.number != kFree) return {place.number, false};
    place = {fingerprint, static_cast<std::uint32_t>(count_)};
    return {static_cast<std::uint32_t>(count_++), true};
  }

 private:
  static constexpr std::uint32_t kFree = 0xffffffff;
  struct Place {
    Fingerprint fingerprint;
    std::uint32_t number = kFree;
  };

  Place& Find(const Fingerprint& fingerprint) {
    const std::size_t mask = places_.size() - 1;
    std::size_t at = fingerprint.low & mask;
    while (places_[at].number != kFree && !(places_[at].fingerprint == fingerprint)) at = (at + 1) & mask;
    return places_[at];
  }

  void Grow() {
    std::vector<Place> old(places_.size() * 2);
    old.swap(places_);
    for (const Place& place : old) {
      if (place.number != kFree) Find(place.fingerprint) = place;
    }
  }

  std::vector<Place> places_;
  std::size_t count_ = 0;
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_FINGERPRINT_H_
