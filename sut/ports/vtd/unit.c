/*
 * A unit's life: the driver starts the unit afresh, or takes the unit over from the kernel before,
 * and shuts the unit down for the next kernel.
 */
#include "sut/kernel/port.h"
#include "sut/ports/vtd/vtd.h"

static u64 root_register(u64 root_phys) {
  return root_phys | (VTD_IS_SCALABLE ? VTD_RTADDR_SCALABLE : 0);
}

static int start(struct vtd_unit* unit) {
  unit->root = iommu_alloc_pages_sz(GFP_KERNEL, PAGE_SIZE);
  if (!unit->root) return -ENOMEM;
  writeq(root_register(virt_to_phys(unit->root)), unit->regs + VTD_RTADDR);
  writel((readl(unit->regs + VTD_GSTS) & VTD_GSTS_TES) | VTD_GCMD_SRTP, unit->regs + VTD_GCMD);
  writel(VTD_GCMD_TE, unit->regs + VTD_GCMD);
  return 0;
}

/*
 * The tables that are in use and the recorded tables must be the same, or a live table is about to
 * be lost.
 */
static int take_over(struct vtd_unit* unit, const struct iommu_hw_ser* ser) {
  unsigned int index;
  int error;

  if (ser->type != IOMMU_INTEL || ser->intel.phys_addr != unit->reg_phys) return -EINVAL;
  if (!(readl(unit->regs + VTD_GSTS) & VTD_GSTS_TES)) return -EINVAL;
  if (readq(unit->regs + VTD_RTADDR) != root_register(ser->intel.root_table)) return -EINVAL;
  unit->root = iommu_restore_page(ser->intel.root_table);
  if (!unit->root) return -EINVAL;
  for (index = 0; index < VTD_CONTEXT_TABLES; ++index) {
    const u64* table = vtd_context_table(unit, index);

    if (vtd_is_recorded(ser, index) != (table != NULL)) return -EINVAL;
    if (!table) continue;
    if (!iommu_restore_page(VTD_ADDRESS(unit->root[index]))) return -EINVAL;
    error = vtd_reserve_ids(unit, index);
    if (error) return error;
  }
  return 0;
}

struct iommu_device* vtd_probe(u64 reg_phys, struct iommu_hw_ser* ser) {
  struct vtd_unit* unit = kzalloc_obj(*unit);
  int error = -ENODEV;

  if (!unit) return ERR_PTR(-ENOMEM);
  unit->reg_phys = reg_phys;
  unit->regs = ioremap(reg_phys, PAGE_SIZE);
  if (unit->regs) error = ser ? take_over(unit, ser) : start(unit);
  if (error) {
    kfree(unit);
    return ERR_PTR(error);
  }
  return &unit->iommu;
}

static int clear_unless_preserved(struct device* dev, struct iommu_device* iommu, void* arg) {
  const struct iommu_fwspec* fwspec = dev_iommu_fwspec_get(dev);
  unsigned int i;

  (void)arg;
  for (i = 0; i < fwspec->num_ids && !dev_iommu_preserved_state(dev); ++i)
    vtd_clear_context(to_vtd_unit(iommu), fwspec->ids[i]);
  return 0;
}

void vtd_shutdown(struct iommu_device* iommu) {
  struct vtd_unit* unit = to_vtd_unit(iommu);
  const struct iommu_hw_ser* ser = iommu_preserved_state(iommu);
  struct iommu_dev_iter iter = {.iommu = iommu, .fn = clear_unless_preserved};
  unsigned int index;

  if (!ser) {
    writel(0, unit->regs + VTD_GCMD);
    return;
  }
  iommu_for_each_dev(&iter);
  for (index = 0; index < VTD_CONTEXT_TABLES; ++index) {
    if (!vtd_is_recorded(ser, index)) vtd_clear_context_table(unit, index);
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
};
