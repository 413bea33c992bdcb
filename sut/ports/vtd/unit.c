/*
 * A unit's life: the driver starts the unit afresh, or takes the unit over from the kernel before,
 * and shuts the unit down for the next kernel.
 */
#include "sut/kernel/port.h"
#include "sut/ports/vtd/iommu.h"

/* Descriptors of the invalidation queue, section 6.5.2; the granularity is in bits 5 and 4. */
enum {
  QI_CC_TYPE = 1,
  QI_IOTLB_TYPE = 2,
  QI_PC_TYPE = 7,
};

static void flush_context(struct intel_iommu* iommu, u16 did, u16 sid, u8 fm, u64 type) {
  holdfast_queue_command(
      iommu->reg_phys,
      QI_CC_TYPE | type >> 61 << 4 | (u64)did << 16 | (u64)sid << 32 | (u64)fm << 48, 0);
}
static void flush_iotlb(struct intel_iommu* iommu, u16 did, u64 addr, unsigned int size_order,
                        u64 type) {
  holdfast_queue_command(iommu->reg_phys, QI_IOTLB_TYPE | type >> 60 << 4 | (u64)did << 16,
                         (addr & VTD_PAGE_MASK) | size_order);
}
void qi_flush_pasid_cache(struct intel_iommu* iommu, u16 did, u64 granu, u32 pasid) {
  holdfast_queue_command(iommu->reg_phys,
                         QI_PC_TYPE | granu << 4 | (u64)did << 16 | (u64)pasid << 32, 0);
}

/* In this order: each cache is filled through the one before. */
void vtd_flush_all(struct intel_iommu* iommu) {
  iommu->flush.flush_context(iommu, 0, 0, 0, DMA_CCMD_GLOBAL_INVL);
  if (sm_supported(iommu)) qi_flush_pasid_cache(iommu, 0, QI_PC_GLOBAL, 0);
  iommu->flush.flush_iotlb(iommu, 0, 0, 0, DMA_TLB_GLOBAL_FLUSH);
}

static int start(struct intel_iommu* iommu) {
  iommu->root_entry = iommu_alloc_pages_sz(GFP_KERNEL, PAGE_SIZE);
  if (!iommu->root_entry) return -ENOMEM;
  writeq(virt_to_phys(iommu->root_entry) | (VTD_IS_SCALABLE ? DMA_RTADDR_SMT : 0),
         iommu->reg + DMAR_RTADDR_REG);
  writel((readl(iommu->reg + DMAR_GSTS_REG) & DMA_GSTS_TES) | DMA_GCMD_SRTP,
         iommu->reg + DMAR_GCMD_REG);
  vtd_flush_all(iommu);
  writel(DMA_GCMD_TE, iommu->reg + DMAR_GCMD_REG);
  return 0;
}

struct iommu_device* vtd_probe(u64 reg_phys, struct iommu_hw_ser* ser) {
  static int units;
  struct intel_iommu* iommu = kzalloc_obj(*iommu);
  int error = -ENODEV;

  if (!iommu) return ERR_PTR(-ENOMEM);
  iommu->reg_phys = reg_phys;
  iommu->seq_id = units++;
  mutex_init(&iommu->did_lock);
  iommu->flush.flush_context = flush_context;
  iommu->flush.flush_iotlb = flush_iotlb;
  iommu->reg = ioremap(reg_phys, PAGE_SIZE);
  if (iommu->reg) error = ser ? vtd_restore_unit(iommu, ser) : start(iommu);
  if (error) {
    kfree(iommu);
    return ERR_PTR(error);
  }
  return &iommu->iommu;
}

void vtd_shutdown(struct iommu_device* iommu_device) {
  struct intel_iommu* iommu = to_intel_iommu(iommu_device);
  const struct iommu_hw_ser* ser = iommu_preserved_state(iommu_device);

  if (ser) {
    vtd_shutdown_unit(iommu, ser);
  } else {
    writel(0, iommu->reg + DMAR_GCMD_REG);
  }
}

const struct holdfast_port holdfast_port = {
    .ops = &vtd_ops,
    .pt_ops = &vtd_pt_ops,
    .hardware = HOLDFAST_VTD,
    .probe = vtd_probe,
    .shutdown = vtd_shutdown,
    .probe_device = vtd_probe_device,
    .domain_alloc = vtd_domain_alloc,
    .map = vtd_map,
    .attach = vtd_attach,
    .pci_aliases = true,
    .invalidates = true,
};
