#include "sut/kernel/adapter/restoring.h"

#include <linux/err.h>
#include <linux/io.h>
#include <linux/pci.h>

#include <array>

#include "model/outcome.h"
#include "sut/kernel/live_records.h"
#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/machine.h"
#include "sut/kernel/machine/rehearsal.h"

namespace holdfast::kernel {
namespace {

// The requests of a restore: the domain, and the take-over of its tables.
constexpr int kRequests = 2;

class Trial {
 public:
  explicit Trial(const Binding& binding) : binding_(binding) {}

  FindingSet Run() {
    for (int i = 0; i < machine().device_count; ++i) Probe(i);
    for (int i = 0; i < machine().device_count; ++i) {
      if (records_[i]) Restore(i);
    }
    if (g_call->incoming_references != references_) Found(Finding::kIncomingKept);
    return found_;
  }

 private:
  void Found(Finding finding) { found_ |= FindingBit(finding); }

  const std::byte* RecordOf(struct pci_dev& pci) const {
    LiveRecords devices(binding_.layout, Chain::kDevice);
    while (const std::byte* record = devices.Next()) {
      if (Load<std::uint32_t>(record, binding_.layout.device_devid) == pci_dev_id(&pci) &&
          Load<std::uint32_t>(record, binding_.layout.device_pci_domain_nr) ==
              static_cast<std::uint32_t>(pci_domain_nr(pci.bus)))
        return record;
    }
    return nullptr;
  }

  // A device without an IOMMU is not probed.
  void Probe(int index) {
    struct pci_dev& pci = machine().devices[index]->pci;
    if (!pci.dev.iommu) return;
    const std::byte* expected = dev_is_pci(&pci.dev) ? RecordOf(pci) : nullptr;
    const int error = binding_.probe_device(&pci.dev);
    const auto* record = reinterpret_cast<const std::byte*>(pci.dev.iommu->device_ser);
    if (error != 0 || record != expected) return Found(Finding::kLookupWrong);
    records_[index] = record;
  }

  struct iommu_domain* Call(int index, void** owner, int denied) {
    g_call->requests = 0;
    g_call->denied_request = static_cast<std::uint16_t>(denied);
    g_call->error = -ENOMEM;
    *owner = nullptr;
    struct pci_dev& pci = machine().devices[index]->pci;
    struct iommu_domain* domain =
        binding_.restore_domain(&pci.dev, pci.dev.iommu->device_ser, owner);
    g_call->denied_request = 0;
    return domain;
  }

  // A caller who breaks the contract can leave a device's record without the record of its domain.
  bool IsLiveDomain(std::uint64_t physical) const {
    LiveRecords domains(binding_.layout, Chain::kDomain);
    while (const std::byte* record = domains.Next()) {
      if (virt_to_phys(record) == physical) return true;
    }
    return false;
  }

  void Restore(int index) {
    const std::uint64_t table =
        Load<std::uint64_t>(records_[index], binding_.layout.device_domain_phys);
    if (!IsLiveDomain(table)) return;
    struct iommu_domain* shared = nullptr;
    for (int other = 0; other < index; ++other) {
      if (records_[other] &&
          Load<std::uint64_t>(records_[other], binding_.layout.device_domain_phys) == table)
        shared = domains_[other];
    }
    void* owner = nullptr;
    for (int denied = 1; !shared && denied <= kRequests; ++denied) {
      const std::uint32_t objects = machine().heap_live;
      const struct iommu_domain* domain = Call(index, &owner, denied);
      if (machine().heap_live != objects) Found(Finding::kMemoryLeaked);
      if (!IS_ERR(domain)) Found(Finding::kDenialIgnored);
      if (owner) Found(Finding::kLookupWrong);
    }
    struct iommu_domain* domain = Call(index, &owner, 0);
    if (IS_ERR_OR_NULL(domain) || !owner || (shared && domain != shared))
      return Found(Finding::kLookupWrong);
    for (int other = 0; !shared && other < index; ++other) {
      if (domains_[other] == domain) Found(Finding::kLookupWrong);
    }
    domains_[index] = domain;
  }

  const Binding& binding_;
  const int references_ = g_call->incoming_references;
  std::array<const std::byte*, kMaxDevices> records_{};
  std::array<struct iommu_domain*, kMaxDevices> domains_{};
  FindingSet found_ = 0;
};

}  // namespace

void TryRestoring(const Binding& binding) {
  if (!binding.probe_device || !binding.restore_domain || machine().units) return;
  if (machine().luo.incoming.status != Incoming::Status::kRetrieved) return;
  // The command's fault is for the retrieve itself.
  const FaultSite site = g_call->site;
  const auto passes = g_call->passes;
  const int references = g_call->incoming_references;
  const std::int16_t error = g_call->error;
  g_call->site = FaultSite::kNone;
  FindingSet found = 0;
  Rehearse([&] { found = Trial(binding).Run(); });
  g_call->site = site;
  g_call->passes = passes;
  g_call->incoming_references = references;
  g_call->error = error;
  g_call->outcome->findings |= found;
}

}  // namespace holdfast::kernel
