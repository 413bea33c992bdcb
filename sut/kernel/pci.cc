// linux/pci.h: the requester ids of a device.
#include "linux/pci.h"

#include "linux/iommu.h"

extern "C" int pci_for_each_dma_alias(struct pci_dev* dev,
                                      int (*fn)(struct pci_dev* dev, u16 alias, void* data),
                                      void* data) {
  const struct iommu_fwspec* ids = dev_iommu_fwspec_get(&dev->dev);
  int result = 0;
  for (unsigned i = 0; ids && i < ids->num_ids && result == 0; ++i)
    result = fn(dev, static_cast<u16>(ids->ids[i]), data);
  return result;
}
