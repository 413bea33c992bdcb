// Following a reference that may be anything.
//
// A reference out of decoded memory can be null, stale, wild or past the end of its chain. The
// rules, the contract and the dependency graph follow references only through this function. So
// none of them indexes with an unchecked reference.
#ifndef HOLDFAST_MODEL_RULES_LIVE_SLOT_H_
#define HOLDFAST_MODEL_RULES_LIVE_SLOT_H_

#include <cstddef>
#include <vector>

#include "model/slot.h"

namespace holdfast {

// The live record that `ref` names, or nullptr.
template <typename Slot>
const Slot* LiveSlot(const std::vector<Slot>& chain, SlotRef ref) {
  if (ref < 0 || static_cast<std::size_t>(ref) >= chain.size()) return nullptr;
  const Slot& slot = chain[static_cast<std::size_t>(ref)];
  return slot.deleted ? nullptr : &slot;
}

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_RULES_LIVE_SLOT_H_
