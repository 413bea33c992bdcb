#include "model/topology.h"

namespace holdfast {

int Topology::GroupSize(int device) const {
  const std::uint8_t group = devices[device].group;
  if (group == kNone) return 0;
  int size = 0;
  for (const Device& other : devices) size += other.group == group;
  return size;
}

bool Topology::Valid() const {
  if (iommus.size() > kMaxIommus || devices.size() > kMaxDevices || domains.size() > kMaxDomains)
    return false;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const Device& device = devices[i];
    if (device.iommu >= iommus.size()) return false;
    if (device.group == kNone) continue;
    if (device.group > i) return false;  // named by its lowest device
    const Device& lowest = devices[device.group];
    if (lowest.group != device.group || lowest.iommu != device.iommu) return false;
  }
  return true;
}

Topology MakeTopology(int iommus, int devices, int domains) {
  Topology topology;
  topology.iommus.resize(iommus);
  topology.domains.resize(domains);
  for (int i = 0; i < devices; ++i) {
    topology.devices.push_back(
        {.iommu = static_cast<std::uint8_t>(i % iommus), .group = static_cast<std::uint8_t>(i)});
  }
  return topology;
}

}  // namespace holdfast
