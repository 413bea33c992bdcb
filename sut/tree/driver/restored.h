/*
 * What the restoring core has done by the time that a driver is asked: the records are incoming,
 * and the device and its domain know them. A caller takes it back, because the records are the next
 * kernel's for as long as its session is, and no longer.
 *
 * Included after what probe has found out.
 */
#ifndef HOLDFAST_SUT_TREE_DRIVER_RESTORED_H_
#define HOLDFAST_SUT_TREE_DRIVER_RESTORED_H_

#include <linux/io.h>
#include <linux/iommu.h>
#include <linux/kho/abi/iommu.h>

struct restored {
  struct iommu_device_ser* device;
  struct iommu_domain_ser* domain;
};

static inline void set_incoming(struct iommu_hdr_ser* header, bool incoming) {
#ifdef HOLDFAST_HAS_FLAGS
  if (incoming) {
    header->flags |= IOMMU_SER_FLAG_INCOMING;
  } else {
    header->flags &= ~IOMMU_SER_FLAG_INCOMING;
  }
#else
  header->incoming = incoming;
#endif
}

/* Returns what was there. */
static inline struct restored set_restored(struct device* dev, struct iommu_domain* domain,
                                           struct restored to) {
  const struct restored before = {dev->iommu->device_ser, domain->preserved_state};

  dev->iommu->device_ser = to.device;
  domain->preserved_state = to.domain;
  return before;
}

/* Between the two, the device and its domain have the device's record and the record's domain. */
static inline struct restored begin_restored(struct device* dev, struct iommu_domain* domain,
                                             struct iommu_device_ser* ser) {
  const struct restored records = {ser, phys_to_virt(ser->domain_iommu_ser.domain_phys)};

  set_incoming(&records.device->hdr, true);
  set_incoming(&records.domain->hdr, true);
  return set_restored(dev, domain, records);
}
static inline void end_restored(struct device* dev, struct iommu_domain* domain,
                                struct restored before) {
  const struct restored records = set_restored(dev, domain, before);

  set_incoming(&records.device->hdr, false);
  set_incoming(&records.domain->hdr, false);
}

#endif /* HOLDFAST_SUT_TREE_DRIVER_RESTORED_H_ */
