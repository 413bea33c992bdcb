/*
 * The next kernel takes over a unit. The registers, the tables and the record must agree, or a live
 * table is about to be lost.
 */
#include "sut/ports/smmuv3/live_update.h"

/* The second-level tables that are in use and the tables with a state must be the same. */
static int restore_l2_tables(struct arm_smmu_device* smmu, const u64* states) {
  struct arm_smmu_strtab_cfg* cfg = &smmu->strtab_cfg;
  u32 index;

  for (index = 0; index < cfg->l2.num_l1_ents; ++index) {
    phys_addr_t base;
    dma_addr_t dma;
    const int error = arm_smmu_kexec_check_strtab_l1_desc(
        smmu, le64_to_cpu(cfg->l2.l1tab[index].l2ptr), index, &base);

    if (error < 0) return error;
    if ((error == 1) != (states[index] == 0)) return -EINVAL;
    if (error == 1) continue;
    cfg->l2.l2ptrs[index] = dmam_restore_coherent_allocation(
        smmu->dev, sizeof(struct arm_smmu_strtab_l2), &dma, GFP_KERNEL, states[index]);
    if (!cfg->l2.l2ptrs[index] || dma != base) return -EINVAL;
  }
  return 0;
}

/* The page of states is freed, once the live tables have confirmed that the page is one. */
static int restore_2lvl(struct arm_smmu_device* smmu, const struct iommu_hw_ser* ser, u32 cfg_reg,
                        phys_addr_t base) {
  struct arm_smmu_strtab_cfg* cfg = &smmu->strtab_cfg;
  u64* states;
  int error = arm_smmu_kexec_parse_strtab_2lvl(smmu, cfg_reg, base, &cfg->l2.num_l1_ents);

  if (error) return error;
  cfg->l2.l1tab =
      dmam_restore_coherent_allocation(smmu->dev, smmuv3_first_level_size(smmu), &cfg->l2.l1_dma,
                                       GFP_KERNEL, ser->smmuv3.l1_strtab_lu_state);
  if (!cfg->l2.l1tab || cfg->l2.l1_dma != base) return -EINVAL;
  cfg->l2.l2ptrs =
      devm_kcalloc(smmu->dev, cfg->l2.num_l1_ents, sizeof(*cfg->l2.l2ptrs), GFP_KERNEL);
  if (!cfg->l2.l2ptrs) return -ENOMEM;
  states = iommu_restore_page(ser->smmuv3.l2_strtab_lu_states_phys);
  if (!states) return -EINVAL;
  error = restore_l2_tables(smmu, states);
  if (!error) iommu_free_pages(states);
  return error;
}

static int restore_linear(struct arm_smmu_device* smmu, const struct iommu_hw_ser* ser, u32 cfg_reg,
                          phys_addr_t base) {
  struct arm_smmu_strtab_cfg* cfg = &smmu->strtab_cfg;
  const int error = arm_smmu_kexec_parse_strtab_linear(smmu, cfg_reg, base, &cfg->linear.num_ents);

  if (error) return error;
  cfg->linear.table = dmam_restore_coherent_allocation(smmu->dev, smmuv3_first_level_size(smmu),
                                                       &cfg->linear.ste_dma, GFP_KERNEL,
                                                       ser->smmuv3.l1_strtab_lu_state);
  return cfg->linear.table && cfg->linear.ste_dma == base ? 0 : -EINVAL;
}

int smmuv3_restore_unit(struct arm_smmu_device* smmu, struct iommu_hw_ser* ser) {
  const u32 cfg_reg = readl((char*)smmu->base + ARM_SMMU_STRTAB_BASE_CFG);
  const phys_addr_t base = readq((char*)smmu->base + ARM_SMMU_STRTAB_BASE) & STRTAB_BASE_ADDR_MASK;
  const u64 format = FIELD_GET(STRTAB_BASE_CFG_FMT, cfg_reg);
  int error;

  if (ser->type != IOMMU_ARM_SMMUV3 || ser->smmuv3.phys_addr != smmu->base_phys) return -EINVAL;
  if (!(readl((char*)smmu->base + ARM_SMMU_CR0) & CR0_SMMUEN)) return -EINVAL;
  if (cfg_reg != ser->smmuv3.strtab_base_cfg) return -EINVAL;
  if (format != (SMMUV3_IS_LINEAR ? STRTAB_BASE_CFG_FMT_LINEAR : STRTAB_BASE_CFG_FMT_2LVL))
    return -EINVAL;
  error = SMMUV3_IS_LINEAR ? restore_linear(smmu, ser, cfg_reg, base)
                           : restore_2lvl(smmu, ser, cfg_reg, base);
  return error ? error : arm_smmu_kexec_scan_and_resv_ids(smmu);
}
