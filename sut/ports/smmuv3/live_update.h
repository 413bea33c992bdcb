/*
 * The project's own live update of SMMUv3: preserve.c, shutdown.c, restore_unit.c and
 * restore_device.c. This is what they need besides the driver.
 *
 * The states of second-level stream tables are an array in a page of its own, which KHO gives out
 * and takes back. The array has as many states as the first level has entries; the state of a table
 * that is not preserved is 0. The states of a device's second-level CD tables are such an array
 * too, with a state for each table in use.
 */
#ifndef HOLDFAST_SUT_PORTS_SMMUV3_LIVE_UPDATE_H_
#define HOLDFAST_SUT_PORTS_SMMUV3_LIVE_UPDATE_H_

#include <linux/kexec_handover.h>

#include "sut/ports/smmuv3/arm-smmu-v3.h"

static inline u64* smmuv3_l2_states(const struct iommu_hw_ser* ser) {
  return phys_to_virt(ser->smmuv3.l2_strtab_lu_states_phys);
}
static inline size_t smmuv3_first_level_size(const struct arm_smmu_device* smmu) {
  const struct arm_smmu_strtab_cfg* cfg = &smmu->strtab_cfg;

  return SMMUV3_IS_LINEAR ? cfg->linear.num_ents * sizeof(struct arm_smmu_ste)
                          : cfg->l2.num_l1_ents * sizeof(struct arm_smmu_strtab_l1);
}
static inline u32 smmuv3_num_l2_cdtabs(const struct arm_smmu_ctx_desc_cfg* cd_table) {
  u32 index, num = 0;

  for (index = 0; index < cd_table->l2.num_l1_ents; ++index) {
    if (le64_to_cpu(cd_table->l2.l1tab[index].l2ptr) & CTXDESC_L1_DESC_V) ++num;
  }
  return num;
}

#endif /* HOLDFAST_SUT_PORTS_SMMUV3_LIVE_UPDATE_H_ */
