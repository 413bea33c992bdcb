/*
 * The next kernel takes over a unit. The registers, the tables and the record must agree, or a live
 * table is about to be lost.
 */
#include "sut/ports/vtd/live_update.h"

static int reserve_ids(struct intel_iommu* iommu, const struct context_entry* table) {
  int i;

  for (i = 0; i < ROOT_ENTRY_NR; i += VTD_IS_SCALABLE ? 2 : 1) {
    const struct context_entry* context = &table[i];
    const struct pasid_entry* pasid = NULL;
    u16 id;

    if (!context_present(context)) continue;
    if (VTD_IS_SCALABLE) pasid = get_pasid_table_from_pde(phys_to_virt(VTD_ADDRESS(context->lo)));
    if (VTD_IS_SCALABLE && !pasid) return -EINVAL;
    id = vtd_id_in(context, pasid);
    if (id < VTD_FIRST_ID || id > VTD_LAST_ID) return -EINVAL;
    /* The devices of a domain have one id: the second of them finds it reserved. */
    ida_alloc_range(&iommu->domain_ida, id, id, GFP_KERNEL);
  }
  return 0;
}

int vtd_restore_unit(struct intel_iommu* iommu, struct iommu_hw_ser* ser) {
  const u64 root = ser->intel.root_table | (VTD_IS_SCALABLE ? DMA_RTADDR_SMT : 0);
  unsigned int index;
  int error;

  if (ser->type != IOMMU_INTEL || ser->intel.phys_addr != iommu->reg_phys) return -EINVAL;
  if (!(readl(iommu->reg + DMAR_GSTS_REG) & DMA_GSTS_TES)) return -EINVAL;
  if (readq(iommu->reg + DMAR_RTADDR_REG) != root) return -EINVAL;
  iommu->root_entry = iommu_restore_page(ser->intel.root_table);
  if (!iommu->root_entry) return -EINVAL;
  for (index = 0; index < VTD_CONTEXT_TABLES; ++index) {
    const struct context_entry* table = vtd_context_table(iommu, index);

    if (vtd_is_recorded(ser, index) != (table != NULL)) return -EINVAL;
    if (!table) continue;
    if (!iommu_restore_page(VTD_ADDRESS(*vtd_root_word(iommu, index)))) return -EINVAL;
    error = reserve_ids(iommu, table);
    if (error) return error;
  }
  return 0;
}
