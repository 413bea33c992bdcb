#include "properties/generate/unseen.h"

#include <algorithm>
#include <bit>
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

// Empty, begun, its last page full, or on a later page.
std::uint64_t Fill(std::size_t slots, std::size_t capacity) {
  if (slots == 0) return 0;
  if (slots < capacity || capacity == 0) return 1;
  return slots % capacity == 0 ? 2 : 3;
}

// What is odd about an object. The two kinds differ in the lowest bits.
std::uint64_t TraitsOf(const Topology& topology, std::size_t index) {
  const Device& device = topology.devices[index];
  return Packed()
      .Add(1, 2)
      .Add(static_cast<std::uint64_t>(device.bus), 3)
      .Add(device.probed, 1)
      .Add(device.group == kNone ? 2 : device.group != index, 2)
      .Add(topology.iommus[device.iommu].missing_ops, 8)
      .word();
}

std::uint64_t TraitsOf(const Domain& domain) {
  return Packed().Add(2, 2).Add(domain.missing_ops, 8).word();
}

template <typename Visit>
void EachTrait(const Topology& topology, Visit visit) {
  for (std::size_t device = 0; device < topology.devices.size(); ++device)
    visit(TraitsOf(topology, device));
  for (const Domain& domain : topology.domains) visit(TraitsOf(domain));
}

// In place of a class of states, which has not all of these bits.
constexpr std::uint64_t kTraits = ~std::uint64_t{0};

}  // namespace

std::uint64_t StateClass(const PageCapacities& page, const State& state) {
  std::uint64_t live = 0;
  for (const SlotRef pointer : state.device_ser) live += pointer >= 0;
  return Packed()
      .Add(state.flb.present, 1)
      .Add(std::min<std::uint64_t>(live, 2), 2)
      .Add(Fill(state.flb.iommus.size(), page.iommus), 2)
      .Add(Fill(state.flb.devices.size(), page.devices), 2)
      .Add(Fill(state.flb.domains.size(), page.domains), 2)
      .Add(state.frozen, 1)
      .Add(static_cast<std::uint64_t>(state.incoming.status), 3)
      .word();
}

std::uint64_t CommandClass(const Topology& topology, const Command& command) {
  const Operands operands = OperandsOf(command.verb);
  Packed packed;
  packed.Add(static_cast<std::uint64_t>(command.verb), 5)
      .Add(static_cast<std::uint64_t>(command.fault.site), 4);
  if (operands.device) packed.Add(TraitsOf(topology, command.device), 16);
  if (operands.domain) packed.Add(TraitsOf(topology.domains[command.domain]), 10);
  return packed.word();
}

std::uint8_t TimesOfRarest(Unseen& unseen, const Topology& topology) {
  std::uint8_t rarest = 255;
  EachTrait(topology, [&](std::uint64_t traits) {
    rarest = std::min(rarest, unseen.Times(kTraits, traits));
  });
  return rarest;
}

void CountTraits(Unseen& unseen, const Topology& topology) {
  EachTrait(topology, [&](std::uint64_t traits) { Unseen::Count(&unseen.Times(kTraits, traits)); });
}

}  // namespace holdfast
