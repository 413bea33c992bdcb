/* The ids of domains: a domain has an id behind each unit that a device of the domain is behind. */
#include "sut/ports/vtd/iommu.h"

int domain_attach_iommu(struct dmar_domain* domain, struct intel_iommu* iommu) {
  struct iommu_domain_info* info;
  int did;

  guard(mutex)(&iommu->did_lock);
  info = domain_lookup_info(domain, iommu);
  if (info) {
    ++info->refcnt;
    return 0;
  }
  info = kzalloc_obj(*info);
  if (!info) return -ENOMEM;
  did = ida_alloc_range(&iommu->domain_ida, VTD_FIRST_ID, VTD_LAST_ID, GFP_KERNEL);
  if (did < 0) {
    kfree(info);
    return did;
  }
  info->iommu = iommu;
  info->refcnt = 1;
  info->did = (u16)did;
  xa_store(&domain->iommu_array, (unsigned long)iommu->seq_id, info, GFP_KERNEL);
  return 0;
}

void domain_detach_iommu(struct dmar_domain* domain, struct intel_iommu* iommu) {
  struct iommu_domain_info* info;

  guard(mutex)(&iommu->did_lock);
  info = domain_lookup_info(domain, iommu);
  if (--info->refcnt != 0) return;
  ida_free(&iommu->domain_ida, info->did);
  xa_erase(&domain->iommu_array, (unsigned long)iommu->seq_id);
  kfree(info);
}
