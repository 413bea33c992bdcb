/*
 * What a next kernel finds in the registers and tables of a unit that the kernel before left
 * translating. Nothing here takes a table over.
 */
#include "sut/ports/smmuv3/arm-smmu-v3.h"

/* --- formats ---------------------------------------------------------------------------------- */

int arm_smmu_kexec_parse_strtab_2lvl(struct arm_smmu_device* smmu, u32 cfg_reg, phys_addr_t base,
                                     u32* num_l1_ents) {
  const u32 log2size = FIELD_GET(STRTAB_BASE_CFG_LOG2SIZE, cfg_reg);

  if (FIELD_GET(STRTAB_BASE_CFG_SPLIT, cfg_reg) != STRTAB_SPLIT) return -EINVAL;
  if (log2size < STRTAB_SPLIT || log2size > smmu->sid_bits) return -EINVAL;
  if (log2size - STRTAB_SPLIT > ilog2(STRTAB_MAX_L1_ENTRIES)) return -EINVAL;
  *num_l1_ents = 1u << (log2size - STRTAB_SPLIT);
  return IS_ALIGNED(base, *num_l1_ents * sizeof(struct arm_smmu_strtab_l1)) ? 0 : -EINVAL;
}

int arm_smmu_kexec_parse_strtab_linear(struct arm_smmu_device* smmu, u32 cfg_reg, phys_addr_t base,
                                       u32* num_ents) {
  const u32 log2size = FIELD_GET(STRTAB_BASE_CFG_LOG2SIZE, cfg_reg);

  if (log2size > smmu->sid_bits) return -EINVAL;
  *num_ents = 1u << log2size;
  return IS_ALIGNED(base, *num_ents * sizeof(struct arm_smmu_ste)) ? 0 : -EINVAL;
}

int arm_smmu_kexec_check_strtab_l1_desc(struct arm_smmu_device* smmu, u64 l1_desc, u32 idx,
                                        phys_addr_t* l2_base) {
  const u64 span = FIELD_GET(STRTAB_L1_DESC_SPAN, l1_desc);

  (void)smmu, (void)idx;
  if (span == 0) return 1;
  *l2_base = l1_desc & STRTAB_L1_DESC_L2PTR_MASK;
  if (span != STRTAB_SPLIT + 1 || *l2_base == 0) return -EINVAL;
  return IS_ALIGNED(*l2_base, sizeof(struct arm_smmu_strtab_l2)) ? 0 : -EINVAL;
}

int arm_smmu_kexec_check_ste_cdtab(struct arm_smmu_device* smmu, u64 ste0, phys_addr_t* cdtab,
                                   u32* s1fmt, u32* max_contexts) {
  const u64 s1cdmax = FIELD_GET(STRTAB_STE_0_S1CDMAX, ste0);

  *cdtab = ste0 & STRTAB_STE_0_S1CTXPTR_MASK;
  *s1fmt = (u32)FIELD_GET(STRTAB_STE_0_S1FMT, ste0);
  if (*cdtab == 0 || s1cdmax > smmu->ssid_bits) return -EINVAL;
  if (*s1fmt != STRTAB_STE_0_S1FMT_LINEAR &&
      !(*s1fmt == STRTAB_STE_0_S1FMT_64K_L2 && smmu->features & ARM_SMMU_FEAT_2_LVL_CDTAB))
    return -EINVAL;
  *max_contexts = 1u << s1cdmax;
  return 0;
}

int arm_smmu_kexec_check_cdtab_l1_desc(u64 l1_desc, phys_addr_t* l2_base) {
  if (!(l1_desc & CTXDESC_L1_DESC_V)) return 1;
  *l2_base = l1_desc & CTXDESC_L1_DESC_L2PTR_MASK;
  return *l2_base != 0 ? 0 : -EINVAL;
}

/* --- ids -------------------------------------------------------------------------------------- */

/* The devices of a domain have one id: the second of them finds the id reserved. */
static int reserve_asid(struct arm_smmu_device* smmu, u32 asid) {
  if (asid == 0 || asid >> smmu->asid_bits) return -EINVAL;
  guard(mutex)(&arm_smmu_asid_lock);
  return xa_reserve(&smmu->asid_map, asid, GFP_KERNEL);
}

static int reserve_vmid(struct arm_smmu_device* smmu, u32 vmid) {
  if (vmid == 0 || vmid >> smmu->vmid_bits) return -EINVAL;
  ida_alloc_range(&smmu->vmid_map, vmid, vmid, GFP_KERNEL);
  return 0;
}

static int reserve_asids(struct arm_smmu_device* smmu, const struct arm_smmu_cd* cds, u32 num) {
  int error = 0;
  u32 i;

  for (i = 0; i < num && !error; ++i) {
    const u64 cd0 = le64_to_cpu(cds[i].data[0]);

    if (cd0 & CTXDESC_CD_0_V) error = reserve_asid(smmu, (u32)FIELD_GET(CTXDESC_CD_0_ASID, cd0));
  }
  return error;
}

static int reserve_s1_asids(struct arm_smmu_device* smmu, u64 ste0) {
  const struct arm_smmu_cdtab_l1* l1tab;
  phys_addr_t cdtab, l2_base;
  u32 s1fmt, num, i;
  int error = arm_smmu_kexec_check_ste_cdtab(smmu, ste0, &cdtab, &s1fmt, &num);

  if (error) return error;
  if (s1fmt == STRTAB_STE_0_S1FMT_LINEAR) return reserve_asids(smmu, phys_to_virt(cdtab), num);
  l1tab = phys_to_virt(cdtab);
  for (i = 0; i < DIV_ROUND_UP(num, CTXDESC_L2_ENTRIES); ++i) {
    error = arm_smmu_kexec_check_cdtab_l1_desc(le64_to_cpu(l1tab[i].l2ptr), &l2_base);
    if (error == 1) continue;
    if (!error) error = reserve_asids(smmu, phys_to_virt(l2_base), CTXDESC_L2_ENTRIES);
    if (error) return error;
  }
  return 0;
}

static int reserve_of_stream(struct arm_smmu_device* smmu, const struct arm_smmu_ste* ste) {
  const u64 ste0 = le64_to_cpu(ste->data[0]);

  if (!(ste0 & STRTAB_STE_0_V)) return 0;
  switch (FIELD_GET(STRTAB_STE_0_CFG, ste0)) {
    case STRTAB_STE_0_CFG_S1_TRANS: return reserve_s1_asids(smmu, ste0);
    case STRTAB_STE_0_CFG_S2_TRANS:
    case STRTAB_STE_0_CFG_NESTED:
      return reserve_vmid(smmu, (u32)FIELD_GET(STRTAB_STE_2_S2VMID, le64_to_cpu(ste->data[2])));
    default: return 0;
  }
}

static int reserve_of_streams(struct arm_smmu_device* smmu, const struct arm_smmu_ste* stes,
                              u32 num) {
  int error = 0;
  u32 i;

  for (i = 0; i < num && !error; ++i) error = reserve_of_stream(smmu, &stes[i]);
  return error;
}

int arm_smmu_kexec_scan_and_resv_ids(struct arm_smmu_device* smmu) {
  const struct arm_smmu_strtab_cfg* cfg = &smmu->strtab_cfg;
  int error = 0;
  u32 i;

  if (!(smmu->features & ARM_SMMU_FEAT_2_LVL_STRTAB))
    return reserve_of_streams(smmu, cfg->linear.table, cfg->linear.num_ents);
  for (i = 0; i < cfg->l2.num_l1_ents && !error; ++i) {
    if (cfg->l2.l2ptrs[i])
      error = reserve_of_streams(smmu, cfg->l2.l2ptrs[i]->stes, STRTAB_NUM_L2_STES);
  }
  return error;
}

void arm_smmu_kexec_unresv_ids(struct arm_smmu_device* smmu) {
  guard(mutex)(&arm_smmu_asid_lock);
  xa_destroy(&smmu->asid_map);
  ida_destroy(&smmu->vmid_map);
}
