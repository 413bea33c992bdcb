// A stand-in: what the preservation core needs of the IOMMU core. The members that the kernel has under
// CONFIG_IOMMU_LIVEUPDATE only are always there, so that one environment serves both settings.
#ifndef HOLDFAST_LINUX_IOMMU_H_
#define HOLDFAST_LINUX_IOMMU_H_

#include <linux/bug.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/mutex.h>

struct iommu_device;
struct iommu_device_ser;
struct iommu_domain_ser;
struct iommu_hw_ser;

struct iommu_ops {
  int (*preserve_device)(struct device* dev, struct iommu_device_ser* device_ser);
  void (*unpreserve_device)(struct device* dev, struct iommu_device_ser* device_ser);
  int (*preserve)(struct iommu_device* iommu, struct iommu_hw_ser* iommu_ser);
  void (*unpreserve)(struct iommu_device* iommu, struct iommu_hw_ser* iommu_ser);
};

struct iommu_device {
  const struct iommu_ops* ops;
  struct iommu_hw_ser* outgoing_preserved_state;
};

struct dev_iommu {
  struct iommu_device* iommu_dev;
  struct iommu_device_ser* device_ser;
};

struct iommu_domain {
  unsigned int type;
  bool is_iommupt;
  struct iommu_domain_ser* preserved_state;
};

HOLDFAST_BEGIN_C
// Takes the group's lock: a NULL group is a crash.
bool iommu_group_dma_owner_claimed(struct iommu_group* group);
// Needs no lock: groups never change here.
bool iommu_group_is_singleton(struct iommu_group* group);
HOLDFAST_END_C

typedef int (*iommu_dev_iter_fn)(struct device* dev, struct iommu_device* iommu, void* arg);

struct iommu_dev_iter {
  struct iommu_device* iommu;
  iommu_dev_iter_fn fn;
  void* arg;
};

HOLDFAST_BEGIN_C
void iommu_for_each_dev(struct iommu_dev_iter* iter);  // the implementation's own
HOLDFAST_END_C

#endif  // HOLDFAST_LINUX_IOMMU_H_
