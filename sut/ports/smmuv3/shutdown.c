/* Before the next kernel: a unit goes on translating for the preserved devices alone. */
#include "sut/ports/smmuv3/live_update.h"

static int abort_unless_preserved(struct device* dev, struct iommu_device* iommu, void* arg) {
  struct arm_smmu_master* master = dev_iommu_priv_get(dev);
  struct arm_smmu_ste abort_ste;
  unsigned int i;

  (void)iommu, (void)arg;
  if (!master || dev_iommu_preserved_state(dev)) return 0;
  arm_smmu_make_abort_ste(&abort_ste);
  for (i = 0; i < master->num_streams; ++i) {
    const u32 sid = master->streams[i].id;

    arm_smmu_write_ste(master, sid, arm_smmu_get_step_for_sid(master->smmu, sid), &abort_ste);
  }
  return 0;
}

int smmuv3_shutdown_unit(struct arm_smmu_device* smmu, const struct iommu_hw_ser* ser) {
  struct iommu_dev_iter iter = {.iommu = &smmu->iommu, .fn = abort_unless_preserved};
  struct arm_smmu_cmd cmds[] = {arm_smmu_make_cmd_cfgi_all(),
                                arm_smmu_make_cmd_op(CMDQ_OP_TLBI_NSNH_ALL)};
  unsigned int index;

  iommu_for_each_dev(&iter);
  for (index = 0; !SMMUV3_IS_LINEAR && index < smmu->strtab_cfg.l2.num_l1_ents; ++index) {
    if (!smmuv3_l2_states(ser)[index]) WRITE_ONCE(smmu->strtab_cfg.l2.l1tab[index].l2ptr, 0);
  }
  arm_smmu_cmdq_issue_cmdlist(smmu, &smmu->cmdq, cmds, ARRAY_SIZE(cmds), true);
  return arm_smmu_write_reg_sync(smmu, CR0_SMMUEN, ARM_SMMU_CR0, ARM_SMMU_CR0ACK);
}
