/*
 * Drives drivers/iommu/intel/liveupdate.c of a kernel tree where the project's own live update
 * would be called (sut/ports/vtd/iommu.h). `probe` has found out which functions the file defines.
 * Where an older file has no part for the next kernel or for the shutdown, the project's own part
 * stands in, and the probe's line says so.
 */
#include "sut/tree/driver/vtd.h"

#include "sut/ports/vtd/pasid.h"

#include HOLDFAST_DRIVER_DETECTED

/* --- the ops ---------------------------------------------------------------------------------- */

#ifndef HOLDFAST_HAS_INTEL_IOMMU_UNPRESERVE_DEVICE
void intel_iommu_unpreserve_device(struct device* dev, struct iommu_device_ser* ser) {
  (void)dev, (void)ser;
}
#endif

const struct iommu_ops vtd_ops = {
    .preserve_device = intel_iommu_preserve_device,
    .unpreserve_device = intel_iommu_unpreserve_device,
    .preserve = intel_iommu_preserve,
    .unpreserve = intel_iommu_unpreserve,
};

/* --- shutdown --------------------------------------------------------------------------------- */

#ifdef HOLDFAST_HAS_CLEAR_UNPRESERVED_CONTEXT_ENTRIES
void vtd_shutdown_unit(struct intel_iommu* iommu, const struct iommu_hw_ser* ser) {
  (void)ser;
  clear_unpreserved_context_entries(iommu);
}
#else
#include "sut/ports/vtd/shutdown.c"
#endif

/* --- the next kernel -------------------------------------------------------------------------- */

#ifdef HOLDFAST_HAS_INTEL_IOMMU_LIVEUPDATE_RESTORE_ROOT_TABLE
int vtd_restore_unit(struct intel_iommu* iommu, struct iommu_hw_ser* ser) {
  intel_iommu_liveupdate_restore_root_table(iommu, ser);
  return 0;
}
#else
#include "sut/ports/vtd/restore_unit.c"
#endif

#ifdef HOLDFAST_HAS_INTEL_IOMMU_RESTORE_DEVICE

/*
 * The restoring core has done this by the time that a driver is asked: the records are incoming,
 * and the device and its domain know them. A caller takes it back, because the records are the next
 * kernel's for as long as its session is, and no longer.
 */
struct restored {
  struct iommu_device_ser* device;
  struct iommu_domain_ser* domain;
};

static void set_incoming(struct iommu_hdr_ser* header, bool incoming) {
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
static struct restored set_restored(struct device* dev, struct dmar_domain* domain,
                                    struct restored to) {
  const struct restored before = {dev->iommu->device_ser, domain->domain.preserved_state};

  dev->iommu->device_ser = to.device;
  domain->domain.preserved_state = to.domain;
  return before;
}

#ifdef HOLDFAST_HAS_INTEL_PASID_RESTORE_TABLE
static int restore_pasid_table(struct device* dev) {
  void* directory = intel_pasid_restore_table(dev, VTD_MAX_PASID);

  return directory ? vtd_set_pasid_table(dev_iommu_priv_get(dev), directory)
                   : intel_pasid_alloc_table(dev);
}
#else
static int restore_pasid_table(struct device* dev) { return intel_pasid_alloc_table(dev); }
#endif

int vtd_restore_device(struct dmar_domain* domain, struct device* dev,
                       struct iommu_device_ser* ser) {
  struct device_domain_info* info = dev_iommu_priv_get(dev);
  const struct restored records = {ser, phys_to_virt(ser->domain_iommu_ser.domain_phys)};
  const struct restored before = set_restored(dev, domain, records);
  int error = 0;

  set_incoming(&records.device->hdr, true);
  set_incoming(&records.domain->hdr, true);
  if (VTD_IS_SCALABLE) error = restore_pasid_table(dev);
  if (!error) error = intel_iommu_restore_device(&domain->domain, dev);
  set_incoming(&records.device->hdr, false);
  set_incoming(&records.domain->hdr, false);
  set_restored(dev, domain, before);
  info->restored = !error;
  return error;
}

#ifdef HOLDFAST_HAS_INTEL_IOMMU_DETACH_RESTORED_DEVICE
bool vtd_detach_device(struct device* dev) {
  struct device_domain_info* info = dev_iommu_priv_get(dev);
  struct dmar_domain* domain = info->domain;
  struct iommu_domain_ser record = {};
  struct restored before;
  int error;

  if (!info->restored) return false;
  set_incoming(&record.hdr, true);
  before = set_restored(dev, domain, (struct restored){dev->iommu->device_ser, &record});
  error = intel_iommu_detach_restored_device(dev);
  set_restored(dev, domain, before);
  info->restored = false;
  return error == 0;
}
#else
bool vtd_detach_device(struct device* dev) { return (void)dev, false; }
#endif

#else
#include "sut/ports/vtd/restore_device.c"
#endif
