// A stand-in: a device has only the members that the preservation core reads: its bus, its group
// and its IOMMU data.
#ifndef HOLDFAST_LINUX_DEVICE_H_
#define HOLDFAST_LINUX_DEVICE_H_

#include <linux/kernel.h>
#include <linux/slab.h>  // the kernel's brings it too, by a longer way

struct dev_iommu;
struct iommu_group;

struct bus_type {
  const char* name;
};

struct device {
  struct device* parent;
  const struct bus_type* bus;
  struct iommu_group* iommu_group;
  struct dev_iommu* iommu;
};

// The buses with IOMMUs behind them.
extern const struct bus_type platform_bus_type, pci_bus_type, amba_bustype, fsl_mc_bus_type,
    host1x_context_device_bus_type, cdx_bus_type;

HOLDFAST_BEGIN_C
// Calls `fn` for each device of the bus, in order, until a call returns non-zero. Returns the last
// result.
int bus_for_each_dev(const struct bus_type* bus, struct device* start, void* data,
                     int (*fn)(struct device* device, void* data));
HOLDFAST_END_C

// Messages are dropped.
#define dev_err(dev, ...) ((void)(dev))
#define dev_warn(dev, ...) ((void)(dev))
#define dev_info(dev, ...) ((void)(dev))
#define dev_dbg(dev, ...) ((void)(dev))

#endif  // HOLDFAST_LINUX_DEVICE_H_
