// Domains that the code under test allocates: for devices that the next kernel takes over. The
// allocation and the take-over of the tables are requests that can be denied (PassRequest).
#include <linux/err.h>
#include <linux/generic_pt/iommu.h>
#include <linux/slab.h>

#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/machine.h"
#include "sut/kernel/machine/slab.h"

namespace holdfast::kernel {
namespace {

// The bookkeeping driver keeps nothing of a table but its record.
int Restore(struct pt_iommu*, struct iommu_domain_ser*) { return PassRequest(); }
int RestoreDomain(struct iommu_domain*, struct iommu_domain_ser*) { return PassRequest(); }

constexpr struct pt_iommu_ops kPtOps = {.restore = Restore};
constexpr struct iommu_domain_ops kDomainOps = {.restore = RestoreDomain};

}  // namespace
}  // namespace holdfast::kernel

using namespace holdfast::kernel;

extern "C" struct iommu_domain* iommu_paging_domain_alloc(struct device* dev) {
  if (!dev->iommu) return static_cast<struct iommu_domain*>(ERR_PTR(-ENODEV));
  if (const int error = PassRequest()) return static_cast<struct iommu_domain*>(ERR_PTR(error));
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
