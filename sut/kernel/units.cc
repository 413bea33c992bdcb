#include "sut/kernel/units.h"

#include <cstring>

#include "linux/err.h"
#include "linux/io.h"
#include "sut/kernel/machine/call.h"
#include "sut/kernel/dma/dma_watch.h"
#include "sut/kernel/driver_ops.h"
#include "sut/kernel/live_records.h"
#include "sut/kernel/machine/memory.h"
#include "sut/kernel/dma/reach.h"
#include "sut/kernel/dma/record_truth.h"

namespace holdfast::kernel {
namespace {

constexpr std::uint64_t kVersion = 1;  // of a top record that has one

bool IsHandedOver() {
  using Status = Incoming::Status;
  const auto& incoming = machine().luo.incoming;
  return !incoming.lost &&
         (incoming.status == Status::kHandedOver || incoming.status == Status::kRetrieved ||
          incoming.status == Status::kFailed);
}

// The records of the kernel before, by their object; nullptr for an object without a record.
struct Records {
  std::byte* iommus[kMaxIommus] = {};
  std::byte* domains[kMaxDomains] = {};
  std::byte* devices[kMaxDevices] = {};
};

// Records of another version have another layout: no field of them is followed.
bool IsOurVersion(const Layout& layout) {
  const int top = RecordPage(machine().luo.incoming.data);
  if (top < 0) return false;
  return layout.version == Layout::kNoField ||
         Load<std::uint64_t>(PageAddress(top), layout.version) == kVersion;
}

Records FindRecords(const RecordLayout& layout) {
  Records records;
  const Machine& m = machine();
  if (!IsHandedOver()) return records;
  LiveRecords iommus(layout, Chain::kHw), domains(layout, Chain::kDomain),
      devices(layout, Chain::kDevice);
  while (std::byte* record = iommus.Next()) {
    for (int i = 0; i < m.iommu_count; ++i) {
      if (Load<std::uint64_t>(record, layout.hw_token) == TokenOf(i)) records.iommus[i] = record;
    }
  }
  while (std::byte* record = domains.Next()) {
    const int domain =
        DomainOfTable(m.units->known_before, Load<std::uint64_t>(record, layout.domain_top_table));
    if (domain >= 0) records.domains[domain] = record;
  }
  while (std::byte* record = devices.Next()) {
    for (int i = 0; i < m.device_count; ++i) {
      struct pci_dev& pci = m.devices[i]->pci;
      if (Load<std::uint32_t>(record, layout.device_devid) == pci_dev_id(&pci) &&
          dev_is_pci(&pci.dev) &&
          Load<std::uint32_t>(record, layout.device_pci_domain_nr) ==
              static_cast<std::uint32_t>(pci_domain_nr(pci.bus))) {
        records.devices[i] = record;
      }
    }
  }
  // A record may name a table that belongs to no domain. If a device's record says that this record
  // is a domain's, the domain's driver has to look at the record.
  LiveRecords strange(layout, Chain::kDomain);
  while (std::byte* record = strange.Next()) {
    for (int i = 0; i < m.device_count; ++i) {
      const std::uint8_t domain = m.units->attached_before[i];
      if (domain == kNone || records.domains[domain] || !records.devices[i]) continue;
      if (Load<std::uint64_t>(records.devices[i], layout.device_domain_phys) ==
          virt_to_phys(record))
        records.domains[domain] = record;
    }
  }
  return records;
}

// A driver refused a record. Nobody else frees what the driver had allocated for the record.
void RefusedRecord(std::uint32_t objects_before) {
  Find(Finding::kRestoreRefused);
  if (machine().heap_live != objects_before) Find(Finding::kMemoryLeaked);
}

void Probe(int index, std::byte* record, const Binding& binding) {
  Machine& m = machine();
  const CalledFor called(OwnerOfIommu(index));
  const std::uint32_t objects = m.heap_live;
  struct iommu_device* iommu =
      binding.port->probe(TokenOf(index), reinterpret_cast<struct iommu_hw_ser*>(record));
  if (IS_ERR(iommu) || !iommu) return RefusedRecord(objects);
  iommu->index = static_cast<unsigned char>(index);
  iommu->ops = IommuOps(m.units->missing_iommu_ops[index]);
  m.iommus[index] = iommu;
  if (record) m.units->taken_iommus |= static_cast<std::uint8_t>(1u << index);
  for (int d = 0; d < m.device_count; ++d) {
    if (m.devices[d]->data.iommu_dev == &m.units->early_iommus[index])
      m.devices[d]->data.iommu_dev = iommu;
  }
}

// An object without a record of the kernel before cannot come up: a request was denied, or the port
// is wrong.
void Refused() {
  if (g_call->denied) return Find(Finding::kRestoreRefused);
  Warn();
}

bool MapAll(int index, struct pt_iommu& pt, const Binding& binding) {
  for (std::size_t i = 0; i < std::size(kMappings); ++i) {
    const Mapping& mapping = kMappings[i];
    const int prot = IOMMU_READ | (mapping.writable ? IOMMU_WRITE : 0);
    if (binding.port->map(&pt.domain, mapping.iova, TargetOf(index, i), mapping.size, prot) != 0)
      return false;
  }
  return true;
}

void AllocateDomain(int index, std::byte* record, const Binding& binding) {
  Machine& m = machine();
  const CalledFor called(OwnerOfDomain(index));
  const std::uint32_t objects = m.heap_live;
  struct pt_iommu* pt =
      binding.port->domain_alloc(reinterpret_cast<struct iommu_domain_ser*>(record));
  if (IS_ERR(pt) || !pt) return RefusedRecord(objects);
  pt->domain.index = static_cast<unsigned char>(index);
  pt->domain.type = IOMMU_DOMAIN_UNMANAGED;
  pt->domain.is_iommupt = true;
  pt->ops = PtOps(m.units->missing_domain_ops[index]);
  pt->domain.ops = DomainOps(m.units->missing_domain_ops[index]);
  if (!record && !MapAll(index, *pt, binding)) return Refused();
  m.domains[index] = &pt->domain;
  if (!record) return;
  m.units->taken_domains |= static_cast<std::uint8_t>(1u << index);
  m.units->known.top[index] = m.units->known_before.top[index];
}

// False for an object that a driver has refused: the driver is not asked again.
bool HasDriver(int device) {
  const Units& units = *machine().units;
  if (units.refused_devices >> device & 1) return false;
  const struct iommu_device* iommu = machine().devices[device]->data.iommu_dev;
  return iommu < units.early_iommus || iommu >= units.early_iommus + kMaxIommus;
}
bool IsRefused(int domain) {
  return machine().domains[domain] == &machine().units->early_domains[domain].domain;
}

// Attaches in hardware, and learns how the hardware knows the domain.
bool AttachInHardware(int domain, int device, std::byte* record, const Binding& binding) {
  Machine& m = machine();
  Units& units = *m.units;
  const CalledFor called(OwnerOfDevice(device));
  // The device's own DMA may stop: its owner asks for another domain.
  const unsigned others = (PreservedDevices() | AdoptedDevices()) & ~(1u << device);
  const DmaWatch watch(static_cast<std::uint16_t>(others), "attach");
  if (binding.port->attach(m.domains[domain], &m.devices[device]->pci.dev,
                           reinterpret_cast<struct iommu_device_ser*>(record)) != 0) {
    return false;
  }
  units.attached[device] = static_cast<std::uint8_t>(domain);
  LearnDomain(domain, device);
  return true;
}

// The records that the device's record names must be live, and those of its own unit.
int DomainToAdopt(const Records& records, int device, const Layout& layout) {
  const Machine& m = machine();
  const std::byte* record = records.devices[device];
  int iommu = 0;
  while (iommu + 1 < m.iommu_count && m.iommus[iommu] != m.devices[device]->data.iommu_dev) ++iommu;
  const std::byte* hw = records.iommus[iommu];
  if (!hw || Load<std::uint64_t>(record, layout.device_iommu_phys) != virt_to_phys(hw))
    return kNone;
  for (int d = 0; d < m.domain_count; ++d) {
    if (records.domains[d] &&
        Load<std::uint64_t>(record, layout.device_domain_phys) == virt_to_phys(records.domains[d]))
      return d;
  }
  return kNone;
}

void Adopt(const Records& records, int device, const Binding& binding) {
  const int domain = DomainToAdopt(records, device, binding.layout);
  if (domain == kNone || !HasDriver(device) || IsRefused(domain) ||
      !AttachInHardware(domain, device, records.devices[device], binding)) {
    return Find(Finding::kRestoreRefused);
  }
  machine().units->adopted[device] = static_cast<std::uint8_t>(domain);
}

// A page of a table that came over and that no driver took is lost: no later kernel will have the
// page.
void ExpectAllRestored() {
  const Machine& m = machine();
  m.handed_over.ForEachOfPool([&m](int page) {
    if (m.units->pages.allocated_for[page] != 0 && !m.restored.Has(page))
      Find(Finding::kPageNotRestored);
  });
}

// While one of these lives, the driver comes up and its requests are counted.
class ComingUp {
 public:
  ComingUp() {
    g_call->requests = 0;
    g_call->denied = g_call->denied_promise = false;
    g_call->coming_up = true;
  }
  ~ComingUp() {
    g_call->coming_up = false;
    g_call->requests_of[static_cast<std::size_t>(FaultSite::kTakeOver)] = g_call->requests;
  }
  ComingUp(const ComingUp&) = delete;
};

// Before the driver is up.
void ClearDriver() {
  Machine& m = machine();
  Units& units = *m.units;
  units.up = false;
  units.taken_iommus = units.taken_domains = 0;
  units.refused_devices = 0;
  std::memset(units.attached, kNone, sizeof(units.attached));
  std::memset(units.adopted, kNone, sizeof(units.adopted));
  for (int i = 0; i < m.iommu_count; ++i) {
    units.early_iommus[i] = {};
    units.early_iommus[i].index = static_cast<unsigned char>(i);
    units.early_iommus[i].ops = IommuOps(0xf);
    for (int d = 0; d < m.device_count; ++d) {
      if (m.devices[d]->data.iommu_dev == m.iommus[i])
        m.devices[d]->data.iommu_dev = &units.early_iommus[i];
    }
    m.iommus[i] = &units.early_iommus[i];
  }
  for (int i = 0; i < m.domain_count; ++i) {
    units.early_domains[i] = {};
    units.early_domains[i].domain.index = static_cast<unsigned char>(i);
    m.domains[i] = &units.early_domains[i].domain;
  }
  for (int d = 0; d < m.device_count; ++d) m.devices[d]->data.priv = nullptr;
}

}  // namespace

int DomainOfTable(const KnownDomains& known, std::uint64_t table) {
  const int page = PageOfPhysical(table);
  if (page < kFirstPoolPage || table != PhysicalOfPage(page)) return -1;
  for (int d = 0; d < machine().domain_count; ++d) {
    if (known.top[d] == table) return d;
    if (known.top[d] == 0 && machine().units->pages.allocated_for[page] == OwnerOfDomain(d))
      return d;
  }
  return -1;
}

void BuildUnits(const Topology& topology, const Binding& binding) {
  Machine& m = machine();
  if (binding.port->hardware == HOLDFAST_NO_HARDWARE) return;
  Units& units = *(m.units = NewObject<Units>());
  for (int i = 0; i < m.iommu_count; ++i) {
    units.missing_iommu_ops[i] = topology.iommus[static_cast<std::size_t>(i)].missing_ops;
    ResetRegisters(binding.port->hardware, units.registers[i]);
  }
  for (int i = 0; i < m.domain_count; ++i) {
    units.missing_domain_ops[i] = topology.domains[static_cast<std::size_t>(i)].missing_ops;
  }
  for (int d = 0; d < m.device_count && binding.port->small_ids; ++d) {
    struct iommu_fwspec& fwspec = m.devices[d]->fwspec;
    for (unsigned i = 0; i < fwspec.num_ids; ++i) fwspec.ids[i] = static_cast<u32>(2 * d) + i;
  }
  // The firmware of an SMMUv3 maps requester ids to StreamIDs of 15 bits: a first level of the
  // stream table is then one page.
  for (int d = 0; d < m.device_count && binding.port->hardware == HOLDFAST_SMMUV3; ++d) {
    struct iommu_fwspec& fwspec = m.devices[d]->fwspec;
    for (unsigned i = 0; i < fwspec.num_ids; ++i) fwspec.ids[i] &= 0x7fff;
  }
  for (int d = 0; d < m.device_count && binding.port->pci_aliases; ++d) {
    struct iommu_fwspec& fwspec = m.devices[d]->fwspec;
    fwspec.num_ids = dev_is_pci(&m.devices[d]->pci.dev) && d % 2 == 1 ? 2 : 1;
    fwspec.ids[1] = fwspec.ids[0] ^ 3;
  }
  ClearDriver();
}

void BringUp(const Binding& binding) {
  Machine& m = machine();
  if (!m.units || m.units->up) return;
  m.units->up = true;
  const ComingUp coming_up;
  const bool handed_over = IsHandedOver();
  // The units keep working as they do; the environment does not judge that.
  if (handed_over && !IsOurVersion(binding.layout)) return Find(Finding::kRestoreRefused);
  const Records records = FindRecords(binding.layout);
  // Only devices that came over do DMA.
  const DmaWatch watch(handed_over ? 0xffff : 0, "the take-over");
  for (int i = 0; i < m.iommu_count; ++i) Probe(i, records.iommus[i], binding);
  for (int i = 0; i < m.domain_count; ++i) AllocateDomain(i, records.domains[i], binding);
  for (int d = 0; d < m.device_count; ++d) {
    if (!m.devices[d]->pci.dev.iommu || !HasDriver(d)) continue;
    const CalledFor called(OwnerOfDevice(d));
    if (binding.port->probe_device(&m.devices[d]->pci.dev) == 0) continue;
    m.units->refused_devices |= static_cast<std::uint16_t>(1u << d);
    Refused();
  }
  for (int d = 0; d < m.device_count; ++d) {
    if (records.devices[d]) Adopt(records, d, binding);
  }
  if (handed_over) ExpectAllRestored();
}

bool NeedsDriver(Verb verb) {
  switch (verb) {
    case Verb::kPreserveDomain:
    case Verb::kUnpreserveDomain:
    case Verb::kPreserveDevice:
    case Verb::kUnpreserveDevice:
    case Verb::kForEachDev:
    case Verb::kAttach:
    case Verb::kKexec: return true;
    default: return false;
  }
}

void FollowAttachments(const Binding& binding) {
  Machine& m = machine();
  if (!m.units || !m.units->up) return;
  for (int d = 0; d < m.device_count; ++d) {
    DeviceObject& device = *m.devices[d];
    if (device.attached == kNone || device.attached == m.units->attached[d] ||
        device.data.device_ser)
      continue;
    if (!HasDriver(d) || IsRefused(device.attached)) continue;
    if (!AttachInHardware(device.attached, d, nullptr, binding)) Warn();
  }
}

void AttachAll(std::uint16_t devices, const Binding& binding) {
  const Machine& m = machine();
  for (int d = 0; d < m.device_count; ++d) {
    if (!(devices >> d & 1) || !m.devices[d]->pci.dev.iommu || !HasDriver(d)) continue;
    int domain = 0;
    while (domain < m.domain_count && (IsRefused(domain) || m.units->attached[d] == domain))
      ++domain;
    if (domain < m.domain_count) AttachInHardware(domain, d, nullptr, binding);
  }
}

void ShutDownUnits(const Binding& binding) {
  Machine& m = machine();
  const LuoState& luo = m.luo;
  // Otherwise nothing is handed over, and the devices' owners are gone.
  const bool hands_over = luo.frozen_flb && luo.present && luo.serial == luo.frozen_serial;
  const DmaWatch watch(hands_over ? PreservedDevices() : 0, "shutdown");
  for (int i = 0; m.units && i < m.iommu_count; ++i) {
    if (m.iommus[i] == &m.units->early_iommus[i]) continue;  // its driver refused it
    const CalledFor called(OwnerOfIommu(i));
    binding.port->shutdown(m.iommus[i]);
  }
  if (m.units && hands_over) ExpectTrueRecords(binding.layout);
}

void RestartUnits() {
  Machine& m = machine();
  if (!m.units) return;
  Units& units = *m.units;
  units.known_before = units.known;
  std::memcpy(units.attached_before, units.attached, sizeof(units.attached));
  units.known = {};
  std::memset(units.pages.preserved_by, 0, sizeof(units.pages.preserved_by));
  // A page that came over without a record has no owner.
  if (!IsHandedOver()) std::memset(units.pages.allocated_for, 0, sizeof(units.pages.allocated_for));
  ClearDriver();
}

}  // namespace holdfast::kernel
