// A small fast source of choices for the generators. One seed gives the same numbers on every
// compiler and machine.
//
// The generator is SplitMix64, an additive counter behind a mixing function. Any seed is a good
// seed, and neighbouring seeds are independent. So a campaign can number its cases. SplitMix64 is
// not for cryptography. The distributions of the standard library may differ between libraries, so
// they are not used.
#ifndef HOLDFAST_PROPERTIES_GENERATE_DICE_H_
#define HOLDFAST_PROPERTIES_GENERATE_DICE_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace holdfast {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : counter_(seed) {}

  std::uint64_t Next() {
    std::uint64_t x = counter_ += 0x9e3779b97f4a7c15ull;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
  }

  // 0 to n - 1; n is not 0. The bias is n in 2^32, too small for any test.
  std::uint32_t Below(std::size_t n) {
    return static_cast<std::uint32_t>((Next() >> 32) * static_cast<std::uint64_t>(n) >> 32);
  }
  bool Percent(std::uint32_t chance) { return Below(100) < chance; }

  // The position of one of `weights`, in proportion to the weight. Not all weights are 0.
  template <std::size_t n>
  std::size_t Weighted(const std::array<std::uint8_t, n>& weights) {
    std::uint32_t total = 0;
    for (const std::uint8_t weight : weights) total += weight;
    std::uint32_t left = Below(total);
    std::size_t i = 0;
    while (left >= weights[i]) left -= weights[i++];
    return i;
  }

 private:
  std::uint64_t counter_;
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_GENERATE_DICE_H_
