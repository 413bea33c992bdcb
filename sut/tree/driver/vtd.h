/*
 * What drivers/iommu/intel/liveupdate.c of a kernel tree defines and the rest of its driver calls.
 * In the kernel, the driver's private header declares this. The header here comes before the file,
 * so a function of another type is an error at its line.
 */
#ifndef HOLDFAST_SUT_TREE_DRIVER_VTD_H_
#define HOLDFAST_SUT_TREE_DRIVER_VTD_H_

#include <linux/types.h>

struct device;
struct intel_iommu;
struct iommu_device;
struct iommu_device_ser;
struct iommu_domain;
struct iommu_hw_ser;

/* In every version. */
int intel_iommu_preserve(struct iommu_device* iommu, struct iommu_hw_ser* ser);
void intel_iommu_unpreserve(struct iommu_device* iommu, struct iommu_hw_ser* ser);
int intel_iommu_preserve_device(struct device* dev, struct iommu_device_ser* ser);
/* In later versions, a patch each. */
void intel_iommu_unpreserve_device(struct device* dev, struct iommu_device_ser* ser);
void clear_unpreserved_context_entries(struct intel_iommu* iommu);
void intel_iommu_liveupdate_restore_root_table(struct intel_iommu* iommu, struct iommu_hw_ser* ser);
void* intel_pasid_restore_table(struct device* dev, u64 max_pasid);
int intel_iommu_restore_device(struct iommu_domain* domain, struct device* dev);
int intel_iommu_detach_restored_device(struct device* dev);

/* The core's walk over the records that came over: lookups.cc. */
int iommu_for_each_preserved_device(int (*fn)(struct iommu_device_ser* ser, void* arg), void* arg);

#endif /* HOLDFAST_SUT_TREE_DRIVER_VTD_H_ */
