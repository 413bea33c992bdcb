#include "sut/kernel/adapter/restoring.h"

#include <linux/err.h>

#include <algorithm>
#include <cstdint>

#include "model/outcome.h"
#include "sut/kernel/live_records.h"
#include "sut/kernel/machine/call.h"
#include "sut/kernel/records.h"

namespace holdfast::kernel {
namespace {

// At the end of a call LUO must have back the references that LUO gave.
template <typename Ask>
auto Balanced(Ask ask) {
  const int before = g_call->incoming_references;
  const auto result = ask();
  if (g_call->incoming_references != before) Find(Finding::kIncomingKept);
  return result;
}

// dev_iommu_restored_state, without the code under test.
const std::byte* RestoredRecord(const Binding& binding, const DeviceObject& device) {
  const auto* record = reinterpret_cast<const std::byte*>(device.data.device_ser);
  const SlotRef slot = FindIncomingSlot(binding.layout, Chain::kDevice, record);
  if (slot < 0) return nullptr;
  return Load<std::uint32_t>(record, binding.layout.flags) & binding.layout.incoming_flag ? record
                                                                                          : nullptr;
}

// A caller who breaks C4 can leave a device's record without a live record of its domain. A version
// that follows such a record is not asked to: no document says that it must look.
bool NamesLiveDomain(const Binding& binding, const std::byte* device) {
  const std::uint64_t named = Load<std::uint64_t>(device, binding.layout.device_domain_phys);
  LiveRecords domains(binding.layout, Chain::kDomain);
  while (const std::byte* record = domains.Next()) {
    const int page = PageOf(record);
    if (PhysicalOfPage(page) + static_cast<std::uint64_t>(record - PageAddress(page)) == named)
      return true;
  }
  return false;
}

// Of a version that keeps the token of the DMA owner, the owner is that token. Another version has
// any owner but NULL.
bool IsOwnerOf(const Binding& binding, const std::byte* record, const void* owner) {
  const std::uint32_t token = binding.layout.device_token;
  if (token == Layout::kNoField || binding.profile_is_detected) return owner != nullptr;
  return reinterpret_cast<std::uintptr_t>(owner) == Load<std::uint64_t>(record, token);
}

std::ptrdiff_t RestoredTables() {
  const Outcome& outcome = *g_call->outcome;
  return std::count_if(
      outcome.calls.begin(), outcome.calls.begin() + outcome.call_count,
      [](const DriverCall& call) { return call.op == Op::kPtRestore && call.result == 0; });
}

// What the caller does with a restored domain.
void TakeOver(const Binding& binding, DeviceObject& device, const struct iommu_domain& domain,
              const std::byte* record, const void* owner) {
  g_call->outcome->out = FindIncomingSlot(binding.layout, Chain::kDomain, domain.preserved_state);
  device.attached = domain.index;
  struct iommu_group& group = *device.pci.dev.iommu_group;
  if (IsOwnerOf(binding, record, owner) && group.owner_cnt == 0) group.owner_cnt = 1;
}

}  // namespace

bool HasRestoring(const Binding& binding) {
  return binding.probe_device && binding.restore_domain &&
         binding.port->hardware == HOLDFAST_NO_HARDWARE;
}

int ProbeDevice(const Binding& binding, DeviceObject& device) {
  if (!device.pci.dev.iommu) return -ENODEV;
  const struct iommu_device_ser* record = device.data.device_ser;
  if (record && FindIncomingSlot(binding.layout, Chain::kDevice, record) < 0) return -EBUSY;
  if (!HasRestoring(binding)) return 0;
  return Balanced([&] { return binding.probe_device(&device.pci.dev); });
}

int RestoreDomain(const Binding& binding, DeviceObject& device) {
  if (!device.pci.dev.iommu || !device.pci.dev.iommu_group) return -ENODEV;
  if (!HasRestoring(binding)) return -EOPNOTSUPP;
  const std::byte* record = RestoredRecord(binding, device);
  if (!record) return -ENOENT;
  if (binding.profile_is_detected && !NamesLiveDomain(binding, record)) {
    const int error = PassFault(FaultSite::kFlbGetIncoming);  // as if the version had asked
    return error ? error : -EINVAL;
  }
  void* owner = nullptr;
  const std::uint32_t objects = machine().heap_live;
  const struct iommu_domain* domain = Balanced(
      [&] { return binding.restore_domain(&device.pci.dev, device.data.device_ser, &owner); });
  const bool failed = IS_ERR_OR_NULL(domain);
  const auto made = static_cast<std::uint32_t>(failed ? 0 : RestoredTables());
  if (machine().heap_live != objects + made) Find(Finding::kMemoryLeaked);
  if (failed && owner) Find(Finding::kOutParamOnFailure);
  if (!domain) Find(Finding::kLookupWrong);
  if (failed) return domain ? static_cast<int>(PTR_ERR(domain)) : -EINVAL;
  TakeOver(binding, device, *domain, record, owner);
  return 0;
}

void ReleaseDevice(const Binding& binding, DeviceObject& device) {
  if (device.pci.dev.iommu && HasRestoring(binding) && binding.release_device)
    binding.release_device(&device.pci.dev);
}

}  // namespace holdfast::kernel
