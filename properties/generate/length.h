// How long a case is. Most mutants show in a few calls, and a short case is the cheapest. A few
// mutants need a long life, and no number of short cases adds up to one.
#ifndef HOLDFAST_PROPERTIES_GENERATE_LENGTH_H_
#define HOLDFAST_PROPERTIES_GENERATE_LENGTH_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "properties/generate/dice.h"

namespace holdfast {

// RapidCheck's largest size. A campaign uses it.
inline constexpr int kFullSize = 100;

// In moves: a call, or a repetition of calls. `size` from 0 to kFullSize bounds it.
inline std::size_t MiddlingLength(int size, Dice& dice) {
  return 4 + dice.Below(static_cast<std::size_t>(4 + size * 32 / kFullSize));
}

// Short, middling, long and very long cases. All have about as many moves as middling cases alone.
inline std::size_t DrawLength(int size, Dice& dice) {
  constexpr std::array<std::uint8_t, 4> kOften = {40, 47, 10, 3};
  switch (dice.Weighted(kOften)) {
    case 0: return 3 + dice.Below(6);
    case 2:
      if (size > kFullSize / 2) return 40 + dice.Below(60);
      break;
    case 3:
      if (size > kFullSize / 2) return 100 + dice.Below(200);
      break;
    default: break;
  }
  return MiddlingLength(size, dice);
}

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_GENERATE_LENGTH_H_
