#include "model/explore/canonical.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace holdfast {
namespace {

// The canonical numbers of one chain's slots.
template <typename Slot>
class Numbering {
 public:
  explicit Numbering(const std::vector<Slot>& chain) : chain_(chain), numbers_(chain.size()) {
    for (std::size_t i = 0; i < chain.size(); ++i) {
      if (!chain[i].deleted) live_.push_back(static_cast<SlotRef>(i));
    }
    std::stable_sort(live_.begin(), live_.end(),
                     [&](SlotRef a, SlotRef b) { return ObjectOf(At(a)) < ObjectOf(At(b)); });
    // where a dead one would stand
    std::fill(numbers_.begin(), numbers_.end(), static_cast<SlotRef>(live_.size()));
    for (std::size_t i = 0; i < live_.size(); ++i)
      numbers_[static_cast<std::size_t>(live_[i])] = static_cast<SlotRef>(i);
  }

  // A reference that is held in the state.
  SlotRef Hold(SlotRef ref) {
    if (ref < 0) return ref;
    // a slot that is not there is no slot
    if (static_cast<std::size_t>(ref) >= numbers_.size()) return kWild;
    dead_is_named_ |= At(ref).deleted;
    return numbers_[static_cast<std::size_t>(ref)];
  }
  // A slot that an outcome names: one of before the call, or one that the call made.
  SlotRef Name(SlotRef ref) const {
    if (ref < 0) return ref;
    if (static_cast<std::size_t>(ref) < numbers_.size())
      return numbers_[static_cast<std::size_t>(ref)];
    return static_cast<SlotRef>(size() + static_cast<std::size_t>(ref) - numbers_.size());
  }

  std::vector<Slot> Renumbered() const {
    std::vector<Slot> chain;
    chain.reserve(size());
    for (const SlotRef slot : live_) chain.push_back(At(slot));
    if (dead_is_named_) chain.push_back(Deleted<Slot>());
    return chain;
  }

 private:
  const Slot& At(SlotRef slot) const { return chain_[static_cast<std::size_t>(slot)]; }
  std::size_t size() const { return live_.size() + (dead_is_named_ ? 1 : 0); }

  const std::vector<Slot>& chain_;
  std::vector<SlotRef> numbers_;  // by slot
  std::vector<SlotRef> live_;     // in canonical order
  bool dead_is_named_ = false;
};

struct FlbNumbering {
  explicit FlbNumbering(const Flb& flb)
      : iommus(flb.iommus), domains(flb.domains), devices(flb.devices) {}

  Flb Renumbered(const Flb& flb) {
    Flb result;
    result.present = flb.present;
    result.damage = flb.damage;
    result.devices = devices.Renumbered();
    for (DeviceSlot& slot : result.devices) {
      slot.domain = domains.Hold(slot.domain);
      slot.hw = iommus.Hold(slot.hw);
    }
    // after the references were held: only then is it known whether a dead one is named
    result.domains = domains.Renumbered();
    result.iommus = iommus.Renumbered();
    return result;
  }

  Numbering<HwSlot> iommus;
  Numbering<DomainSlot> domains;
  Numbering<DeviceSlot> devices;
};

void Hold(FlbNumbering& numbering, KernelState& pointers) {
  for (SlotRef& pointer : pointers.preserved_state) pointer = numbering.domains.Hold(pointer);
  for (SlotRef& pointer : pointers.device_ser) pointer = numbering.devices.Hold(pointer);
  for (SlotRef& pointer : pointers.outgoing_preserved_state)
    pointer = numbering.iommus.Hold(pointer);
}

}  // namespace

State Canonical(const State& state) {
  if (state.crashed) {
    State crashed;
    crashed.crashed = true;
    return crashed;
  }
  State result;
  static_cast<KernelState&>(result) = state;
  FlbNumbering outgoing(state.flb);
  Hold(outgoing, result);
  result.flb = outgoing.Renumbered(state.flb);

  result.incoming = state.incoming;
  FlbNumbering incoming(state.incoming.flb);
  for (SlotRef& pointer : result.restored_ser) pointer = incoming.devices.Hold(pointer);
  result.incoming.flb = incoming.Renumbered(state.incoming.flb);
  return result;
}

Outcome CanonicalOutcome(const State& before, Verb verb, const Outcome& outcome) {
  FlbNumbering numbering(before.flb);
  KernelState pointers = before;
  Hold(numbering, pointers);
  numbering.Renumbered(before.flb);

  FlbNumbering incoming(before.incoming.flb);
  incoming.Renumbered(before.incoming.flb);

  Outcome result = outcome;
  if (verb == Verb::kRestoreDomain) result.out = incoming.domains.Name(outcome.out);
  if (verb == Verb::kPreserveDevice) result.out = numbering.devices.Name(outcome.out);
  if (verb == Verb::kPreserveDomain) result.out = numbering.domains.Name(outcome.out);
  for (int i = 0; i < outcome.call_count; ++i) {
    DriverCall& call = result.calls[static_cast<std::size_t>(i)];
    switch (call.op) {
      case Op::kIommuPreserve:
      case Op::kIommuUnpreserve: call.slot = numbering.iommus.Name(call.slot); break;
      case Op::kIommuPreserveDevice:
      case Op::kIommuUnpreserveDevice: call.slot = numbering.devices.Name(call.slot); break;
      case Op::kPtPreserve:
      case Op::kPtUnpreserve: call.slot = numbering.domains.Name(call.slot); break;
      case Op::kPtRestore: call.slot = incoming.domains.Name(call.slot); break;
      case Op::kVisit: break;
    }
  }
  return result;
}

}  // namespace holdfast
