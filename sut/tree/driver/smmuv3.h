/*
 * What drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-liveupdate.c of a kernel tree defines and the rest
 * of its driver calls. In the kernel, the driver's private header declares this. The header here
 * comes before the file, so a function of another type is an error at its line.
 */
#ifndef HOLDFAST_SUT_TREE_DRIVER_SMMUV3_H_
#define HOLDFAST_SUT_TREE_DRIVER_SMMUV3_H_

struct arm_smmu_device;
struct arm_smmu_domain;
struct arm_smmu_master;
struct device;
struct iommu_device;
struct iommu_device_ser;
struct iommu_hw_ser;

/* In every version. */
int arm_smmu_preserve(struct iommu_device* iommu, struct iommu_hw_ser* ser);
int arm_smmu_preserve_device(struct device* dev, struct iommu_device_ser* ser);
/* In later versions, a patch each. */
void arm_smmu_unpreserve(struct iommu_device* iommu, struct iommu_hw_ser* ser);
void arm_smmu_unpreserve_device(struct device* dev, struct iommu_device_ser* ser);
int arm_smmu_liveupdate_shutdown(struct arm_smmu_device* smmu);
int arm_smmu_liveupdate_restore_strtab(struct arm_smmu_device* smmu);
int arm_smmu_liveupdate_restore_cd_tables(struct arm_smmu_master* master);
int arm_smmu_liveupdate_attach_restored(struct arm_smmu_master* master,
                                        struct arm_smmu_domain* domain);

#endif /* HOLDFAST_SUT_TREE_DRIVER_SMMUV3_H_ */
