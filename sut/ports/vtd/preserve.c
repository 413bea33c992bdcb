/* The four ops. docs/spec/driver-contract.md says what they owe. */
#include "sut/ports/vtd/vtd.h"

static void record(struct iommu_hw_ser* ser, unsigned int index, bool preserved) {
  const u64 bit = 1ull << (index % 64);

  if (preserved) {
    ser->intel.context_tables_bitmap[index / 64] |= bit;
  } else {
    ser->intel.context_tables_bitmap[index / 64] &= ~bit;
  }
}

static int preserve(struct iommu_device* iommu, struct iommu_hw_ser* ser) {
  struct vtd_unit* unit = to_vtd_unit(iommu);
  const int error = iommu_preserve_pages(unit->root);

  if (error) return error;
  ser->token = unit->reg_phys;
  ser->type = IOMMU_INTEL;
  ser->intel.phys_addr = unit->reg_phys;
  ser->intel.root_table = virt_to_phys(unit->root);
  return 0;
}

static void unpreserve(struct iommu_device* iommu, struct iommu_hw_ser* ser) {
  struct vtd_unit* unit = to_vtd_unit(iommu);
  unsigned int index;

  for (index = VTD_CONTEXT_TABLES; index-- > 0;) {
    if (vtd_is_recorded(ser, index)) iommu_unpreserve_pages(vtd_context_table(unit, index));
  }
  iommu_unpreserve_pages(unit->root);
}

static int preserve_device(struct device* dev, struct iommu_device_ser* ser) {
  struct vtd_unit* unit = to_vtd_unit(dev->iommu->iommu_dev);
  struct iommu_hw_ser* hw_ser = unit->iommu.outgoing_preserved_state;
  struct vtd_device* info = dev_iommu_priv_get(dev);
  const struct iommu_fwspec* fwspec = dev_iommu_fwspec_get(dev);
  unsigned int index;
  bool is_new;
  int error = 0;

  if (!info->domain) return -EINVAL;
  if (fwspec->num_ids != 1) return -EOPNOTSUPP; /* an alias has no record of its own */
  index = vtd_context_index(fwspec->ids[0]);
  is_new = !vtd_is_recorded(hw_ser, index);
  if (is_new) {
    error = iommu_preserve_pages(vtd_context_table(unit, index));
    if (error) return error;
    record(hw_ser, index, true);
  }
  if (VTD_IS_SCALABLE) {
    error = iommu_preserve_pages(info->pasid_dir);
    if (error) goto undo_context;
    error = iommu_preserve_pages(info->pasid_table);
    if (error) goto undo_dir;
    ser->intel.pasid_table = virt_to_phys(info->pasid_dir);
    ser->intel.max_pasid = 64;
  }
  ser->domain_iommu_ser.attachment_id = vtd_attachment_of(info->domain, unit)->id;
  return 0;

undo_dir:
  iommu_unpreserve_pages(info->pasid_dir);
undo_context:
  if (is_new) {
    record(hw_ser, index, false);
    iommu_unpreserve_pages(vtd_context_table(unit, index));
  }
  return error;
}

/* The context table stays: others may use it, and unpreserve releases it. */
static void unpreserve_device(struct device* dev, struct iommu_device_ser* ser) {
  struct vtd_device* info = dev_iommu_priv_get(dev);

  if (!ser->intel.pasid_table) return;
  iommu_unpreserve_pages(info->pasid_table);
  iommu_unpreserve_pages(info->pasid_dir);
}

const struct iommu_ops vtd_ops = {
    .preserve_device = preserve_device,
    .unpreserve_device = unpreserve_device,
    .preserve = preserve,
    .unpreserve = unpreserve,
};
