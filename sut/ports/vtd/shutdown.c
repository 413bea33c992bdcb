/* Before the next kernel: a unit goes on translating for the preserved devices alone. */
#include "sut/ports/vtd/live_update.h"

static int clear_unless_preserved(struct device* dev, struct iommu_device* iommu, void* arg) {
  (void)iommu, (void)arg;
  if (!dev_iommu_preserved_state(dev)) domain_context_clear(dev_iommu_priv_get(dev));
  return 0;
}

void vtd_shutdown_unit(struct intel_iommu* iommu, const struct iommu_hw_ser* ser) {
  struct iommu_dev_iter iter = {.iommu = &iommu->iommu, .fn = clear_unless_preserved};
  unsigned int index;

  iommu_for_each_dev(&iter);
  for (index = 0; index < VTD_CONTEXT_TABLES; ++index) {
    if (!vtd_is_recorded(ser, index)) WRITE_ONCE(*vtd_root_word(iommu, index), 0);
  }
  iommu->flush.flush_context(iommu, 0, 0, 0, DMA_CCMD_GLOBAL_INVL);
  if (sm_supported(iommu)) qi_flush_pasid_cache(iommu, 0, QI_PC_GLOBAL, 0);
  iommu->flush.flush_iotlb(iommu, 0, 0, 0, DMA_TLB_GLOBAL_FLUSH);
}
