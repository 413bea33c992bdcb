/*
 * Devices and domains: the STE of each id of a device (section 5.2), and for stage 1 its CD
 * (section 5.4).
 */
#include "sut/ports/smmuv3/smmuv3.h"

enum {
  STE_WORDS = 8,
  CONFIG_STAGE_1 = 5,
  CONFIG_STAGE_2 = 6,
  FORMAT_TWO_LEVEL = 1, /* S1Fmt: second-level tables of 4 KB */
  SUBSTREAM_0 = 2,      /* S1DSS: transactions without a substream have CD 0 to themselves */
  WRITE_BACK = 1,       /* cacheability of table walks */
  INNER_SHAREABLE = 3,
  SIZE_48 = 16, /* T0SZ */
  BITS_48 = 5,  /* IPS, S2PS */
};

#define POINTER_MASK 0xffffffffffffc0ull /* S1ContextPtr [55:6] */
#define TABLE_MASK 0xffffffffffff0ull    /* TTB0, S2TTB [51:4] */

/* --- ASIDs and VMIDs -------------------------------------------------------------------------- */

struct smmuv3_tag* smmuv3_tag_of(struct smmuv3_domain* domain, struct smmuv3_unit* unit) {
  int i;

  for (i = 0; i < SMMUV3_UNITS; ++i) {
    if (domain->tags[i].unit == unit) return &domain->tags[i];
  }
  return NULL;
}

static struct smmuv3_tag* take_tag(struct smmuv3_domain* domain, struct smmuv3_unit* unit, u16 id) {
  struct smmuv3_tag* tag = smmuv3_tag_of(domain, NULL);

  if (!tag) return NULL;
  *tag = (struct smmuv3_tag){.unit = unit, .id = id};
  unit->id_in_use[id] = true;
  return tag;
}

static struct smmuv3_tag* get_tag(struct smmuv3_domain* domain, struct smmuv3_unit* unit) {
  struct smmuv3_tag* tag = smmuv3_tag_of(domain, unit);
  unsigned int id;

  for (id = 1; !tag && id < SMMUV3_IDS; ++id) {
    if (!unit->id_in_use[id]) tag = take_tag(domain, unit, (u16)id);
  }
  if (tag) ++tag->devices;
  return tag;
}

static void put_tag(struct smmuv3_domain* domain, struct smmuv3_unit* unit) {
  struct smmuv3_tag* tag = smmuv3_tag_of(domain, unit);

  if (--tag->devices != 0) return;
  unit->id_in_use[tag->id] = false;
  tag->unit = NULL;
}

/* --- what the hardware reads ------------------------------------------------------------------ */

static u64* cd_of(struct smmuv3_device* master) {
  return SMMUV3_HAS_TWO_LEVEL_CDS ? master->l2_cdtab : master->l1_cdtab;
}

static void write_cd(u64* cd, u64 top, u16 asid) {
  WRITE_ONCE(cd[0], 0);
  cd[1] = top;
  cd[3] = 0xff; /* MAIR: attribute 0 is write-back memory */
  WRITE_ONCE(cd[0], SIZE_48 | WRITE_BACK << 8 | WRITE_BACK << 10 | INNER_SHAREABLE << 12 |
                        1ull << 30 /* EPD1 */ | 1ull << 31 /* V */ | (u64)BITS_48 << 32 |
                        1ull << 41 /* AA64 */ | 1ull << 45 /* R */ | 1ull << 46 /* A */ |
                        1ull << 47 /* ASET */ | (u64)asid << 48);
}

static u64 ste_word0(struct smmuv3_device* master) {
  if (SMMUV3_IS_STAGE_2) return CONFIG_STAGE_2 << 1 | SMMUV3_VALID;
  return virt_to_phys(master->l1_cdtab) | CONFIG_STAGE_1 << 1 | SMMUV3_VALID |
         (SMMUV3_HAS_TWO_LEVEL_CDS ? (u64)SMMUV3_CD_MAX << 59 | FORMAT_TWO_LEVEL << 4 : 0);
}

static void write_ste(u64* ste, struct smmuv3_device* master, u64 top, u16 id) {
  int i;

  for (i = 0; i < STE_WORDS; ++i) WRITE_ONCE(ste[i], 0);
  if (SMMUV3_IS_STAGE_2) {
    ste[2] = id | (u64)SIZE_48 << 32 | 2ull << 38 /* S2SL0: level 0 */ | (u64)WRITE_BACK << 40 |
             (u64)WRITE_BACK << 42 | (u64)INNER_SHAREABLE << 44 | (u64)BITS_48 << 48 |
             1ull << 51 /* S2AA64 */ | 1ull << 58 /* S2R */;
    ste[3] = top;
  } else {
    ste[1] = (SMMUV3_HAS_TWO_LEVEL_CDS ? SUBSTREAM_0 : 0) | WRITE_BACK << 2 | WRITE_BACK << 4 |
             INNER_SHAREABLE << 6;
  }
  WRITE_ONCE(ste[0], ste_word0(master));
}

/* --- attaching -------------------------------------------------------------------------------- */

int smmuv3_probe_device(struct device* dev) {
  struct smmuv3_device* master = kzalloc_obj(*master);

  if (!master) return -ENOMEM;
  dev_iommu_priv_set(dev, master);
  return 0;
}

static int add_cd_tables(struct smmuv3_device* master) {
  if (master->l1_cdtab) return 0;
  master->l1_cdtab = iommu_alloc_pages_sz(GFP_KERNEL, PAGE_SIZE);
  if (!master->l1_cdtab) return -ENOMEM;
  if (!SMMUV3_HAS_TWO_LEVEL_CDS) return 0;
  master->l2_cdtab = iommu_alloc_pages_sz(GFP_KERNEL, PAGE_SIZE);
  if (!master->l2_cdtab) {
    iommu_free_pages(master->l1_cdtab);
    master->l1_cdtab = NULL;
    return -ENOMEM;
  }
  master->l1_cdtab[0] = virt_to_phys(master->l2_cdtab) | SMMUV3_VALID;
  return 0;
}

/* Frees the page of states, once the live table has confirmed that the page is one. */
static int restore_l2_cdtab(struct smmuv3_device* master, const struct iommu_device_ser* ser) {
  u64* states;

  if (ser->arm_smmu_v3.num_l2_cdtables != SMMUV3_L2_CDTABS) return -EINVAL;
  states = iommu_restore_page(ser->arm_smmu_v3.l2_cdtab_lu_states_phys);
  if (!states || master->l1_cdtab[0] != (states[0] | SMMUV3_VALID)) return -EINVAL;
  master->l2_cdtab = iommu_restore_page(states[0]);
  if (!master->l2_cdtab) return -EINVAL;
  iommu_free_pages(states);
  return 0;
}

/* Takes over the CD tables of the kernel before. Then the CD must agree with the records. */
static int restore_cd_tables(struct smmuv3_device* master, const struct iommu_device_ser* ser,
                             u64 top) {
  const u64* cd;
  int error = 0;

  master->l1_cdtab = iommu_restore_page(ser->arm_smmu_v3.l1_cdtab_lu_state);
  if (!master->l1_cdtab) return -EINVAL;
  if (SMMUV3_HAS_TWO_LEVEL_CDS) error = restore_l2_cdtab(master, ser);
  if (error) return error;
  cd = cd_of(master);
  if (!(cd[0] >> 31 & 1) || (cd[1] & TABLE_MASK) != top ||
      cd[0] >> 48 != ser->domain_iommu_ser.attachment_id)
    return -EINVAL;
  return 0;
}

/* The hardware is translating: everything that it uses must agree with the records. */
static int adopt(struct smmuv3_unit* unit, struct smmuv3_domain* domain, struct device* dev,
                 struct iommu_device_ser* ser) {
  struct smmuv3_device* master = dev_iommu_priv_get(dev);
  const u64* ste = smmuv3_ste(unit, dev_iommu_fwspec_get(dev)->ids[0]);
  const u64 id = ser->domain_iommu_ser.attachment_id, top = virt_to_phys(domain->tables[0]);
  struct smmuv3_tag* tag;
  int error = 0;

  if (!ste || id == 0 || id >= SMMUV3_IDS) return -EINVAL;
  if (SMMUV3_IS_STAGE_2) {
    if ((ste[3] & TABLE_MASK) != top || (ste[2] & 0xffff) != id) return -EINVAL;
  } else {
    if ((ste[0] & POINTER_MASK & ~0x30ull) != ser->arm_smmu_v3.l1_cdtab_lu_state) return -EINVAL;
    error = restore_cd_tables(master, ser, top);
  }
  if (error || ste[0] != ste_word0(master)) return -EINVAL;
  tag = smmuv3_tag_of(domain, unit);
  if (!tag) tag = take_tag(domain, unit, (u16)id);
  if (!tag || tag->id != id) return -EINVAL;
  ++tag->devices;
  master->domain = domain;
  return 0;
}

int smmuv3_attach(struct iommu_domain* iommu_domain, struct device* dev,
                  struct iommu_device_ser* ser) {
  struct smmuv3_unit* unit = to_smmuv3_unit(dev->iommu->iommu_dev);
  struct smmuv3_domain* domain = to_smmuv3_domain(iommu_domain);
  struct smmuv3_device* master = dev_iommu_priv_get(dev);
  const struct iommu_fwspec* fwspec = dev_iommu_fwspec_get(dev);
  const u64 top = virt_to_phys(domain->tables[0]);
  struct smmuv3_tag* tag;
  unsigned int i;
  int error;

  if (ser) return adopt(unit, domain, dev, ser);
  for (i = 0; i < fwspec->num_ids; ++i) {
    error = smmuv3_add_l2_strtab(unit, fwspec->ids[i]);
    if (error) return error;
  }
  if (!SMMUV3_IS_STAGE_2 && add_cd_tables(master)) return -ENOMEM;
  tag = get_tag(domain, unit);
  if (!tag) return -ENOSPC;

  if (!SMMUV3_IS_STAGE_2) write_cd(cd_of(master), top, tag->id);
  for (i = 0; i < fwspec->num_ids; ++i)
    write_ste(smmuv3_ste(unit, fwspec->ids[i]), master, top, tag->id);
  if (master->domain) put_tag(master->domain, unit);
  master->domain = domain;
  return 0;
}
