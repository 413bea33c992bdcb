/*
 * Translation tables of stage 1 or stage 2: four levels of 512 descriptors, the 4 KB granule. Level
 * 0 is the top, as Arm counts.
 */
#include "sut/ports/smmuv3/arm-smmu-v3.h"

enum {
  VALID = 1 << 0,
  TABLE_OR_PAGE = 1 << 1,
  STAGE_1_UNPRIVILEGED = 1 << 6, /* AP[1] */
  STAGE_1_READ_ONLY = 1 << 7,    /* AP[2] */
  STAGE_2_MEMORY = 0xf << 2,     /* MemAttr: write-back */
  STAGE_2_READ = 1 << 6,         /* S2AP */
  STAGE_2_WRITE = 1 << 7,
  INNER_SHAREABLE = 3 << 8,
  ACCESS_FLAG = 1 << 10,
  NOT_GLOBAL = 1 << 11,
  LAST = SMMUV3_LEVELS - 1,
};

/* Bits [47:12]: the address in a descriptor. */
#define ADDRESS(descriptor) ((descriptor) & 0xfffffffff000ull)

static unsigned int index_at(u64 iova, int level) {
  return (iova >> (12 + 9 * (LAST - level))) & 511;
}

static u64 leaf(phys_addr_t phys, int prot, int level) {
  u64 descriptor =
      phys | VALID | INNER_SHAREABLE | ACCESS_FLAG | (level == LAST ? TABLE_OR_PAGE : 0);

  if (SMMUV3_IS_STAGE_2) {
    descriptor |= STAGE_2_MEMORY | (prot & IOMMU_READ ? STAGE_2_READ : 0) |
                  (prot & IOMMU_WRITE ? STAGE_2_WRITE : 0);
  } else {
    descriptor |= STAGE_1_UNPRIVILEGED | NOT_GLOBAL | (prot & IOMMU_WRITE ? 0 : STAGE_1_READ_ONLY);
  }
  return descriptor;
}

static bool is_table(u64 descriptor, int level) {
  return level < LAST && (descriptor & (VALID | TABLE_OR_PAGE)) == (VALID | TABLE_OR_PAGE);
}

static u64* add_table(struct pt_iommu_armv8* pt) {
  u64* table = pt->num_tables < SMMUV3_TABLES ? iommu_alloc_pages_sz(GFP_KERNEL, PAGE_SIZE) : NULL;

  if (table) pt->tables[pt->num_tables++] = table;
  return table;
}

int smmuv3_map(struct iommu_domain* domain, u64 iova, phys_addr_t phys, size_t size, int prot) {
  struct pt_iommu_armv8* pt = &to_smmu_domain(domain)->armv8pt;
  const int leaf_level = size == PAGE_SIZE ? LAST : LAST - 1;
  u64* table = pt->tables[0];
  int level;

  for (level = 0; level < leaf_level; ++level) {
    u64* descriptor = &table[index_at(iova, level)];

    if (!(*descriptor & VALID)) {
      u64* below = add_table(pt);

      if (!below) return -ENOMEM;
      *descriptor = virt_to_phys(below) | TABLE_OR_PAGE | VALID;
    }
    if (!is_table(*descriptor, level)) return -EEXIST;
    table = phys_to_virt(ADDRESS(*descriptor));
  }
  if (table[index_at(iova, leaf_level)] & VALID) return -EEXIST;
  table[index_at(iova, leaf_level)] = leaf(phys, prot, leaf_level);
  return 0;
}

/*
 * Takes over the table of the kernel before and all tables below it: each table that is found is
 * looked through in turn.
 */
static int restore_tables(struct pt_iommu_armv8* pt, phys_addr_t top) {
  int levels[SMMUV3_TABLES] = {0};
  unsigned int next;

  pt->tables[0] = iommu_restore_page(top);
  if (!pt->tables[0]) return -EINVAL;
  pt->num_tables = 1;
  for (next = 0; next < pt->num_tables; ++next) {
    const u64* table = pt->tables[next];
    int i;

    for (i = 0; i < 512; ++i) {
      u64* below;

      if (!is_table(table[i], levels[next])) continue;
      below = pt->num_tables < SMMUV3_TABLES ? iommu_restore_page(ADDRESS(table[i])) : NULL;
      if (!below) return -EINVAL;
      levels[pt->num_tables] = levels[next] + 1;
      pt->tables[pt->num_tables++] = below;
    }
  }
  return 0;
}

struct pt_iommu* smmuv3_domain_alloc(struct iommu_domain_ser* ser) {
  struct arm_smmu_domain* domain = kzalloc_obj(*domain);
  int error;

  if (!domain) return ERR_PTR(-ENOMEM);
  domain->stage = SMMUV3_IS_STAGE_2 ? ARM_SMMU_DOMAIN_S2 : ARM_SMMU_DOMAIN_S1;
  INIT_LIST_HEAD(&domain->devices);
  if (!ser) {
    error = add_table(&domain->armv8pt) ? 0 : -ENOMEM;
  } else if (ser->top_level != LAST || ser->vasz != 48 || ser->sign_extend != 0) {
    error = -EINVAL;
  } else {
    error = restore_tables(&domain->armv8pt, ser->top_table_phys);
  }
  if (error) {
    kfree(domain);
    return ERR_PTR(error);
  }
  return &domain->armv8pt.iommu;
}

static int preserve_domain(struct pt_iommu* iommu, struct iommu_domain_ser* ser) {
  struct pt_iommu_armv8* pt = container_of(iommu, struct pt_iommu_armv8, iommu);
  unsigned int i;

  for (i = 0; i < pt->num_tables; ++i) {
    const int error = iommu_preserve_pages(pt->tables[i]);

    if (error) {
      while (i > 0) iommu_unpreserve_pages(pt->tables[--i]);
      return error;
    }
  }
  ser->top_table_phys = virt_to_phys(pt->tables[0]);
  ser->top_level = LAST; /* counted from the last table, as generic page tables do */
  ser->vasz = 48;
  ser->sign_extend = 0; /* the lower half alone */
  return 0;
}

static void unpreserve_domain(struct pt_iommu* iommu, struct iommu_domain_ser* ser) {
  struct pt_iommu_armv8* pt = container_of(iommu, struct pt_iommu_armv8, iommu);
  unsigned int i;

  (void)ser;
  for (i = pt->num_tables; i > 0; --i) iommu_unpreserve_pages(pt->tables[i - 1]);
}

const struct pt_iommu_ops smmuv3_pt_ops = {.preserve = preserve_domain,
                                           .unpreserve = unpreserve_domain};
