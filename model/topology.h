// The fixed world of a scenario: IOMMUs, the devices behind them, their groups and buses, and the
// domains.
//
// A topology never changes while a scenario runs. State (state.h) changes. Objects are named by
// small indices, and the index is the object's name in every text: device 3 is `dev3`. A "device"
// is a `struct device` that does DMA. An "IOMMU" is a `struct iommu_device`. Never confuse the two.
//
// Invariants (Valid() checks them; the parser and the generator keep them):
//   1. Every device is behind an IOMMU that exists. The seed has no device without `iommu_dev`,
//      only devices without `dev->iommu` (probed == false).
//   2. A group is named by its lowest device: `devices[g].group == g` for every group g in use. The
//      devices of one group are behind one IOMMU, as the kernel's groups are.
#ifndef HOLDFAST_MODEL_TOPOLOGY_H_
#define HOLDFAST_MODEL_TOPOLOGY_H_

#include <cstdint>
#include <vector>

namespace holdfast {

inline constexpr int kMaxIommus = 8;
inline constexpr int kMaxDevices = 16;
inline constexpr int kMaxDomains = 8;

// "No such object": a device without a group, or attached to no domain.
inline constexpr std::uint8_t kNone = 0xff;

// The buses that `iommu_for_each_dev` walks, in the order of the kernel's `iommu_buses[]`.
enum class Bus : std::uint8_t { kPlatform, kPci, kAmba, kFslMc, kHost1x, kCdx };
inline constexpr int kBusCount = 6;

// The driver's entries in `struct iommu_ops` (the seed) and the page table's two.
enum class Op : std::uint8_t {
  kIommuPreserve,          // iommu_ops::preserve            object: an IOMMU
  kIommuUnpreserve,        // iommu_ops::unpreserve          object: an IOMMU
  kIommuPreserveDevice,    // iommu_ops::preserve_device     object: a device
  kIommuUnpreserveDevice,  // iommu_ops::unpreserve_device   object: a device
  kPtPreserve,             // pt_iommu_ops::preserve         object: a domain
  kPtUnpreserve,           // pt_iommu_ops::unpreserve       object: a domain
  kVisit,                  // the callback of iommu_for_each_dev, object: a device
  kPtRestore,              // pt_iommu_ops::restore          object: a domain, by its record
};
inline constexpr int kOpCount = 8;

constexpr std::uint8_t OpBit(Op op) {
  return static_cast<std::uint8_t>(1u << static_cast<int>(op));
}

struct Iommu {
  std::uint8_t missing_ops = 0;  // OpBit of each of the four iommu ops that the driver lacks

  bool Has(Op op) const { return (missing_ops & OpBit(op)) == 0; }
  bool operator==(const Iommu&) const = default;
};

struct Device {
  std::uint8_t iommu = 0;  // index of its IOMMU
  // index of the group's lowest device; kNone: dev->iommu_group is NULL
  std::uint8_t group = kNone;
  Bus bus = Bus::kPci;
  bool probed = true;  // false: dev->iommu is NULL

  bool is_pci() const { return bus == Bus::kPci; }
  bool operator==(const Device&) const = default;
};

struct Domain {
  std::uint8_t missing_ops = 0;  // OpBit of kPtPreserve and kPtUnpreserve

  bool Has(Op op) const { return (missing_ops & OpBit(op)) == 0; }
  bool operator==(const Domain&) const = default;
};

struct Topology {
  std::vector<Iommu> iommus;
  std::vector<Device> devices;
  std::vector<Domain> domains;

  // Number of devices in the group of `device`; 0 without a group.
  int GroupSize(int device) const;
  bool Valid() const;
  bool operator==(const Topology&) const = default;
};

// `iommus` IOMMUs with `devices` plain PCI devices dealt out in turn, each in a group of its own,
// and `domains` domains.
Topology MakeTopology(int iommus, int devices, int domains);

// The token that the caller of the v5 interface passes for a device, as iommu_preserve_device's
// last argument. Each device has a fixed token of its own that is never 0. So a record without the
// token, or with the token of another device, shows.
constexpr std::uint64_t DmaOwnerToken(int device) {
  return 0xd0a0'0000'0000'0001ull + static_cast<std::uint64_t>(device);
}

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_TOPOLOGY_H_
