// Holds a search that forgets the past against a search that keeps the past whole.
//
// Past::kForgotten takes two states for one that Past::kWhole tells apart. That is sound if two
// such states go on, by every command, to states that kForgotten takes for one again. This check
// stands beside a search with kWhole and looks at every edge between two states.
#ifndef HOLDFAST_PROPERTIES_SEARCH_PRODUCT_PAST_H_
#define HOLDFAST_PROPERTIES_SEARCH_PRODUCT_PAST_H_

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "properties/lockstep/fingerprint.h"

namespace holdfast {

class PastCheck {
 public:
  explicit PastCheck(std::size_t commands) : commands_(commands) {}

  // The first state, number 0; `forgotten` is what kForgotten takes it for.
  void Begin(const Fingerprint& forgotten) { merged_ = {merged_states_.Insert(forgotten).first}; }

  // An edge, in the order of the search. False: a state that is taken for `from` went elsewhere by
  // the same command.
  bool Agrees(std::uint32_t from, std::size_t command, bool to_a_new_state,
              const Fingerprint& forgotten) {
    const std::uint32_t merged = merged_states_.Insert(forgotten).first;
    if (to_a_new_state) merged_.push_back(merged);
    const std::uint64_t edge = static_cast<std::uint64_t>(merged_[from]) * commands_ + command;
    return edges_.try_emplace(edge, merged).first->second == merged;
  }

 private:
  const std::size_t commands_;
  FingerprintSet merged_states_;
  std::vector<std::uint32_t> merged_;                       // by state: its number among these
  std::unordered_map<std::uint64_t, std::uint32_t> edges_;  // between these
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SEARCH_PRODUCT_PAST_H_
