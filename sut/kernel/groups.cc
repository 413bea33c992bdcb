#include "sut/kernel/groups.h"

#include <errno.h>

#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/machine.h"

namespace holdfast::kernel {
namespace {

constexpr std::uint8_t kFull = 0xff;

int Claim(struct iommu_group& group, const void* owner, bool may_join) {
  guard(mutex)(&group.mutex);
  if (group.owner_cnt != 0 && (!may_join || group.owner != owner)) return -EPERM;
  if (group.owner_cnt == kFull) return -EBUSY;
  if (group.owner_cnt++ == 0) group.owner = owner;
  return 0;
}

void Release(struct iommu_group& group) {
  guard(mutex)(&group.mutex);
  if (group.owner_cnt == 0) return Warn();
  if (--group.owner_cnt == 0) group.owner = nullptr;
}

}  // namespace

// vfio is one owner: it asks whether there is room for one claim more, and nothing else.
int ClaimDmaOwner(struct device& device) {
  struct iommu_group* group = device.iommu_group;
  if (!group) return -ENODEV;
  guard(mutex)(&group->mutex);
  if (group->owner_cnt == kFull) return -EBUSY;
  ++group->owner_cnt;
  return 0;
}

void ReleaseDmaOwner(struct device& device) {
  if (!device.iommu_group) return Warn();
  Release(*device.iommu_group);
}

}  // namespace holdfast::kernel

using namespace holdfast::kernel;

extern "C" bool iommu_group_dma_owner_claimed(struct iommu_group* group) {
  guard(mutex)(group ? &group->mutex : nullptr);
  return group->owner_cnt != 0;
}

extern "C" bool iommu_group_is_singleton(struct iommu_group* group) { return group->devices == 1; }

extern "C" int iommu_group_claim_dma_owner(struct iommu_group* group, void* owner) {
  if (!owner) return Warn(), -EINVAL;
  return Claim(*group, owner, /*may_join=*/false);
}

extern "C" void iommu_group_release_dma_owner(struct iommu_group* group) { Release(*group); }

extern "C" int iommu_device_claim_dma_owner(struct device* dev, void* owner) {
  if (!owner) return Warn(), -EINVAL;
  if (!dev->iommu_group) return -ENODEV;
  return Claim(*dev->iommu_group, owner, /*may_join=*/true);
}

extern "C" void iommu_device_release_dma_owner(struct device* dev) { Release(*dev->iommu_group); }

extern "C" struct iommu_group* iommu_group_get(struct device* dev) { return dev->iommu_group; }

extern "C" void iommu_group_put(struct iommu_group*) {}

extern "C" int iommu_group_for_each_dev(struct iommu_group* group, void* data,
                                        int (*fn)(struct device* dev, void* data)) {
  for (int i = 0; i < machine().device_count; ++i) {
    struct device* device = &machine().devices[i]->pci.dev;
    if (device->iommu_group != group) continue;
    if (const int stop = fn(device, data)) return stop;
  }
  return 0;
}
