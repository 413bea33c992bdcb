// The seed's part of the IOMMU core: the walk over the devices behind one IOMMU.
#include <linux/iommu.h>
#include <linux/kernel.h>

namespace {

const struct bus_type* const iommu_buses[] = {
    &platform_bus_type,
    &pci_bus_type,
    &amba_bustype,
    &fsl_mc_bus_type,
    &host1x_context_device_bus_type,
    &cdx_bus_type,
};

int visit_if_behind(struct device* dev, void* data) {
  const iommu_dev_iter* iter = static_cast<iommu_dev_iter*>(data);
  if (!dev->iommu || dev->iommu->iommu_dev != iter->iommu) return 0;
  return iter->fn(dev, iter->iommu, iter->arg);
}

}  // namespace

// A non-zero result of the callback ends the walk of its bus, and is dropped.
void iommu_for_each_dev(iommu_dev_iter* iter) {
  for (const bus_type* bus : iommu_buses) bus_for_each_dev(bus, nullptr, iter, visit_if_behind);
}
