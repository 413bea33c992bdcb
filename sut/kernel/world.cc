#include "sut/kernel/world.h"

#include <errno.h>

#include <cstring>

#include "sut/kernel/machine/call.h"
#include "sut/kernel/driver_ops.h"
#include "sut/kernel/machine/memory.h"
#include "sut/kernel/machine/poison.h"
#include "sut/kernel/units.h"

namespace {

// In the order of enum Bus.
constexpr const struct bus_type* kBuses[] = {&platform_bus_type,
                                             &pci_bus_type,
                                             &amba_bustype,
                                             &fsl_mc_bus_type,
                                             &host1x_context_device_bus_type,
                                             &cdx_bus_type};

}  // namespace

// Mutable in the kernel; never changed here.
const struct bus_type platform_bus_type = {"platform"};
const struct bus_type pci_bus_type = {"pci"};
const struct bus_type amba_bustype = {"amba"};
const struct bus_type fsl_mc_bus_type = {"fsl-mc"};
const struct bus_type host1x_context_device_bus_type = {"host1x-context"};
const struct bus_type cdx_bus_type = {"cdx"};

namespace holdfast::kernel {
namespace {

// Two of each IOMMU; the low seven bits of the two differ.
constexpr unsigned char kBusNumbers[2 * kMaxIommus] = {
    0xff, 0x00, 0x80, 0x7f, 0x01, 0xfe, 0x55, 0xaa, 0x10, 0x20, 0x3c, 0xc3, 0x40, 0x08, 0xe0, 0x1f};

void BuildDevice(const Topology& topology, int index) {
  Machine& m = machine();
  const Device& traits = topology.devices[index];
  DeviceObject& object = *m.devices[index];
  const int bus = static_cast<int>(traits.bus);
  object.index = static_cast<std::uint8_t>(index);
  object.bus_kind = static_cast<std::uint8_t>(bus);
  object.attached = kNone;
  m.bus_devices[bus] |= static_cast<std::uint16_t>(1u << index);
  object.pci.dev.bus = kBuses[bus];
  // Every number differs from every other number, so a record with the wrong number shows. Every
  // bit of a number counts in some number, so a number that lost bits shows. There are two buses
  // behind each IOMMU, and devices in both halves of each bus: some hardware has a table for a bus,
  // or for half of a bus. Bits 6 to 3 of the requester id are the device's index (observe.cc).
  object.bus.number = kBusNumbers[2 * traits.iommu + (index >> 1 & 1)];
  object.bus.domain_nr = 0x1'0001 * (1 + traits.iommu);
  object.pci.bus = &object.bus;
  const unsigned function = static_cast<unsigned>(3 * index + 1) % 8;
  object.pci.devfn = static_cast<unsigned>(index) << 3 | function | (index & 4 ? 0x80 : 0);
  object.data.fwspec = &object.fwspec;
  object.fwspec.num_ids = 1;
  object.fwspec.ids[0] = pci_dev_id(&object.pci);
  // Only PCI devices can be preserved. A device that cannot be preserved has an alias too.
  if (!traits.is_pci()) object.fwspec.ids[object.fwspec.num_ids++] = object.fwspec.ids[0] ^ 3;
  if (traits.probed) object.pci.dev.iommu = &object.data;
  object.data.iommu_dev = m.iommus[traits.iommu];
  mutex_init(&object.group.mutex);
  if (traits.group == kNone) return;
  struct iommu_group& group = m.devices[traits.group]->group;
  object.pci.dev.iommu_group = &group;
  ++group.devices;
  group.owner_cnt = 1;
  if (traits.probed && !topology.domains.empty()) object.attached = 0;
}

}  // namespace

void BuildWorld(const Topology& topology, Luo luo, const Binding& binding) {
  Machine& m = machine();
  m.luo.stage = luo;
  m.iommu_count = static_cast<std::uint8_t>(topology.iommus.size());
  m.device_count = static_cast<std::uint8_t>(topology.devices.size());
  m.domain_count = static_cast<std::uint8_t>(topology.domains.size());
  for (int i = 0; i < m.iommu_count; ++i) {
    struct iommu_device& iommu = *(m.iommus[i] = NewObject<struct iommu_device>());
    iommu.index = static_cast<std::uint8_t>(i);
    iommu.ops = IommuOps(topology.iommus[i].missing_ops);
  }
  // All devices come first: a group is part of the device that names it, and a device may come
  // before the device that names its group.
  for (int i = 0; i < m.device_count; ++i) m.devices[i] = NewObject<DeviceObject>();
  for (int i = 0; i < m.device_count; ++i) BuildDevice(topology, i);
  for (int i = 0; i < m.domain_count; ++i) {
    struct pt_iommu& pt = *NewObject<struct pt_iommu>();
    m.domains[i] = &pt.domain;
    pt.domain.index = static_cast<std::uint8_t>(i);
    pt.domain.is_iommupt = true;
    pt.ops = PtOps(topology.domains[i].missing_ops);
    pt.domain.ops = DomainOps(topology.domains[i].missing_ops);
  }
  BuildUnits(topology, binding);
  m.world_top = m.heap_top;
}

void RestartWorld() {
  Machine& m = machine();
  for (int i = 0; i < m.iommu_count; ++i) m.iommus[i]->outgoing_preserved_state = nullptr;
  for (int i = 0; i < m.domain_count; ++i) m.domains[i]->preserved_state = nullptr;
  for (int i = 0; i < m.device_count; ++i) {
    DeviceObject& object = *m.devices[i];
    object.data.device_ser = nullptr;
    object.attached = kNone;
    object.group.owner_cnt = 0;
    object.group.owner = nullptr;
    mutex_init(&object.group.mutex);
  }
  RestartUnits();
  // The old kernel's objects are gone.
  Unpoison(ArenaBase() + m.world_top, m.heap_top - m.world_top);
  std::memset(ArenaBase() + m.world_top, 0, m.heap_top - m.world_top);
  Poison(ArenaBase() + m.world_top, m.heap_top - m.world_top);
  m.heap_top = m.world_top;
  m.heap_live = 0;
  m.held_locks = m.held_spinlocks = 0;
}

void RegisterFlb(const Binding& binding) {
  if (binding.register_flb) binding.register_flb(&machine().handler);
}

int Attach(struct iommu_domain& domain, DeviceObject& device) {
  if (!device.pci.dev.iommu || !device.pci.dev.iommu_group) return -ENODEV;
  device.attached = domain.index;
  return 0;
}

}  // namespace holdfast::kernel

using namespace holdfast::kernel;

extern "C" int bus_for_each_dev(const struct bus_type* bus, struct device* start, void* data,
                                int (*fn)(struct device* device, void* data)) {
  bool started = start == nullptr;
  for (int kind = 0; kind < holdfast::kBusCount; ++kind) {
    if (kBuses[kind] != bus) continue;
    for (unsigned rest = machine().bus_devices[kind]; rest != 0; rest &= rest - 1) {
      struct device* device = &machine().devices[__builtin_ctz(rest)]->pci.dev;
      started = started || device == start;
      if (!started) continue;
      if (const int stop = fn(device, data)) return stop;
    }
  }
  return 0;
}
