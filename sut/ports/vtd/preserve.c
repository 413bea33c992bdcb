/* The four ops. docs/spec/driver-contract.md says what they owe. */
#include "sut/ports/vtd/live_update.h"

static void record(struct iommu_hw_ser* ser, unsigned int index, bool preserved) {
  const u64 bit = 1ull << (index % 64);

  if (preserved) {
    ser->intel.context_tables_bitmap[index / 64] |= bit;
  } else {
    ser->intel.context_tables_bitmap[index / 64] &= ~bit;
  }
}

static int preserve(struct iommu_device* iommu_device, struct iommu_hw_ser* ser) {
  struct intel_iommu* iommu = to_intel_iommu(iommu_device);
  const int error = iommu_preserve_pages(iommu->root_entry);

  if (error) return error;
  ser->token = iommu->reg_phys;
  ser->type = IOMMU_INTEL;
  ser->intel.phys_addr = iommu->reg_phys;
  ser->intel.root_table = virt_to_phys(iommu->root_entry);
  return 0;
}

static void unpreserve(struct iommu_device* iommu_device, struct iommu_hw_ser* ser) {
  struct intel_iommu* iommu = to_intel_iommu(iommu_device);
  unsigned int index;

  for (index = VTD_CONTEXT_TABLES; index-- > 0;) {
    if (vtd_is_recorded(ser, index)) iommu_unpreserve_pages(vtd_context_table(iommu, index));
  }
  iommu_unpreserve_pages(iommu->root_entry);
}

static int preserve_context_table(struct intel_iommu* iommu, struct iommu_hw_ser* ser, u32 id,
                                  bool* is_new) {
  const unsigned int index = vtd_context_index(id);
  int error;

  *is_new = !vtd_is_recorded(ser, index);
  if (!*is_new) return 0;
  error = iommu_preserve_pages(vtd_context_table(iommu, index));
  if (error) return error;
  record(ser, index, true);
  return 0;
}

static void unpreserve_context_table(struct intel_iommu* iommu, struct iommu_hw_ser* ser, u32 id) {
  const unsigned int index = vtd_context_index(id);

  record(ser, index, false);
  iommu_unpreserve_pages(vtd_context_table(iommu, index));
}

static int preserve_pasid_table(struct pasid_table* table, struct iommu_device_ser* ser) {
  struct pasid_dir_entry* dir = table->table;
  int error = iommu_preserve_pages(dir);

  if (error) return error;
  error = iommu_preserve_pages(get_pasid_table_from_pde(dir));
  if (error) goto undo_dir;
  ser->intel.pasid_table = virt_to_phys(dir);
  ser->intel.max_pasid = table->max_pasid;
  return 0;

undo_dir:
  iommu_unpreserve_pages(dir);
  return error;
}

/* A record names the device's own id. Its aliases have entries in tables that are preserved too. */
static int preserve_device(struct device* dev, struct iommu_device_ser* ser) {
  struct device_domain_info* info = dev_iommu_priv_get(dev);
  struct intel_iommu* iommu = to_intel_iommu(dev->iommu->iommu_dev);
  struct iommu_hw_ser* hw_ser = iommu->iommu.outgoing_preserved_state;
  const struct iommu_fwspec* fwspec = dev_iommu_fwspec_get(dev);
  bool is_new[ARRAY_SIZE(fwspec->ids)];
  unsigned int tables;
  int error = 0;

  if (!info->domain) return -EINVAL;
  for (tables = 0; tables < fwspec->num_ids && !error; ++tables)
    error = preserve_context_table(iommu, hw_ser, fwspec->ids[tables], &is_new[tables]);
  if (error) --tables;
  if (VTD_IS_SCALABLE && !error) error = preserve_pasid_table(info->pasid_table, ser);
  if (error) goto undo_contexts;
  ser->domain_iommu_ser.attachment_id = domain_id_iommu(info->domain, iommu);
  return 0;

undo_contexts:
  while (tables-- > 0) {
    if (is_new[tables]) unpreserve_context_table(iommu, hw_ser, fwspec->ids[tables]);
  }
  return error;
}

/* The context tables stay: others may use them, and unpreserve releases them. */
static void unpreserve_device(struct device* dev, struct iommu_device_ser* ser) {
  const struct pasid_table* table = intel_pasid_get_table(dev);

  if (!ser->intel.pasid_table) return;
  iommu_unpreserve_pages(get_pasid_table_from_pde(table->table));
  iommu_unpreserve_pages(table->table);
}

const struct iommu_ops vtd_ops = {
    .preserve_device = preserve_device,
    .unpreserve_device = unpreserve_device,
    .preserve = preserve,
    .unpreserve = unpreserve,
};
