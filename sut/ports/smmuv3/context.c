/*
 * From a SubstreamID to its CD (sections 3.3.2, 5.3 and 5.4): a table of CDs, or a page of L1CDs
 * that point at pages of 64 CDs. Only transactions without a substream have a CD here.
 */
#include "sut/ports/smmuv3/arm-smmu-v3.h"

enum {
  WRITE_BACK = 1, /* cacheability of table walks */
  INNER_SHAREABLE = 3,
  SIZE_48 = 16, /* T0SZ */
  BITS_48 = 5,  /* IPS */
};

static int alloc_l2_table(struct arm_smmu_master* master, unsigned int index) {
  struct arm_smmu_ctx_desc_cfg* cd_table = &master->cd_table;
  dma_addr_t dma;

  if (cd_table->l2.l2ptrs[index]) return 0;
  cd_table->l2.l2ptrs[index] =
      dma_alloc_coherent(master->smmu->dev, sizeof(struct arm_smmu_cdtab_l2), &dma, GFP_KERNEL);
  if (!cd_table->l2.l2ptrs[index]) return -ENOMEM;
  WRITE_ONCE(cd_table->l2.l1tab[index].l2ptr, cpu_to_le64(dma | CTXDESC_L1_DESC_V));
  return 0;
}

static int alloc_2lvl(struct arm_smmu_master* master) {
  struct arm_smmu_ctx_desc_cfg* cd_table = &master->cd_table;
  struct device* dev = master->smmu->dev;
  size_t size;

  cd_table->s1fmt = STRTAB_STE_0_S1FMT_64K_L2;
  cd_table->l2.num_l1_ents = DIV_ROUND_UP(1u << cd_table->s1cdmax, CTXDESC_L2_ENTRIES);
  cd_table->l2.l2ptrs = kcalloc(cd_table->l2.num_l1_ents, sizeof(*cd_table->l2.l2ptrs), GFP_KERNEL);
  if (!cd_table->l2.l2ptrs) return -ENOMEM;
  size = cd_table->l2.num_l1_ents * sizeof(struct arm_smmu_cdtab_l1);
  cd_table->l2.l1tab = dma_alloc_coherent(dev, size, &cd_table->cdtab_dma, GFP_KERNEL);
  if (cd_table->l2.l1tab && !alloc_l2_table(master, 0)) return 0;
  if (cd_table->l2.l1tab) dma_free_coherent(dev, size, cd_table->l2.l1tab, cd_table->cdtab_dma);
  kfree(cd_table->l2.l2ptrs);
  cd_table->l2.l1tab = NULL;
  return -ENOMEM;
}

int smmuv3_alloc_cd_tables(struct arm_smmu_master* master) {
  struct arm_smmu_ctx_desc_cfg* cd_table = &master->cd_table;

  if (arm_smmu_cdtab_allocated(cd_table)) return 0;
  cd_table->s1cdmax = (u8)master->smmu->ssid_bits;
  if (master->smmu->features & ARM_SMMU_FEAT_2_LVL_CDTAB) return alloc_2lvl(master);
  cd_table->s1fmt = STRTAB_STE_0_S1FMT_LINEAR;
  cd_table->linear.num_ents = 1u << cd_table->s1cdmax;
  cd_table->linear.table =
      dma_alloc_coherent(master->smmu->dev, cd_table->linear.num_ents * sizeof(struct arm_smmu_cd),
                         &cd_table->cdtab_dma, GFP_KERNEL);
  return cd_table->linear.table ? 0 : -ENOMEM;
}

void smmuv3_forget_cd_tables(struct arm_smmu_master* master) {
  struct arm_smmu_ctx_desc_cfg* cd_table = &master->cd_table;

  if (cd_table->s1fmt != STRTAB_STE_0_S1FMT_LINEAR) kfree(cd_table->l2.l2ptrs);
  memset(cd_table, 0, sizeof(*cd_table));
}

struct arm_smmu_cd* arm_smmu_get_cd_ptr(struct arm_smmu_master* master, u32 ssid) {
  const struct arm_smmu_ctx_desc_cfg* cd_table = &master->cd_table;
  struct arm_smmu_cdtab_l2* l2;

  if (!arm_smmu_cdtab_allocated(cd_table)) return NULL;
  if (cd_table->s1fmt == STRTAB_STE_0_S1FMT_LINEAR) return &cd_table->linear.table[ssid];
  l2 = cd_table->l2.l2ptrs[ssid / CTXDESC_L2_ENTRIES];
  return l2 ? &l2->cds[ssid % CTXDESC_L2_ENTRIES] : NULL;
}

/* The word that holds V is cleared first and written last. */
static void write_cd(struct arm_smmu_cd* cd, const struct arm_smmu_cd* target) {
  int i;

  if (memcmp(cd, target, sizeof(*cd)) == 0) return;
  WRITE_ONCE(cd->data[0], 0);
  for (i = 1; i < CTXDESC_CD_DWORDS; ++i) WRITE_ONCE(cd->data[i], target->data[i]);
  WRITE_ONCE(cd->data[0], target->data[0]);
}

void smmuv3_write_domain_cd(struct arm_smmu_master* master, struct arm_smmu_domain* domain) {
  struct pt_iommu_armv8_hw_info info;
  struct arm_smmu_cd target = {};

  pt_iommu_armv8_hw_info(&domain->armv8pt, &info);
  target.data[0] = cpu_to_le64(
      SIZE_48 | WRITE_BACK << 8 | WRITE_BACK << 10 | INNER_SHAREABLE << 12 | 1ull << 30 /* EPD1 */ |
      CTXDESC_CD_0_V | (u64)BITS_48 << 32 | 1ull << 41 /* AA64 */ | 1ull << 45 /* R */ |
      1ull << 46 /* A */ | 1ull << 47 /* ASET */ | FIELD_PREP(CTXDESC_CD_0_ASID, domain->cd.asid));
  target.data[1] = cpu_to_le64(info.ttb);
  target.data[3] = cpu_to_le64(0xff); /* MAIR: attribute 0 is write-back memory */
  write_cd(arm_smmu_get_cd_ptr(master, IOMMU_NO_PASID), &target);
}
