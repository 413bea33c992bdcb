// A stand-in: a generic page table is its domain and the three ops that carry it over kexec.
#ifndef HOLDFAST_LINUX_GENERIC_PT_IOMMU_H_
#define HOLDFAST_LINUX_GENERIC_PT_IOMMU_H_

#include <linux/iommu.h>

struct pt_iommu;

struct pt_iommu_ops {
  int (*preserve)(struct pt_iommu* iommu_table, struct iommu_domain_ser* ser);
  void (*unpreserve)(struct pt_iommu* iommu_table, struct iommu_domain_ser* ser);
  // in the next kernel: the table becomes the one that the record names
  int (*restore)(struct pt_iommu* iommu_table, struct iommu_domain_ser* ser);
};

struct pt_iommu {
  struct iommu_domain domain;
  const struct pt_iommu_ops* ops;
};

static inline struct pt_iommu* iommupt_from_domain(struct iommu_domain* domain) {
  if (!domain->is_iommupt) return NULL;
  return container_of(domain, struct pt_iommu, domain);
}

#endif  // HOLDFAST_LINUX_GENERIC_PT_IOMMU_H_
