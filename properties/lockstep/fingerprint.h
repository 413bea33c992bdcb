// 128 bits that stand for a value, and a set of them.
//
// Two different values among n have equal fingerprints with a probability of about n^2 / 2^129. For
// a thousand million values that is less than one in 10^20. A search that keeps fingerprints
// instead of states is a proof up to this probability.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_FINGERPRINT_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_FINGERPRINT_H_

#include <cstddef>
#include <cstdint>
#include <span>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "model/explore/numbered_set.h"

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

struct HashOfFingerprint {
  std::uint64_t operator()(const Fingerprint& fingerprint) const { return fingerprint.low; }
};
// 24 bytes a place, at most two thirds of them in use.
using FingerprintSet = NumberedSet<Fingerprint, HashOfFingerprint>;

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_FINGERPRINT_H_
