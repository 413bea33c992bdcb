#include "properties/unseen.h"

#include <algorithm>
#include <cstddef>

namespace holdfast {
namespace {

// Bits from the lowest up.
class Packed {
 public:
  Packed& Add(std::uint64_t value, int bits) {
    word_ |= value << used_;
    used_ += bits;
    return *this;
  }
  std::uint64_t word() const { return word_; }

 private:
  std::uint64_t word_ = 0;
  int used_ = 0;
};

// Pointers that are not NULL, nor stale: without a branch.
template <std::size_t size>
std::uint64_t LiveCount(const std::array<SlotRef, size>& pointers) {
  std::uint64_t count = 0;
  for (const SlotRef pointer : pointers) count += pointer >= 0;
  return count;
}

// Empty, begun, its last page full, or on a later page.
std::uint64_t Fill(std::size_t slots, std::uint32_t capacity) {
  if (slots == 0) return 0;
  if (slots < capacity) return 1;
  return slots % capacity == 0 ? 2 : 3;
}

std::uint64_t Standing(SlotRef pointer) { return pointer >= 0 ? 2 : pointer == kNull ? 0 : 1; }

}  // namespace

std::uint64_t StateClass(const Layout& layout, const State& state) {
  return Packed()
      .Add(std::min<std::uint64_t>(state.files, 3), 2)
      .Add(state.flb.present, 1)
      .Add(LiveCount(state.device_ser), 5)
      .Add(LiveCount(state.preserved_state), 4)
      .Add(LiveCount(state.outgoing_preserved_state), 4)
      .Add(Fill(state.flb.iommus.size(), layout.hw_capacity()), 2)
      .Add(Fill(state.flb.devices.size(), layout.device_capacity()), 2)
      .Add(Fill(state.flb.domains.size(), layout.domain_capacity()), 2)
      .Add(state.frozen, 1)
      .Add(static_cast<std::uint64_t>(state.incoming.status), 3)
      .word();
}

std::uint64_t CommandClass(const Topology& topology, const State& state, const Command& command) {
  const Operands operands = OperandsOf(command.verb);
  Packed packed;
  packed.Add(static_cast<std::uint64_t>(command.verb), 4)
      .Add(static_cast<std::uint64_t>(command.fault.site), 4)
      .Add(std::min<std::uint64_t>(command.fault.nth, 5), 3);
  if (operands.device) {
    const Device& device = topology.devices[command.device];
    packed.Add(Standing(state.device_ser[command.device]), 2)
        .Add(Standing(state.outgoing_preserved_state[device.iommu]), 2)
        .Add(topology.iommus[device.iommu].missing_ops & 15, 4)
        .Add(device.is_pci(), 1)
        .Add(device.probed, 1)
        .Add(device.group == kNone ? 3 : std::min<std::uint64_t>(state.owner_claims[device.group], 2), 2)
        .Add(device.group != command.device, 1);
  }
  if (operands.domain) {
    packed.Add(Standing(state.preserved_state[command.domain]), 2)
        .Add(topology.domains[command.domain].missing_ops >> 4 & 3, 2)
        .Add(operands.device && state.attached[command.device] == command.domain, 1);
  }
  if (operands.iommu) packed.Add(std::min<std::uint64_t>(command.stop, 3), 2);
  return packed.word();
}

}  // namespace holdfast
