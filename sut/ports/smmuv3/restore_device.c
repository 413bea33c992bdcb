/* The next kernel adopts a device: its live STE and CD must be what the record says. */
#include "sut/ports/smmuv3/live_update.h"

/* Frees the page of states, once the live table has confirmed that the page is one. */
static int restore_l2_cdtabs(struct arm_smmu_master* master, const struct iommu_device_ser* ser) {
  struct arm_smmu_ctx_desc_cfg* cd_table = &master->cd_table;
  u64* states;
  u32 index, num = 0;

  if (ser->smmuv3.num_l2_cdtables != smmuv3_num_l2_cdtabs(cd_table)) return -EINVAL;
  states = iommu_restore_page(ser->smmuv3.l2_cdtab_lu_states_phys);
  if (!states) return -EINVAL;
  for (index = 0; index < cd_table->l2.num_l1_ents; ++index) {
    phys_addr_t base;
    dma_addr_t dma;
    const int error =
        arm_smmu_kexec_check_cdtab_l1_desc(le64_to_cpu(cd_table->l2.l1tab[index].l2ptr), &base);

    if (error < 0) return error;
    if (error == 1) continue;
    cd_table->l2.l2ptrs[index] = dma_restore_coherent_allocation(
        master->smmu->dev, sizeof(struct arm_smmu_cdtab_l2), &dma, GFP_KERNEL, states[num++]);
    if (!cd_table->l2.l2ptrs[index] || dma != base) return -EINVAL;
  }
  iommu_free_pages(states);
  return 0;
}

static int restore_2lvl_cdtab(struct arm_smmu_master* master, const struct iommu_device_ser* ser,
                              phys_addr_t base, u32 num) {
  struct arm_smmu_ctx_desc_cfg* cd_table = &master->cd_table;

  cd_table->l2.num_l1_ents = DIV_ROUND_UP(num, CTXDESC_L2_ENTRIES);
  cd_table->l2.l1tab = dma_restore_coherent_allocation(
      master->smmu->dev, cd_table->l2.num_l1_ents * sizeof(struct arm_smmu_cdtab_l1),
      &cd_table->cdtab_dma, GFP_KERNEL, ser->smmuv3.l1_cdtab_lu_state);
  if (!cd_table->l2.l1tab || cd_table->cdtab_dma != base) return -EINVAL;
  cd_table->l2.l2ptrs = kcalloc(cd_table->l2.num_l1_ents, sizeof(*cd_table->l2.l2ptrs), GFP_KERNEL);
  return cd_table->l2.l2ptrs ? restore_l2_cdtabs(master, ser) : -ENOMEM;
}

static int restore_cd_tables(struct arm_smmu_master* master, const struct iommu_device_ser* ser,
                             u64 ste0) {
  struct arm_smmu_ctx_desc_cfg* cd_table = &master->cd_table;
  phys_addr_t base;
  u32 s1fmt, num;
  const int error = arm_smmu_kexec_check_ste_cdtab(master->smmu, ste0, &base, &s1fmt, &num);

  if (error) return error;
  cd_table->s1cdmax = (u8)ilog2(num);
  cd_table->s1fmt = (u8)s1fmt;
  if (s1fmt != STRTAB_STE_0_S1FMT_LINEAR) return restore_2lvl_cdtab(master, ser, base, num);
  cd_table->linear.num_ents = num;
  cd_table->linear.table = dma_restore_coherent_allocation(
      master->smmu->dev, num * sizeof(struct arm_smmu_cd), &cd_table->cdtab_dma, GFP_KERNEL,
      ser->smmuv3.l1_cdtab_lu_state);
  return cd_table->linear.table && cd_table->cdtab_dma == base ? 0 : -EINVAL;
}

static bool is_translating(const struct arm_smmu_ste* ste, u64 config) {
  const u64 ste0 = le64_to_cpu(ste->data[0]);

  return (ste0 & STRTAB_STE_0_V) && FIELD_GET(STRTAB_STE_0_CFG, ste0) == config;
}

/* The id and the tables of the live STE and CD. */
static int find_stage_1(struct arm_smmu_master* master, const struct iommu_device_ser* ser,
                        const struct arm_smmu_ste* ste, u64* ttb, u64* id) {
  const struct arm_smmu_cd* cd;
  int error;

  if (!is_translating(ste, STRTAB_STE_0_CFG_S1_TRANS)) return -EINVAL;
  error = restore_cd_tables(master, ser, le64_to_cpu(ste->data[0]));
  if (error) return error;
  cd = arm_smmu_get_cd_ptr(master, IOMMU_NO_PASID);
  if (!cd || !(le64_to_cpu(cd->data[0]) & CTXDESC_CD_0_V)) return -EINVAL;
  *id = FIELD_GET(CTXDESC_CD_0_ASID, le64_to_cpu(cd->data[0]));
  *ttb = le64_to_cpu(cd->data[1]) & CTXDESC_CD_1_TTB0_MASK;
  return 0;
}

static int find_stage_2(const struct arm_smmu_ste* ste, u64* ttb, u64* id) {
  if (!is_translating(ste, STRTAB_STE_0_CFG_S2_TRANS)) return -EINVAL;
  *id = FIELD_GET(STRTAB_STE_2_S2VMID, le64_to_cpu(ste->data[2]));
  *ttb = le64_to_cpu(ste->data[3]) & STRTAB_STE_3_S2TTB_MASK;
  return 0;
}

/* The id is reserved behind the unit. The domain has no id yet, or has this one. */
static int take_over_id(struct arm_smmu_domain* domain, struct arm_smmu_device* smmu, u64 id) {
  guard(mutex)(&arm_smmu_asid_lock);
  if (domain->smmu && smmuv3_id(domain) != id) return -EINVAL;
  if (domain->stage == ARM_SMMU_DOMAIN_S1) {
    const void* owner = xa_load(&smmu->asid_map, id);

    if (owner && owner != domain) return -EINVAL;
    xa_store(&smmu->asid_map, id, domain, GFP_KERNEL);
    domain->cd.asid = (u16)id;
  } else {
    domain->s2_cfg.vmid = (u16)id;
  }
  if (!domain->smmu) domain->smmu = smmu;
  return 0;
}

int smmuv3_restore_device(struct arm_smmu_master* master, struct arm_smmu_domain* domain,
                          struct iommu_device_ser* ser) {
  const struct arm_smmu_ste* ste = arm_smmu_get_step_for_sid(master->smmu, master->streams[0].id);
  struct pt_iommu_armv8_hw_info info;
  struct arm_smmu_ste expected;
  u64 ttb, id;
  int error = domain->stage == ARM_SMMU_DOMAIN_S1 ? find_stage_1(master, ser, ste, &ttb, &id)
                                                  : find_stage_2(ste, &ttb, &id);

  if (error) return error;
  pt_iommu_armv8_hw_info(&domain->armv8pt, &info);
  if (ttb != info.ttb || id == 0 || id != ser->domain_iommu_ser.attachment_id) return -EINVAL;
  error = take_over_id(domain, master->smmu, id);
  if (error) return error;
  smmuv3_make_ste(&expected, master, domain);
  return memcmp(ste, &expected, sizeof(expected)) == 0 ? 0 : -EINVAL;
}
