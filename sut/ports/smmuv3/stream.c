/*
 * From a StreamID to its STE (sections 3.3.1, 5.1 and 5.2): a page of L1STDs that point at pages of
 * 64 STEs, or such a page alone. A new table has no valid STE: its streams are aborted.
 */
#include "sut/ports/smmuv3/arm-smmu-v3.h"

enum { L1STD_SPAN = STRTAB_SPLIT + 1 /* 2^(Span - 1) STEs */ };

static int init_strtab_2lvl(struct arm_smmu_device* smmu) {
  struct arm_smmu_strtab_cfg* cfg = &smmu->strtab_cfg;

  cfg->l2.num_l1_ents = 1u << (smmu->sid_bits - STRTAB_SPLIT);
  cfg->l2.l1tab =
      dmam_alloc_coherent(smmu->dev, cfg->l2.num_l1_ents * sizeof(struct arm_smmu_strtab_l1),
                          &cfg->l2.l1_dma, GFP_KERNEL);
  if (!cfg->l2.l1tab) return -ENOMEM;
  cfg->l2.l2ptrs =
      devm_kcalloc(smmu->dev, cfg->l2.num_l1_ents, sizeof(*cfg->l2.l2ptrs), GFP_KERNEL);
  return cfg->l2.l2ptrs ? 0 : -ENOMEM;
}

static int init_strtab_linear(struct arm_smmu_device* smmu) {
  struct arm_smmu_strtab_cfg* cfg = &smmu->strtab_cfg;

  cfg->linear.num_ents = 1u << smmu->sid_bits;
  cfg->linear.table =
      dmam_alloc_coherent(smmu->dev, cfg->linear.num_ents * sizeof(struct arm_smmu_ste),
                          &cfg->linear.ste_dma, GFP_KERNEL);
  return cfg->linear.table ? 0 : -ENOMEM;
}

int smmuv3_init_strtab(struct arm_smmu_device* smmu) {
  return smmu->features & ARM_SMMU_FEAT_2_LVL_STRTAB ? init_strtab_2lvl(smmu)
                                                     : init_strtab_linear(smmu);
}

int arm_smmu_init_sid_strtab(struct arm_smmu_device* smmu, u32 sid) {
  struct arm_smmu_strtab_cfg* cfg = &smmu->strtab_cfg;
  const u32 index = arm_smmu_strtab_l1_idx(sid);
  dma_addr_t dma;

  if (sid >> smmu->sid_bits) return -EINVAL;
  if (!(smmu->features & ARM_SMMU_FEAT_2_LVL_STRTAB) || cfg->l2.l2ptrs[index]) return 0;
  cfg->l2.l2ptrs[index] =
      dmam_alloc_coherent(smmu->dev, sizeof(struct arm_smmu_strtab_l2), &dma, GFP_KERNEL);
  if (!cfg->l2.l2ptrs[index]) return -ENOMEM;
  WRITE_ONCE(cfg->l2.l1tab[index].l2ptr, cpu_to_le64(dma | L1STD_SPAN));
  return 0;
}

struct arm_smmu_ste* arm_smmu_get_step_for_sid(struct arm_smmu_device* smmu, u32 sid) {
  const struct arm_smmu_strtab_cfg* cfg = &smmu->strtab_cfg;

  if (!(smmu->features & ARM_SMMU_FEAT_2_LVL_STRTAB)) return &cfg->linear.table[sid];
  return &cfg->l2.l2ptrs[arm_smmu_strtab_l1_idx(sid)]->stes[arm_smmu_strtab_l2_idx(sid)];
}

void arm_smmu_make_abort_ste(struct arm_smmu_ste* target) {
  memset(target, 0, sizeof(*target));
  target->data[0] =
      cpu_to_le64(STRTAB_STE_0_V | FIELD_PREP(STRTAB_STE_0_CFG, STRTAB_STE_0_CFG_ABORT));
}

/* The word that holds V is cleared first and written last. */
void arm_smmu_write_ste(struct arm_smmu_master* master, u32 sid, struct arm_smmu_ste* ste,
                        const struct arm_smmu_ste* target) {
  int i;

  (void)master, (void)sid;
  if (memcmp(ste, target, sizeof(*ste)) == 0) return;
  WRITE_ONCE(ste->data[0], 0);
  for (i = 1; i < STRTAB_STE_DWORDS; ++i) WRITE_ONCE(ste->data[i], target->data[i]);
  WRITE_ONCE(ste->data[0], target->data[0]);
}
