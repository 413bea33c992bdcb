// Domains that the code under test allocates, for the devices that the next kernel takes over. The
// allocation is a fault site, and so is the take-over of the tables.
#include <linux/err.h>
#include <linux/generic_pt/iommu.h>
#include <linux/slab.h>

#include "sut/kernel/binding.h"
#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/locks.h"
#include "sut/kernel/machine/machine.h"
#include "sut/kernel/machine/slab.h"
#include "sut/kernel/records.h"

namespace holdfast::kernel {
namespace {

// The domain of the topology whose table the record names, or kNone.
std::uint8_t DomainOf(const struct iommu_domain_ser* record) {
  const std::uint64_t table = Load<std::uint64_t>(reinterpret_cast<const std::byte*>(record),
                                                  kBinding.layout.domain_top_table);
  const int index = PageOfPhysical(table) - DomainTablePage(0);
  return index >= 0 && index < machine().domain_count ? static_cast<std::uint8_t>(index) : kNone;
}

// The bookkeeping driver keeps nothing of a table but its record.
int RestoreDomain(struct iommu_domain* domain, struct iommu_domain_ser* record) {
  if (!HoldsFlbLock()) Find(Finding::kOpWithoutLock);
  const std::uint8_t index = DomainOf(record);
  const int error = PassFault(FaultSite::kPtRestore);
  g_call->outcome->AddCall({Op::kPtRestore, index,
                            FindIncomingSlot(kBinding.layout, Chain::kDomain, record),
                            static_cast<std::int16_t>(error)});
  if (error == 0) domain->index = index;
  return error;
}
int Restore(struct pt_iommu* pt, struct iommu_domain_ser* record) {
  return RestoreDomain(&pt->domain, record);
}

constexpr struct pt_iommu_ops kPtOps = {.restore = Restore};
constexpr struct iommu_domain_ops kDomainOps = {.restore = RestoreDomain};

}  // namespace
}  // namespace holdfast::kernel

using namespace holdfast::kernel;

extern "C" struct iommu_domain* iommu_paging_domain_alloc(struct device* dev) {
  if (!dev->iommu) return static_cast<struct iommu_domain*>(ERR_PTR(-ENODEV));
  if (const int error = PassFault(holdfast::FaultSite::kPagingDomainAlloc))
    return static_cast<struct iommu_domain*>(ERR_PTR(error));
  auto* pt = static_cast<struct pt_iommu*>(AllocateFreeable(sizeof(struct pt_iommu)));
  if (!pt) return static_cast<struct iommu_domain*>(ERR_PTR(-ENOMEM));
  pt->ops = &kPtOps;
  pt->domain.type = IOMMU_DOMAIN_UNMANAGED;
  pt->domain.ops = &kDomainOps;
  pt->domain.is_iommupt = true;
  pt->domain.index = holdfast::kNone;
  return &pt->domain;
}

extern "C" void iommu_domain_free(struct iommu_domain* domain) {
  kfree(container_of(domain, struct pt_iommu, domain));
}

extern "C" struct iommu_domain* iommu_get_domain_for_dev(struct device* dev) {
  const std::uint8_t attached = ObjectOf(dev).attached;
  return attached < machine().domain_count ? machine().domains[attached] : nullptr;
}
