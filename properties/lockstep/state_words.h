// A State as words, for a hash. Equal states give equal words, and different states give different
// words.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_STATE_WORDS_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_STATE_WORDS_H_

#include <cstdint>
#include <cstring>
#include <type_traits>
#include <vector>

#include "model/explore/canonical.h"
#include "model/state.h"
#include "sut/sut.h"

namespace holdfast {

template <typename T>
void AppendWords(const T* values, std::size_t count, std::vector<std::uint64_t>& words) {
  static_assert(std::has_unique_object_representations_v<T>, "equal values are equal bytes");
  const std::size_t start = words.size(), bytes = count * sizeof(T);
  words.resize(start + (bytes + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t));
  if (bytes != 0) std::memcpy(words.data() + start, values, bytes);
}

template <typename Slot>
void AppendChain(const std::vector<Slot>& chain, std::vector<std::uint64_t>& words) {
  words.push_back(chain.size());
  AppendWords(chain.data(), chain.size(), words);
}

inline void AppendFlb(const Flb& flb, std::vector<std::uint64_t>& words) {
  words.push_back(flb.present | flb.damage << 1);
  AppendChain(flb.iommus, words);
  AppendChain(flb.domains, words);
  AppendChain(flb.devices, words);
}

inline void AppendState(const State& state, std::vector<std::uint64_t>& words) {
  AppendWords(static_cast<const KernelState*>(&state), 1, words);
  AppendFlb(state.flb, words);
  words.push_back(static_cast<std::uint64_t>(state.incoming.status) |
                  static_cast<std::uint64_t>(state.incoming.lost) << 8 |
                  static_cast<std::uint64_t>(static_cast<std::uint16_t>(state.incoming.error))
                      << 16 |
                  static_cast<std::uint64_t>(state.incoming.files) << 32);
  AppendFlb(state.incoming.flb, words);
}

// Drops the DELETED slots. A live slot gets its number by age among the live slots. All dead slots
// get one number.
template <typename Slot>
std::vector<SlotRef> LiveNumbers(const std::vector<Slot>& chain) {
  constexpr SlotRef kDead = -4;
  std::vector<SlotRef> numbers;
  SlotRef next = 0;
  for (const Slot& slot : chain) numbers.push_back(slot.deleted ? kDead : next++);
  return numbers;
}

inline void DropDead(Flb& flb, KernelState* pointers) {
  const std::vector<SlotRef> iommus = LiveNumbers(flb.iommus), domains = LiveNumbers(flb.domains),
                             devices = LiveNumbers(flb.devices);
  const auto rename = [](SlotRef& ref, const std::vector<SlotRef>& numbers) {
    if (ref >= 0) ref = numbers[static_cast<std::size_t>(ref)];
  };
  std::erase_if(flb.iommus, [](const HwSlot& slot) { return slot.deleted; });
  std::erase_if(flb.domains, [](const DomainSlot& slot) { return slot.deleted; });
  std::erase_if(flb.devices, [](const DeviceSlot& slot) { return slot.deleted; });
  for (DeviceSlot& slot : flb.devices) {
    rename(slot.domain, domains);
    rename(slot.hw, iommus);
  }
  if (pointers == nullptr) return;
  for (SlotRef& ref : pointers->preserved_state) rename(ref, domains);
  for (SlotRef& ref : pointers->device_ser) rename(ref, devices);
  for (SlotRef& ref : pointers->outgoing_preserved_state) rename(ref, iommus);
}

// The state of the model that a canonical state of an implementation corresponds to, with the same
// part of its past.
inline void AppendPast(const State& state, Past past, std::vector<std::uint64_t>& words) {
  if (past == Past::kForgotten) return AppendState(Canonical(state), words);
  if (past == Past::kWhole) return AppendState(state, words);
  State ordered = state;
  DropDead(ordered.flb, &ordered);
  for (SlotRef& ref : ordered.restored_ser) {
    if (ref >= 0) ref = LiveNumbers(state.incoming.flb.devices)[static_cast<std::size_t>(ref)];
  }
  DropDead(ordered.incoming.flb, nullptr);
  AppendState(ordered, words);
}

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_STATE_WORDS_H_
