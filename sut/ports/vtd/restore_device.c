/* The next kernel adopts a device: the live entries of its ids must be what the record says. */
#include "sut/ports/vtd/live_update.h"

static u64 page_table_in(const struct context_entry* context, const struct pasid_entry* pasid) {
  if (!VTD_IS_SCALABLE) return VTD_ADDRESS(context->lo);
  return VTD_ADDRESS(pasid->val[VTD_IS_FIRST_STAGE ? 2 : 0]);
}

static int restore_pasid_table(struct device_domain_info* info, u64 phys) {
  struct pasid_dir_entry* dir = iommu_restore_page(phys);
  const struct pasid_entry* table;

  if (!dir || !(dir->val & VTD_PRESENT)) return -EINVAL;
  table = iommu_restore_page(VTD_ADDRESS(dir->val));
  if (!table || !(table->val[0] & VTD_PRESENT)) return -EINVAL;
  return vtd_set_pasid_table(info, dir);
}

struct expected {
  struct device_domain_info* info;
  u64 pasid_table, page_table, id;
};

static int check_context(struct pci_dev* pdev, u16 requester, void* data) {
  const struct expected* expected = data;
  const struct device_domain_info* info = expected->info;
  const struct pasid_entry* pasid = NULL;
  const struct context_entry* context =
      iommu_context_addr(info->iommu, PCI_BUS_NUM(requester), requester & 0xff, 0);

  (void)pdev;
  if (!context || !context_present(context)) return -EINVAL;
  if (VTD_IS_SCALABLE) {
    if (VTD_ADDRESS(context->lo) != expected->pasid_table) return -EINVAL;
    if (!info->pasid_table) return 0; /* the rest is in tables that are not taken over yet */
    pasid = get_pasid_table_from_pde(info->pasid_table->table);
  }
  return vtd_id_in(context, pasid) == expected->id &&
                 page_table_in(context, pasid) == expected->page_table
             ? 0
             : -EINVAL;
}

static int reattach(struct dmar_domain* domain, struct intel_iommu* iommu, u64 id) {
  struct iommu_domain_info* info = domain_lookup_info(domain, iommu);

  if (info) {
    if (info->did != id) return -EINVAL;
    ++info->refcnt;
    return 0;
  }
  info = kzalloc_obj(*info);
  if (!info) return -ENOMEM;
  *info = (struct iommu_domain_info){.iommu = iommu, .refcnt = 1, .did = (u16)id};
  xa_store(&domain->iommu_array, (unsigned long)iommu->seq_id, info, GFP_KERNEL);
  return 0;
}

int vtd_restore_device(struct dmar_domain* domain, struct device* dev,
                       struct iommu_device_ser* ser) {
  struct device_domain_info* info = dev_iommu_priv_get(dev);
  struct expected expected = {.info = info,
                              .pasid_table = VTD_IS_SCALABLE ? ser->intel.pasid_table : 0,
                              .page_table = virt_to_phys(domain->tables[0]),
                              .id = ser->domain_iommu_ser.attachment_id};
  int error;

  if (expected.id < VTD_FIRST_ID || expected.id > VTD_LAST_ID) return -EINVAL;
  error = pci_for_each_dma_alias(to_pci_dev(dev), check_context, &expected);
  if (VTD_IS_SCALABLE && !error) {
    error = restore_pasid_table(info, ser->intel.pasid_table);
    if (!error) error = pci_for_each_dma_alias(to_pci_dev(dev), check_context, &expected);
  }
  if (!error) error = reattach(domain, info->iommu, expected.id);
  if (error) return error;
  info->domain = domain;
  info->domain_attached = true;
  list_add(&info->link, &domain->devices);
  return 0;
}

/* A domain that came over has the same account as any other. */
bool vtd_detach_device(struct device* dev) {
  (void)dev;
  return false;
}
