/*
 * Page tables: four levels of 512 entries, in the format of the second stage (section 9.8) or of
 * the first (section 9.7).
 */
#include "sut/ports/vtd/iommu.h"

enum {
  SECOND_READ = 1 << 0,
  SECOND_WRITE = 1 << 1,
  FIRST_PRESENT = 1 << 0,
  FIRST_WRITE = 1 << 1,
  FIRST_USER = 1 << 2,
  FIRST_ACCESSED = 1 << 5,
  FIRST_DIRTY = 1 << 6,
  LARGE = 1 << 7,
};

static unsigned int index_at(u64 iova, int level) { return (iova >> (12 + 9 * level)) & 511; }

static u64 table_entry(const u64* table) {
  const u64 flags = VTD_IS_FIRST_STAGE ? FIRST_PRESENT | FIRST_WRITE | FIRST_USER | FIRST_ACCESSED
                                       : SECOND_READ | SECOND_WRITE;

  return virt_to_phys(table) | flags;
}

static u64 leaf_entry(phys_addr_t phys, int prot, int level) {
  u64 entry = phys | (level > 0 ? LARGE : 0);

  if (VTD_IS_FIRST_STAGE) {
    entry |= FIRST_PRESENT | FIRST_USER | FIRST_ACCESSED | FIRST_DIRTY |
             (prot & IOMMU_WRITE ? FIRST_WRITE : 0);
  } else {
    entry |= (prot & IOMMU_READ ? SECOND_READ : 0) | (prot & IOMMU_WRITE ? SECOND_WRITE : 0);
  }
  return entry;
}

static bool is_present(u64 entry) {
  return entry & (VTD_IS_FIRST_STAGE ? FIRST_PRESENT : SECOND_READ | SECOND_WRITE);
}
static bool is_table(u64 entry, int level) {
  return level > 0 && is_present(entry) && !(entry & LARGE);
}

static u64* add_table(struct dmar_domain* domain) {
  u64* table = domain->num_tables < VTD_TABLES ? iommu_alloc_pages_sz(GFP_KERNEL, PAGE_SIZE) : NULL;

  if (table) domain->tables[domain->num_tables++] = table;
  return table;
}

int vtd_map(struct iommu_domain* iommu_domain, u64 iova, phys_addr_t phys, size_t size, int prot) {
  struct dmar_domain* domain = to_dmar_domain(iommu_domain);
  const int leaf_level = size == PAGE_SIZE ? 0 : 1;
  u64* table = domain->tables[0];
  int level;

  for (level = VTD_LEVELS - 1; level > leaf_level; --level) {
    u64* entry = &table[index_at(iova, level)];

    if (!is_present(*entry)) {
      u64* below = add_table(domain);

      if (!below) return -ENOMEM;
      *entry = table_entry(below);
    }
    if (!is_table(*entry, level)) return -EEXIST;
    table = phys_to_virt(VTD_ADDRESS(*entry));
  }
  if (is_present(table[index_at(iova, leaf_level)])) return -EEXIST;
  table[index_at(iova, leaf_level)] = leaf_entry(phys, prot, leaf_level);
  return 0;
}

/* Takes over a table of the kernel before and all tables below it. */
static int restore_tables(struct dmar_domain* domain, phys_addr_t phys, int level) {
  u64* table = domain->num_tables < VTD_TABLES ? iommu_restore_page(phys) : NULL;
  int i, error;

  if (!table) return -EINVAL;
  domain->tables[domain->num_tables++] = table;
  for (i = 0; i < 512; ++i) {
    if (!is_table(table[i], level)) continue;
    error = restore_tables(domain, VTD_ADDRESS(table[i]), level - 1);
    if (error) return error;
  }
  return 0;
}

struct pt_iommu* vtd_domain_alloc(struct iommu_domain_ser* ser) {
  struct dmar_domain* domain = kzalloc_obj(*domain);
  int error;

  if (!domain) return ERR_PTR(-ENOMEM);
  INIT_LIST_HEAD(&domain->devices);
  if (!ser) {
    error = add_table(domain) ? 0 : -ENOMEM;
  } else if (ser->top_level != VTD_LEVELS - 1 || ser->vasz != 48 ||
             ser->sign_extend != VTD_IS_FIRST_STAGE) {
    error = -EINVAL;
  } else {
    error = restore_tables(domain, ser->top_table_phys, VTD_LEVELS - 1);
  }
  if (error) {
    kfree(domain);
    return ERR_PTR(error);
  }
  return &domain->iommu;
}

static int preserve_domain(struct pt_iommu* pt, struct iommu_domain_ser* ser) {
  struct dmar_domain* domain = container_of(pt, struct dmar_domain, iommu);
  unsigned int i;

  for (i = 0; i < domain->num_tables; ++i) {
    const int error = iommu_preserve_pages(domain->tables[i]);

    if (error) {
      while (i > 0) iommu_unpreserve_pages(domain->tables[--i]);
      return error;
    }
  }
  ser->top_table_phys = virt_to_phys(domain->tables[0]);
  ser->top_level = VTD_LEVELS - 1;
  ser->vasz = 48;
  ser->sign_extend = VTD_IS_FIRST_STAGE;
  return 0;
}

static void unpreserve_domain(struct pt_iommu* pt, struct iommu_domain_ser* ser) {
  struct dmar_domain* domain = container_of(pt, struct dmar_domain, iommu);
  unsigned int i;

  (void)ser;
  for (i = domain->num_tables; i > 0; --i) iommu_unpreserve_pages(domain->tables[i - 1]);
}

const struct pt_iommu_ops vtd_pt_ops = {.preserve = preserve_domain,
                                        .unpreserve = unpreserve_domain};
