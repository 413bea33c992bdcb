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

#include "sut/tree/driver/restored.h"

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
  const struct restored before = begin_restored(dev, &domain->domain, ser);
  int error = 0;

  if (VTD_IS_SCALABLE) error = restore_pasid_table(dev);
  if (!error) error = intel_iommu_restore_device(&domain->domain, dev);
  end_restored(dev, &domain->domain, before);
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
  before = set_restored(dev, &domain->domain, (struct restored){dev->iommu->device_ser, &record});
  error = intel_iommu_detach_restored_device(dev);
  set_restored(dev, &domain->domain, before);
  info->restored = false;
  return error == 0;
}
#else
bool vtd_detach_device(struct device* dev) { return (void)dev, false; }
#endif

#else
#include "sut/ports/vtd/restore_device.c"
#endif
