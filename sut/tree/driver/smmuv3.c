/*
 * Drives drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-liveupdate.c of a kernel tree where the
 * project's own live update would be called (sut/ports/smmuv3/arm-smmu-v3.h). `probe` has found out
 * which functions the file defines. Where an older file has no part for the next kernel or for the
 * shutdown, the project's own part stands in, and the probe's line says so.
 */
#include "sut/tree/driver/smmuv3.h"

#include "sut/ports/smmuv3/arm-smmu-v3.h"

#include HOLDFAST_DRIVER_DETECTED

/* --- the ops ---------------------------------------------------------------------------------- */

#ifndef HOLDFAST_HAS_ARM_SMMU_UNPRESERVE
void arm_smmu_unpreserve(struct iommu_device* iommu, struct iommu_hw_ser* ser) {
  (void)iommu, (void)ser;
}
#endif
#ifndef HOLDFAST_HAS_ARM_SMMU_UNPRESERVE_DEVICE
void arm_smmu_unpreserve_device(struct device* dev, struct iommu_device_ser* ser) {
  (void)dev, (void)ser;
}
#endif

const struct iommu_ops smmuv3_ops = {
    .preserve_device = arm_smmu_preserve_device,
    .unpreserve_device = arm_smmu_unpreserve_device,
    .preserve = arm_smmu_preserve,
    .unpreserve = arm_smmu_unpreserve,
};

/* --- shutdown --------------------------------------------------------------------------------- */

#ifdef HOLDFAST_HAS_ARM_SMMU_LIVEUPDATE_SHUTDOWN
int smmuv3_shutdown_unit(struct arm_smmu_device* smmu, const struct iommu_hw_ser* ser) {
  (void)ser;
  return arm_smmu_liveupdate_shutdown(smmu);
}
#else
#include "sut/ports/smmuv3/shutdown.c"
#endif

/* --- the next kernel -------------------------------------------------------------------------- */

#ifdef HOLDFAST_HAS_ARM_SMMU_LIVEUPDATE_RESTORE_STRTAB
int smmuv3_restore_unit(struct arm_smmu_device* smmu, struct iommu_hw_ser* ser) {
  (void)ser; /* the file looks the record up */
  return arm_smmu_liveupdate_restore_strtab(smmu);
}
#else
#include "sut/ports/smmuv3/restore_unit.c"
#endif

#if defined(HOLDFAST_HAS_ARM_SMMU_LIVEUPDATE_RESTORE_CD_TABLES) && \
    defined(HOLDFAST_HAS_ARM_SMMU_LIVEUPDATE_ATTACH_RESTORED)
#include "sut/tree/driver/restored.h"

/* A domain has an id before its first attach, and the file gives that id back for the live one. */
static int attach_restored(struct arm_smmu_master* master, struct arm_smmu_domain* domain) {
  int error = smmuv3_take_id(domain, master->smmu);

  if (error) return error;
  mutex_lock(&arm_smmu_asid_lock);
  error = arm_smmu_liveupdate_attach_restored(master, domain);
  mutex_unlock(&arm_smmu_asid_lock);
  return error;
}

int smmuv3_restore_device(struct arm_smmu_master* master, struct arm_smmu_domain* domain,
                          struct iommu_device_ser* ser) {
  const struct restored before = begin_restored(master->dev, &domain->domain, ser);
  int error = arm_smmu_liveupdate_restore_cd_tables(master);

  if (!error) error = attach_restored(master, domain);
  end_restored(master->dev, &domain->domain, before);
  return error;
}
#else
#include "sut/ports/smmuv3/restore_device.c"
#endif
