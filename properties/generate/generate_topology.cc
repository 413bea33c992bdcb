#include <array>
#include <cstddef>

#include "properties/generate/generate_topology.h"

namespace holdfast {
namespace {

constexpr std::array kIommuOps = {Op::kIommuPreserve, Op::kIommuUnpreserve,
                                  Op::kIommuPreserveDevice, Op::kIommuUnpreserveDevice};

// An earlier device's group behind the same IOMMU, if there is one.
std::uint8_t SharedGroup(const Topology& topology, const Device& device, Dice& dice) {
  std::array<std::uint8_t, kMaxDevices> groups{};
  std::size_t count = 0;
  for (const Device& other : topology.devices) {
    if (other.iommu == device.iommu && other.group != kNone) groups[count++] = other.group;
  }
  return count == 0 ? kNone : groups[dice.Below(count)];
}

void AddTraits(Topology& topology, Device& device, Dice& dice) {
  if (dice.Percent(12)) {
    const std::array others = {Bus::kPlatform, Bus::kAmba, Bus::kFslMc, Bus::kHost1x, Bus::kCdx};
    device.bus = others[dice.Below(others.size())];
  }
  if (dice.Percent(8)) device.probed = false;
  if (dice.Percent(8)) {
    device.group = kNone;
  } else if (dice.Percent(25)) {
    const std::uint8_t shared = SharedGroup(topology, device, dice);
    if (shared != kNone) device.group = shared;
  }
}

}  // namespace

Topology GenerateTopology(Dice& dice) {
  const std::array<std::uint8_t, 4> iommu_weights = {45, 32, 11, 12};
  const std::array<std::uint8_t, 8> device_weights = {15, 25, 20, 15, 8, 7, 5, 5};
  const std::array<std::uint8_t, 4> domain_weights = {2, 48, 35, 15};
  Topology topology;
  topology.iommus.resize(dice.Weighted(iommu_weights) + 1);
  topology.domains.resize(dice.Weighted(domain_weights));
  const std::size_t devices = dice.Weighted(device_weights) + 1;
  const bool plain = dice.Percent(50), in_turn = dice.Percent(50);

  topology.devices.reserve(devices);
  for (std::size_t i = 0; i < devices; ++i) {
    Device device;
    device.iommu = static_cast<std::uint8_t>(in_turn ? i % topology.iommus.size()
                                                     : dice.Below(topology.iommus.size()));
    device.group = static_cast<std::uint8_t>(i);
    if (!plain) AddTraits(topology, device, dice);
    topology.devices.push_back(device);
  }
  if (plain) return topology;
  for (Iommu& iommu : topology.iommus) {
    if (dice.Percent(15)) iommu.missing_ops = OpBit(kIommuOps[dice.Below(kIommuOps.size())]);
  }
  for (Domain& domain : topology.domains) {
    if (dice.Percent(12))
      domain.missing_ops = OpBit(dice.Percent(50) ? Op::kPtPreserve : Op::kPtUnpreserve);
  }
  return topology;
}

}  // namespace holdfast
