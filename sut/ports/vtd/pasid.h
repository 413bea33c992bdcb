/*
 * The PASID directory and PASID tables of a device in scalable mode (sections 9.5 and 9.6). All
 * requests here are without PASID and use RID_PASID 0, so a directory has one table.
 */
#ifndef HOLDFAST_SUT_PORTS_VTD_PASID_H_
#define HOLDFAST_SUT_PORTS_VTD_PASID_H_

#include "sut/ports/vtd/iommu.h"

#define PASID_PDE_SHIFT 6
#define MAX_NR_PASID_BITS 20

/* A directory of one page has 512 entries, each for a table of 64 PASIDs. */
enum { VTD_MAX_PASID = 512 << PASID_PDE_SHIFT };

struct pasid_dir_entry {
  u64 val;
};
struct pasid_entry {
  u64 val[8];
};

struct pasid_table {
  void* table; /* the directory */
  u32 max_pasid;
};

/* NULL: the directory has no such table. */
static inline struct pasid_entry* get_pasid_table_from_pde(const struct pasid_dir_entry* pde) {
  return pde->val & VTD_PRESENT ? (struct pasid_entry*)phys_to_virt(VTD_ADDRESS(pde->val)) : NULL;
}

HOLDFAST_BEGIN_C
struct pasid_table* intel_pasid_get_table(struct device* dev);
/* Makes the table of a device that has none. */
int intel_pasid_alloc_table(struct device* dev);
/* Makes the table that the directory is for. */
int vtd_set_pasid_table(struct device_domain_info* info, void* directory);
void vtd_clear_pasid_entry(struct pasid_table* table);
/* Points RID_PASID at the domain's tables. */
void vtd_write_pasid_entry(struct pasid_table* table, u64 top, u16 did);
HOLDFAST_END_C

#endif /* HOLDFAST_SUT_PORTS_VTD_PASID_H_ */
