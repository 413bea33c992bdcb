/* The four ops. docs/spec/driver-contract.md says what they owe. */
#include "sut/ports/smmuv3/live_update.h"

/* --- the unit --------------------------------------------------------------------------------- */

static int preserve_first_level(struct arm_smmu_device* smmu, u64* state) {
  const struct arm_smmu_strtab_cfg* cfg = &smmu->strtab_cfg;

  return SMMUV3_IS_LINEAR
             ? dmam_preserve_coherent_allocation(smmu->dev, cfg->linear.table,
                                                 smmuv3_first_level_size(smmu), cfg->linear.ste_dma,
                                                 state)
             : dmam_preserve_coherent_allocation(
                   smmu->dev, cfg->l2.l1tab, smmuv3_first_level_size(smmu), cfg->l2.l1_dma, state);
}

static void unpreserve_first_level(struct arm_smmu_device* smmu, u64 state) {
  dma_unpreserve_coherent_allocation(smmu->dev, state);
}

static int preserve(struct iommu_device* iommu, struct iommu_hw_ser* ser) {
  struct arm_smmu_device* smmu = to_smmu_device(iommu);
  u64 state;
  const int error = preserve_first_level(smmu, &state);

  if (error) return error;
  if (!SMMUV3_IS_LINEAR) {
    u64* states = kho_alloc_preserve(smmu->strtab_cfg.l2.num_l1_ents * sizeof(*states));

    if (IS_ERR(states)) {
      unpreserve_first_level(smmu, state);
      return PTR_ERR(states);
    }
    ser->smmuv3.l2_strtab_lu_states_phys = virt_to_phys(states);
  }
  ser->token = smmu->base_phys;
  ser->type = IOMMU_ARM_SMMUV3;
  ser->smmuv3.phys_addr = smmu->base_phys;
  ser->smmuv3.strtab_base_cfg = readl((char*)smmu->base + ARM_SMMU_STRTAB_BASE_CFG);
  ser->smmuv3.l1_strtab_lu_state = state;
  return 0;
}

static void unpreserve(struct iommu_device* iommu, struct iommu_hw_ser* ser) {
  struct arm_smmu_device* smmu = to_smmu_device(iommu);
  unsigned int index;

  if (!SMMUV3_IS_LINEAR) {
    for (index = smmu->strtab_cfg.l2.num_l1_ents; index-- > 0;) {
      if (smmuv3_l2_states(ser)[index])
        dma_unpreserve_coherent_allocation(smmu->dev, smmuv3_l2_states(ser)[index]);
    }
    kho_unpreserve_free(smmuv3_l2_states(ser));
  }
  unpreserve_first_level(smmu, ser->smmuv3.l1_strtab_lu_state);
}

/* --- the CD tables of a device ---------------------------------------------------------------- */

static int preserve_l2_cdtabs(struct arm_smmu_master* master, u64* states) {
  const struct arm_smmu_ctx_desc_cfg* cd_table = &master->cd_table;
  unsigned int index, num = 0;

  for (index = 0; index < cd_table->l2.num_l1_ents; ++index) {
    const u64 desc = le64_to_cpu(cd_table->l2.l1tab[index].l2ptr);
    int error;

    if (!cd_table->l2.l2ptrs[index]) continue;
    error = dma_preserve_coherent_allocation(master->smmu->dev, cd_table->l2.l2ptrs[index],
                                             sizeof(struct arm_smmu_cdtab_l2),
                                             desc & CTXDESC_L1_DESC_L2PTR_MASK, &states[num]);
    if (error) {
      while (num > 0) dma_unpreserve_coherent_allocation(master->smmu->dev, states[--num]);
      return error;
    }
    ++num;
  }
  return 0;
}

static int preserve_2lvl_cdtab(struct arm_smmu_master* master, struct iommu_device_ser* ser) {
  const struct arm_smmu_ctx_desc_cfg* cd_table = &master->cd_table;
  struct device* dev = master->smmu->dev;
  u64 *states, state;
  int error = dma_preserve_coherent_allocation(
      dev, cd_table->l2.l1tab, cd_table->l2.num_l1_ents * sizeof(struct arm_smmu_cdtab_l1),
      cd_table->cdtab_dma, &state);

  if (error) return error;
  states = kho_alloc_preserve(cd_table->l2.num_l1_ents * sizeof(*states));
  if (IS_ERR(states)) {
    error = PTR_ERR(states);
    goto undo_l1;
  }
  error = preserve_l2_cdtabs(master, states);
  if (error) goto undo_states;
  ser->smmuv3.num_l2_cdtables = smmuv3_num_l2_cdtabs(cd_table);
  ser->smmuv3.l2_cdtab_lu_states_phys = virt_to_phys(states);
  ser->smmuv3.l1_cdtab_lu_state = state;
  return 0;

undo_states:
  kho_unpreserve_free(states);
undo_l1:
  dma_unpreserve_coherent_allocation(dev, state);
  return error;
}

static int preserve_cd_tables(struct arm_smmu_master* master, struct iommu_device_ser* ser) {
  const struct arm_smmu_ctx_desc_cfg* cd_table = &master->cd_table;
  u64 state;
  int error;

  if (cd_table->s1fmt != STRTAB_STE_0_S1FMT_LINEAR) return preserve_2lvl_cdtab(master, ser);
  error = dma_preserve_coherent_allocation(master->smmu->dev, cd_table->linear.table,
                                           cd_table->linear.num_ents * sizeof(struct arm_smmu_cd),
                                           cd_table->cdtab_dma, &state);
  if (!error) ser->smmuv3.l1_cdtab_lu_state = state;
  return error;
}

static void unpreserve_cd_tables(struct device* dev, const struct iommu_device_ser* ser) {
  const u64* states = phys_to_virt(ser->smmuv3.l2_cdtab_lu_states_phys);
  unsigned int num = ser->smmuv3.num_l2_cdtables;

  if (num > 0) {
    while (num > 0) dma_unpreserve_coherent_allocation(dev, states[--num]);
    kho_unpreserve_free((void*)states);
  }
  dma_unpreserve_coherent_allocation(dev, ser->smmuv3.l1_cdtab_lu_state);
}

/* --- the device ------------------------------------------------------------------------------- */

/* `state` is of a second-level stream table that is preserved here; NULL: none was. */
static int preserve_l2_strtab(struct arm_smmu_device* smmu, u32 sid, u64** state) {
  const struct arm_smmu_strtab_cfg* cfg = &smmu->strtab_cfg;
  const u32 index = arm_smmu_strtab_l1_idx(sid);
  u64* place;
  int error;

  *state = NULL;
  if (SMMUV3_IS_LINEAR) return 0;
  place = &smmuv3_l2_states(smmu->iommu.outgoing_preserved_state)[index];
  if (*place) return 0;
  error = dmam_preserve_coherent_allocation(
      smmu->dev, cfg->l2.l2ptrs[index], sizeof(struct arm_smmu_strtab_l2),
      le64_to_cpu(cfg->l2.l1tab[index].l2ptr) & STRTAB_L1_DESC_L2PTR_MASK, place);
  if (!error) *state = place;
  return error;
}

static int preserve_device(struct device* dev, struct iommu_device_ser* ser) {
  struct arm_smmu_master* master = dev_iommu_priv_get(dev);
  struct arm_smmu_device* smmu = master->smmu;
  u64* state;
  int error;

  if (!master->domain) return -EINVAL;
  if (master->num_streams != 1) return -EOPNOTSUPP; /* an alias has no record of its own */
  error = preserve_l2_strtab(smmu, master->streams[0].id, &state);
  if (error) return error;
  if (!SMMUV3_IS_STAGE_2) error = preserve_cd_tables(master, ser);
  if (error) {
    if (state) {
      dma_unpreserve_coherent_allocation(smmu->dev, *state);
      *state = 0;
    }
    return error;
  }
  ser->domain_iommu_ser.attachment_id = smmuv3_id(master->domain);
  return 0;
}

/* The stream table stays: others may use it, and unpreserve releases it. */
static void unpreserve_device(struct device* dev, struct iommu_device_ser* ser) {
  const struct arm_smmu_master* master = dev_iommu_priv_get(dev);

  if (ser->smmuv3.l1_cdtab_lu_state) unpreserve_cd_tables(master->smmu->dev, ser);
}

const struct iommu_ops smmuv3_ops = {
    .preserve_device = preserve_device,
    .unpreserve_device = unpreserve_device,
    .preserve = preserve,
    .unpreserve = unpreserve,
};
