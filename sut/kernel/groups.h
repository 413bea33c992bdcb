// The owners of a group's DMA, as vfio claims and releases them.
#ifndef HOLDFAST_SUT_KERNEL_GROUPS_H_
#define HOLDFAST_SUT_KERNEL_GROUPS_H_

#include <linux/iommu.h>

namespace holdfast::kernel {

int ClaimDmaOwner(struct device& device);
void ReleaseDmaOwner(struct device& device);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_GROUPS_H_
