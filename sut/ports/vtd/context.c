/*
 * From the source-id of a request to its page tables: root table, context table, and in scalable
 * mode the device's PASID directory and PASID table (sections 9.1 to 9.6).
 */
#include "sut/ports/vtd/iommu.h"
#include "sut/ports/vtd/pasid.h"

enum { WIDTH_48 = 2 /* the field AW */ };

/* --- context tables --------------------------------------------------------------------------- */

struct context_entry* iommu_context_addr(struct intel_iommu* iommu, u8 bus, u8 devfn, int alloc) {
  struct root_entry* root = &iommu->root_entry[bus];
  u64* half = VTD_IS_SCALABLE && devfn >= 0x80 ? &root->hi : &root->lo;
  struct context_entry* table;

  if (!(*half & VTD_PRESENT)) {
    table = alloc ? iommu_alloc_pages_sz(GFP_ATOMIC, PAGE_SIZE) : NULL;
    if (!table) return NULL;
    WRITE_ONCE(*half, virt_to_phys(table) | VTD_PRESENT);
  }
  table = phys_to_virt(VTD_ADDRESS(*half));
  return &table[VTD_IS_SCALABLE ? 2 * (devfn & 0x7f) : devfn];
}

/*
 * Calls `fn` for each requester id of the device. A device without PCI's aliases is known to the
 * unit by one id.
 */
static int for_each_id(struct device_domain_info* info,
                       int (*fn)(struct pci_dev* pdev, u16 id, void* data), void* data) {
  if (dev_is_pci(info->dev)) return pci_for_each_dma_alias(to_pci_dev(info->dev), fn, data);
  return fn(NULL, (u16)PCI_DEVID(info->bus, info->devfn), data);
}

static int clear_context(struct pci_dev* pdev, u16 id, void* data) {
  struct device_domain_info* info = data;
  struct context_entry* context;

  (void)pdev;
  spin_lock(&info->iommu->lock);
  context = iommu_context_addr(info->iommu, PCI_BUS_NUM(id), id & 0xff, 0);
  if (context) context_clear_entry(context);
  if (context && VTD_IS_SCALABLE) context_clear_entry(context + 1);
  spin_unlock(&info->iommu->lock);
  return 0;
}

void domain_context_clear(struct device_domain_info* info) {
  for_each_id(info, clear_context, info);
}

/* --- leaving a domain: section 6.5.2 ---------------------------------------------------------- */

static int flush_context(struct pci_dev* pdev, u16 id, void* data) {
  const struct device_domain_info* info = data;
  const u16 did = domain_id_iommu(info->domain, info->iommu);

  (void)pdev;
  info->iommu->flush.flush_context(info->iommu, did, id, 0, DMA_CCMD_DEVICE_INVL);
  return 0;
}

static bool has_context(const struct device_domain_info* info) {
  const struct context_entry* context = iommu_context_addr(info->iommu, info->bus, info->devfn, 0);

  return context && context_present(context);
}

/* The unit forgets the entries before the domain's id may name another domain. */
static void flush_domain(struct device_domain_info* info) {
  const u16 did = domain_id_iommu(info->domain, info->iommu);

  for_each_id(info, flush_context, info);
  if (VTD_IS_SCALABLE) qi_flush_pasid_cache(info->iommu, did, QI_PC_PASID_SEL, 0);
  info->iommu->flush.flush_iotlb(info->iommu, did, 0, 0, DMA_TLB_DSI_FLUSH);
}

/* --- attaching -------------------------------------------------------------------------------- */

int vtd_probe_device(struct device* dev) {
  struct device_domain_info* info = kzalloc_obj(*info);
  const u32 id = dev_iommu_fwspec_get(dev)->ids[0];

  if (!info) return -ENOMEM;
  info->bus = PCI_BUS_NUM(id);
  info->devfn = id & 0xff;
  info->dev = dev;
  info->iommu = to_intel_iommu(dev->iommu->iommu_dev);
  dev_iommu_priv_set(dev, info);
  return 0;
}

static int add_context_table(struct pci_dev* pdev, u16 id, void* data) {
  struct device_domain_info* info = data;
  const struct context_entry* context;

  (void)pdev;
  spin_lock(&info->iommu->lock);
  context = iommu_context_addr(info->iommu, PCI_BUS_NUM(id), id & 0xff, 1);
  spin_unlock(&info->iommu->lock);
  return context ? 0 : -ENOMEM;
}

/* A directory of 2^(PDTS + 7) entries; PDTS is in bits 11 to 9. */
static u64 pasid_directory(const struct pasid_table* table) {
  u64 pdts = 0;

  while ((table->max_pasid >> PASID_PDE_SHIFT) >> (pdts + 7) > 1) ++pdts;
  return virt_to_phys(table->table) | pdts << 9;
}

/* The word that holds the present bit is written last. */
static int write_context_entry(struct pci_dev* pdev, u16 id, void* data) {
  struct device_domain_info* info = data;
  struct context_entry* entry;

  (void)pdev;
  spin_lock(&info->iommu->lock);
  entry = iommu_context_addr(info->iommu, PCI_BUS_NUM(id), id & 0xff, 0);
  WRITE_ONCE(entry->lo, 0);
  if (VTD_IS_SCALABLE) {
    entry->hi = 0;
    context_clear_entry(entry + 1);
    WRITE_ONCE(entry->lo, pasid_directory(info->pasid_table) | VTD_PRESENT);
  } else {
    entry->hi = (u64)domain_id_iommu(info->domain, info->iommu) << 8 | WIDTH_48;
    WRITE_ONCE(entry->lo, virt_to_phys(info->domain->tables[0]) | VTD_PRESENT);
  }
  spin_unlock(&info->iommu->lock);
  return 0;
}

static void set_domain(struct device_domain_info* info, struct dmar_domain* domain) {
  unsigned long flags;

  info->domain = domain;
  info->domain_attached = true;
  spin_lock_irqsave(&domain->lock, flags);
  list_add(&info->link, &domain->devices);
  spin_unlock_irqrestore(&domain->lock, flags);
}

static void leave_domain(struct device_domain_info* info) {
  struct dmar_domain* domain = info->domain;
  unsigned long flags;

  if (!domain && !has_context(info)) return;
  domain_context_clear(info);
  if (VTD_IS_SCALABLE) vtd_clear_pasid_entry(info->pasid_table);
  /* An entry that the kernel before left behind may have any id. */
  if (!domain) return vtd_flush_all(info->iommu);
  flush_domain(info);
  if (vtd_detach_device(info->dev)) return;
  spin_lock_irqsave(&domain->lock, flags);
  list_del(&info->link);
  spin_unlock_irqrestore(&domain->lock, flags);
  domain_detach_iommu(domain, info->iommu);
}

int vtd_attach(struct iommu_domain* iommu_domain, struct device* dev,
               struct iommu_device_ser* ser) {
  struct dmar_domain* domain = to_dmar_domain(iommu_domain);
  struct device_domain_info* info = dev_iommu_priv_get(dev);
  int error;

  if (ser) return vtd_restore_device(domain, dev, ser);
  error = for_each_id(info, add_context_table, info);
  if (error) return error;
  if (VTD_IS_SCALABLE && intel_pasid_alloc_table(dev)) return -ENOMEM;
  /* A new id is taken before the old one is given back, so the two differ. */
  error = domain_attach_iommu(domain, info->iommu);
  if (error) return error;
  leave_domain(info);
  set_domain(info, domain);
  if (VTD_IS_SCALABLE) {
    vtd_write_pasid_entry(info->pasid_table, virt_to_phys(domain->tables[0]),
                          domain_id_iommu(domain, info->iommu));
  }
  return for_each_id(info, write_context_entry, info);
}
