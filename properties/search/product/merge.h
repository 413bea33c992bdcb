// Merges states of the product that differ in counters only (counters.h), where not all can be
// followed.
//
// Behaviour that turns at some value of a counter is found by going there. So up to kFollowed edges
// every value is a state of its own. A small world is thus followed to hundreds of calls. From
// there on, a group of states that differ in counters only has kSampled states that are expanded.
// Every further state of the group is taken for the first of the group. So the search ends.
//
// The merging is checked. The states of a group must go on alike: by each command, all of them that
// are expanded come to one group again. If they do not, behaviour depends on the counter, and the
// counter is state like all else.
//
// What is not seen: behaviour that turns at a value beyond the values that were followed.
#ifndef HOLDFAST_PROPERTIES_SEARCH_PRODUCT_MERGE_H_
#define HOLDFAST_PROPERTIES_SEARCH_PRODUCT_MERGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "properties/lockstep/fingerprint.h"

namespace holdfast {

class ProductMerge {
 public:
  static constexpr std::uint64_t kFollowed = 200'000;  // edges
  static constexpr std::uint32_t kSampled = 3;         // states of a group

  explicit ProductMerge(std::size_t commands) : commands_(commands) {}

  // The state that stands for a new memory of this group; nothing: the memory is followed.
  std::optional<std::uint32_t> StandIn(const Fingerprint& group, std::uint64_t edges) const {
    const std::optional<std::uint32_t> number = groups_.NumberOf(group);
    if (edges < kFollowed || !number || members_[*number].count < kSampled) return std::nullopt;
    return members_[*number].first;
  }

  // A state that is followed, in the order of the numbers.
  void Add(const Fingerprint& group, std::uint32_t state) {
    const auto [number, is_new] = groups_.Insert(group);
    if (is_new) members_.push_back({state, 0});
    ++members_[number].count;
    group_of_.push_back(number);
  }

  // An edge to a memory whose group has been added. False: another state of the group of `from`
  // came to another group by the same command.
  bool Agrees(std::uint32_t from, std::size_t command, const Fingerprint& to) {
    const std::uint32_t group = *groups_.NumberOf(to);
    const std::uint64_t edge = static_cast<std::uint64_t>(group_of_[from]) * commands_ + command;
    return edges_.try_emplace(edge, group).first->second == group;
  }

 private:
  struct Members {
    std::uint32_t first;  // state
    std::uint32_t count;  // of the states that are followed
  };

  const std::size_t commands_;
  FingerprintSet groups_;
  std::vector<Members> members_;                            // by group
  std::vector<std::uint32_t> group_of_;                     // by state
  std::unordered_map<std::uint64_t, std::uint32_t> edges_;  // between groups
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SEARCH_PRODUCT_MERGE_H_
