/*
 * A unit's life: the driver starts the unit afresh, or takes the unit over from the kernel before,
 * and shuts the unit down for the next kernel.
 */
#include "sut/kernel/port.h"
#include "sut/ports/smmuv3/smmuv3.h"

/* STRTAB_BASE_CFG: FMT [17:16], SPLIT [10:6], LOG2SIZE [5:0]. */
static u32 table_format(void) {
  return (SMMUV3_IS_LINEAR ? 0 : 1 << 16 | SMMUV3_SPLIT << 6) | SMMUV3_LOG2_STREAMS;
}

/* Every transaction is aborted from here on. */
static void stop(struct smmuv3_unit* unit) {
  writel(SMMUV3_GBPA_UPDATE | SMMUV3_GBPA_ABORT, unit->regs + SMMUV3_GBPA);
  writel(0, unit->regs + SMMUV3_CR0);
}

static int start(struct smmuv3_unit* unit) {
  unit->strtab = iommu_alloc_pages_sz(GFP_KERNEL, PAGE_SIZE);
  if (!unit->strtab) return -ENOMEM;
  stop(unit); /* the stream table may be changed only then */
  writeq(virt_to_phys(unit->strtab), unit->regs + SMMUV3_STRTAB_BASE);
  writel(table_format(), unit->regs + SMMUV3_STRTAB_BASE_CFG);
  writel(SMMUV3_CR0_SMMUEN, unit->regs + SMMUV3_CR0);
  return readl(unit->regs + SMMUV3_CR0ACK) & SMMUV3_CR0_SMMUEN ? 0 : -EIO;
}

/*
 * The second-level tables that are in use and the tables with a state must be the same, or a live
 * table is about to be lost.
 */
static int restore_l2_strtabs(struct smmuv3_unit* unit, const u64* states) {
  unsigned int index;

  for (index = 0; index < SMMUV3_L1_ENTRIES; ++index) {
    const u64* table = smmuv3_l2_strtab(unit, index);
    int error;

    if (!unit->strtab[index] != !states[index]) return -EINVAL;
    if (!states[index]) continue;
    if (!table || SMMUV3_ADDRESS(unit->strtab[index]) != states[index]) return -EINVAL;
    if (!iommu_restore_page(states[index])) return -EINVAL;
    error = smmuv3_reserve_ids(unit, table);
    if (error) return error;
  }
  return 0;
}

static int take_over(struct smmuv3_unit* unit, const struct iommu_hw_ser* ser) {
  u64* states;
  int error;

  if (ser->type != IOMMU_ARM_SMMU_V3 || ser->arm_smmu_v3.phys_addr != unit->reg_phys)
    return -EINVAL;
  if (!(readl(unit->regs + SMMUV3_CR0) & SMMUV3_CR0_SMMUEN)) return -EINVAL;
  if (readq(unit->regs + SMMUV3_STRTAB_BASE) != ser->arm_smmu_v3.l1_strtab_lu_state) return -EINVAL;
  if (readl(unit->regs + SMMUV3_STRTAB_BASE_CFG) != ser->arm_smmu_v3.strtab_base_cfg)
    return -EINVAL;
  if (ser->arm_smmu_v3.strtab_base_cfg != table_format()) return -EINVAL;
  unit->strtab = iommu_restore_page(ser->arm_smmu_v3.l1_strtab_lu_state);
  if (!unit->strtab) return -EINVAL;
  if (SMMUV3_IS_LINEAR) return smmuv3_reserve_ids(unit, unit->strtab);
  states = iommu_restore_page(ser->arm_smmu_v3.l2_strtab_lu_states_phys);
  if (!states) return -EINVAL;
  error = restore_l2_strtabs(unit, states);
  if (error) return error; /* it may be no page of states, and is not freed */
  iommu_free_pages(states);
  return 0;
}

struct iommu_device* smmuv3_probe(u64 reg_phys, struct iommu_hw_ser* ser) {
  struct smmuv3_unit* unit = kzalloc_obj(*unit);
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

static int abort_unless_preserved(struct device* dev, struct iommu_device* iommu, void* arg) {
  const struct iommu_fwspec* fwspec = dev_iommu_fwspec_get(dev);
  unsigned int i;

  (void)arg;
  for (i = 0; i < fwspec->num_ids && !dev_iommu_preserved_state(dev); ++i) {
    smmuv3_abort_stream(to_smmuv3_unit(iommu), fwspec->ids[i]);
  }
  return 0;
}

void smmuv3_shutdown(struct iommu_device* iommu) {
  struct smmuv3_unit* unit = to_smmuv3_unit(iommu);
  const struct iommu_hw_ser* ser = iommu_preserved_state(iommu);
  struct iommu_dev_iter iter = {.iommu = iommu, .fn = abort_unless_preserved};
  const u64* states;
  unsigned int index;

  if (!ser) {
    stop(unit);
    return;
  }
  iommu_for_each_dev(&iter);
  if (SMMUV3_IS_LINEAR) return;
  states = phys_to_virt(ser->arm_smmu_v3.l2_strtab_lu_states_phys);
  for (index = 0; index < SMMUV3_L1_ENTRIES; ++index) {
    if (!states[index]) smmuv3_clear_l2_strtab(unit, index);
  }
}

const struct holdfast_port holdfast_port = {
    .ops = &smmuv3_ops,
    .pt_ops = &smmuv3_pt_ops,
    .hardware = HOLDFAST_SMMUV3,
    .probe = smmuv3_probe,
    .shutdown = smmuv3_shutdown,
    .probe_device = smmuv3_probe_device,
    .domain_alloc = smmuv3_domain_alloc,
    .map = smmuv3_map,
    .attach = smmuv3_attach,
    .small_ids = SMMUV3_IS_LINEAR,
};
