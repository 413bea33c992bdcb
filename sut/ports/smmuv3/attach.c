/* Devices and domains: the STE of each stream of a device (section 5.2). */
#include "sut/ports/smmuv3/arm-smmu-v3.h"

enum {
  SUBSTREAM_0 = 2, /* S1DSS: transactions without a substream have CD 0 to themselves */
  WRITE_BACK = 1,  /* cacheability of table walks */
  INNER_SHAREABLE = 3,
  SIZE_48 = 16, /* S2T0SZ */
  BITS_48 = 5,  /* S2PS */
};

/* --- devices ---------------------------------------------------------------------------------- */

static int compare_streams(struct rb_node* a, const struct rb_node* b) {
  const u32 left = rb_entry(a, struct arm_smmu_stream, node)->id;
  const u32 right = rb_entry(b, const struct arm_smmu_stream, node)->id;

  return left < right ? -1 : left > right;
}

/* A device of which a stream cannot be added stays without a driver; it keeps no stream. */
static int add_streams(struct arm_smmu_master* master, const struct iommu_fwspec* fwspec) {
  struct arm_smmu_device* smmu = master->smmu;
  unsigned int i;
  int error;

  for (i = 0; i < fwspec->num_ids; ++i) {
    error = arm_smmu_init_sid_strtab(smmu, fwspec->ids[i]);
    if (error) return error;
  }
  master->streams = kcalloc(fwspec->num_ids, sizeof(*master->streams), GFP_KERNEL);
  if (!master->streams) return -ENOMEM;
  master->num_streams = fwspec->num_ids;
  guard(mutex)(&smmu->streams_mutex);
  for (i = 0; i < fwspec->num_ids; ++i) {
    master->streams[i].id = fwspec->ids[i];
    master->streams[i].master = master;
    WARN_ON(rb_find_add(&master->streams[i].node, &smmu->streams, compare_streams));
  }
  return 0;
}

int smmuv3_probe_device(struct device* dev) {
  struct arm_smmu_master* master = kzalloc_obj(*master);
  int error;

  if (!master) return -ENOMEM;
  master->smmu = to_smmu_device(dev->iommu->iommu_dev);
  master->dev = dev;
  error = add_streams(master, dev_iommu_fwspec_get(dev));
  if (error) {
    kfree(master);
    return error;
  }
  dev_iommu_priv_set(dev, master);
  return 0;
}

/* --- attaching -------------------------------------------------------------------------------- */

static void make_s1_ste(struct arm_smmu_ste* target, const struct arm_smmu_ctx_desc_cfg* cd_table) {
  target->data[0] =
      cpu_to_le64(STRTAB_STE_0_V | FIELD_PREP(STRTAB_STE_0_CFG, STRTAB_STE_0_CFG_S1_TRANS) |
                  FIELD_PREP(STRTAB_STE_0_S1FMT, cd_table->s1fmt) | cd_table->cdtab_dma |
                  FIELD_PREP(STRTAB_STE_0_S1CDMAX, cd_table->s1cdmax));
  target->data[1] = cpu_to_le64((cd_table->s1cdmax ? SUBSTREAM_0 : 0) | WRITE_BACK << 2 |
                                WRITE_BACK << 4 | INNER_SHAREABLE << 6);
}

static void make_s2_ste(struct arm_smmu_ste* target, struct arm_smmu_domain* domain) {
  struct pt_iommu_armv8_hw_info info;

  pt_iommu_armv8_hw_info(&domain->armv8pt, &info);
  target->data[0] =
      cpu_to_le64(STRTAB_STE_0_V | FIELD_PREP(STRTAB_STE_0_CFG, STRTAB_STE_0_CFG_S2_TRANS));
  target->data[2] =
      cpu_to_le64(domain->s2_cfg.vmid | (u64)SIZE_48 << 32 | 2ull << 38 /* S2SL0: level 0 */ |
                  (u64)WRITE_BACK << 40 | (u64)WRITE_BACK << 42 | (u64)INNER_SHAREABLE << 44 |
                  (u64)BITS_48 << 48 | 1ull << 51 /* S2AA64 */ | 1ull << 58 /* S2R */);
  target->data[3] = cpu_to_le64(info.ttb);
}

void smmuv3_make_ste(struct arm_smmu_ste* target, struct arm_smmu_master* master,
                     struct arm_smmu_domain* domain) {
  memset(target, 0, sizeof(*target));
  if (domain->stage == ARM_SMMU_DOMAIN_S2) {
    make_s2_ste(target, domain);
  } else {
    make_s1_ste(target, &master->cd_table);
  }
}

/* An entry that is as it should be is left alone: an adopted device goes on translating. */
static void install(struct arm_smmu_master* master, struct arm_smmu_domain* domain) {
  struct arm_smmu_ste target;
  unsigned int i;

  if (domain->stage == ARM_SMMU_DOMAIN_S1) smmuv3_write_domain_cd(master, domain);
  smmuv3_make_ste(&target, master, domain);
  for (i = 0; i < master->num_streams; ++i) {
    const u32 sid = master->streams[i].id;

    arm_smmu_write_ste(master, sid, arm_smmu_get_step_for_sid(master->smmu, sid), &target);
  }
}

int smmuv3_attach(struct iommu_domain* iommu_domain, struct device* dev,
                  struct iommu_device_ser* ser) {
  struct arm_smmu_master* master = dev_iommu_priv_get(dev);
  struct arm_smmu_domain* domain = to_smmu_domain(iommu_domain);
  int error =
      ser ? smmuv3_restore_device(master, domain, ser) : smmuv3_take_id(domain, master->smmu);

  if (!error && domain->stage == ARM_SMMU_DOMAIN_S1) error = smmuv3_alloc_cd_tables(master);
  if (error && ser) smmuv3_forget_cd_tables(master);
  if (error) return error;
  install(master, domain);
  if (master->domain) list_del(&master->domain_link);
  list_add(&master->domain_link, &domain->devices);
  master->domain = domain;
  return 0;
}
