// Blocks of calls that come again and again, for the `repeat` of a trace.
#ifndef HOLDFAST_MODEL_TEXT_REPEATS_H_
#define HOLDFAST_MODEL_TEXT_REPEATS_H_

#include <cstddef>
#include <functional>
#include <vector>

namespace holdfast {

struct Repeat {
  std::size_t first = 0;  // the position of the block's first call
  std::size_t calls = 0;  // of one turn
  std::size_t turns = 0;
};

// The blocks of `count` calls that are worth folding: a fold saves at least kFewestSaved lines, and
// no turn is longer than kLongestTurn. `same(a, b)` compares the calls at two positions. In order,
// and apart from each other.
inline constexpr std::size_t kFewestSaved = 24, kLongestTurn = 16;
std::vector<Repeat> FindRepeats(std::size_t count,
                                const std::function<bool(std::size_t, std::size_t)>& same);

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_TEXT_REPEATS_H_
