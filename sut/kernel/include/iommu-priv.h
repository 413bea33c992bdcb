// A stand-in for drivers/iommu/iommu-priv.h: what the IOMMU core keeps to itself.
#ifndef HOLDFAST_IOMMU_PRIV_H_
#define HOLDFAST_IOMMU_PRIV_H_

#include <linux/iommu.h>

static inline const struct iommu_ops* dev_iommu_ops(struct device* dev) {
  return dev->iommu->iommu_dev->ops;
}

#endif  // HOLDFAST_IOMMU_PRIV_H_
