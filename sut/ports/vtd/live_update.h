/*
 * The project's own live update of VT-d: preserve.c, shutdown.c, restore_unit.c and
 * restore_device.c. This is what they need besides the driver: the context tables by index.
 * A context table belongs to a bus, or in scalable mode to half of a bus; a bit of the hw record is
 * the table with that index.
 */
#ifndef HOLDFAST_SUT_PORTS_VTD_LIVE_UPDATE_H_
#define HOLDFAST_SUT_PORTS_VTD_LIVE_UPDATE_H_

#include "sut/ports/vtd/pasid.h"

static inline unsigned int vtd_context_index(u32 id) {
  return 2 * PCI_BUS_NUM(id) + (VTD_IS_SCALABLE && (id & 0xff) >= 0x80);
}
/* The word of the root table that points at the table. */
static inline u64* vtd_root_word(struct intel_iommu* iommu, unsigned int index) {
  struct root_entry* root = &iommu->root_entry[index / 2];

  return index % 2 ? &root->hi : &root->lo;
}
/* NULL: none. */
static inline struct context_entry* vtd_context_table(struct intel_iommu* iommu,
                                                      unsigned int index) {
  const u64 word = *vtd_root_word(iommu, index);

  return word & VTD_PRESENT ? (struct context_entry*)phys_to_virt(VTD_ADDRESS(word)) : NULL;
}
/* The id of the domain; `pasid` is the entry of RID_PASID in scalable mode. */
static inline u16 vtd_id_in(const struct context_entry* context, const struct pasid_entry* pasid) {
  return VTD_IS_SCALABLE ? pasid->val[1] & 0xffff : context->hi >> 8 & 0xffff;
}
static inline bool vtd_is_recorded(const struct iommu_hw_ser* ser, unsigned int index) {
  return ser->intel.context_tables_bitmap[index / 64] >> (index % 64) & 1;
}

#endif /* HOLDFAST_SUT_PORTS_VTD_LIVE_UPDATE_H_ */
