// Fields of a 64-bit word, named as in the specifications: by the highest and the lowest bit, both
// included.
#ifndef HOLDFAST_SUT_HARDWARE_BITS_H_
#define HOLDFAST_SUT_HARDWARE_BITS_H_

#include <cstdint>

namespace holdfast::hardware {

// Ones in [high:low]; none if high < low. The specifications write high < low for a field without
// room at that address width.
constexpr std::uint64_t Mask(int high, int low) {
  return high < low ? 0 : (~0ull >> (63 - high)) & (~0ull << low);
}

// word[high:low], moved down to bit 0. high >= low.
constexpr std::uint64_t Bits(std::uint64_t word, int high, int low) {
  return (word & Mask(high, low)) >> low;
}

constexpr bool Bit(std::uint64_t word, int bit) { return (word >> bit) & 1; }

}  // namespace holdfast::hardware

#endif  // HOLDFAST_SUT_HARDWARE_BITS_H_
