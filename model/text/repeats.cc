#include "model/text/repeats.h"

namespace holdfast {

std::vector<Repeat> FindRepeats(std::size_t count,
                                const std::function<bool(std::size_t, std::size_t)>& same) {
  std::vector<Repeat> repeats;
  for (std::size_t first = 0; first < count;) {
    Repeat best;
    for (std::size_t calls = 1; calls <= kLongestTurn; ++calls) {
      std::size_t end = first + calls;
      while (end < count && same(end, end - calls)) ++end;
      const std::size_t turns = (end - first) / calls;
      if (turns > best.turns && (turns - 1) * calls >= kFewestSaved) best = {first, calls, turns};
    }
    if (best.turns != 0) repeats.push_back(best);
    first += best.turns == 0 ? 1 : best.calls * best.turns;
  }
  return repeats;
}

}  // namespace holdfast
