#include "sut/ports/vtd/pasid.h"

enum {
  WIDTH_48 = 2, /* the field AW */
  TYPE_FIRST = 1,
  TYPE_SECOND = 2,
};

struct pasid_table* intel_pasid_get_table(struct device* dev) {
  const struct device_domain_info* info = dev_iommu_priv_get(dev);

  return info ? info->pasid_table : NULL;
}

int vtd_set_pasid_table(struct device_domain_info* info, void* directory) {
  info->pasid_table = kzalloc_obj(*info->pasid_table);
  if (!info->pasid_table) return -ENOMEM;
  info->pasid_table->table = directory;
  info->pasid_table->max_pasid = VTD_MAX_PASID;
  return 0;
}

int intel_pasid_alloc_table(struct device* dev) {
  struct device_domain_info* info = dev_iommu_priv_get(dev);
  struct pasid_dir_entry* directory;
  struct pasid_entry* table;

  if (info->pasid_table) return 0;
  table = iommu_alloc_pages_sz(GFP_KERNEL, PAGE_SIZE);
  if (!table) return -ENOMEM;
  directory = iommu_alloc_pages_sz(GFP_KERNEL, PAGE_SIZE);
  if (!directory || vtd_set_pasid_table(info, directory)) {
    iommu_free_pages(directory);
    iommu_free_pages(table);
    return -ENOMEM;
  }
  directory[0].val = virt_to_phys(table) | VTD_PRESENT;
  return 0;
}

/* The word that holds the present bit goes first. */
void vtd_clear_pasid_entry(struct pasid_table* table) {
  u64* entry = get_pasid_table_from_pde(table->table)->val;
  int i;

  for (i = 0; i < 8; ++i) WRITE_ONCE(entry[i], 0);
}

/* The word that holds the present bit is written last. */
void vtd_write_pasid_entry(struct pasid_table* table, u64 top, u16 did) {
  u64* entry = get_pasid_table_from_pde(table->table)->val;

  vtd_clear_pasid_entry(table);
  entry[1] = did;
  if (VTD_IS_FIRST_STAGE) {
    entry[2] = top;
    WRITE_ONCE(entry[0], TYPE_FIRST << 6 | VTD_PRESENT);
  } else {
    WRITE_ONCE(entry[0], top | TYPE_SECOND << 6 | WIDTH_48 << 2 | VTD_PRESENT);
  }
}
