/*
 * A unit's life: the driver starts the unit afresh, or takes the unit over from the kernel before,
 * and shuts the unit down for the next kernel.
 */
#include "sut/kernel/port.h"
#include "sut/ports/smmuv3/arm-smmu-v3.h"

/* --- registers and commands ------------------------------------------------------------------- */

int arm_smmu_write_reg_sync(struct arm_smmu_device* smmu, u32 value, unsigned int reg_off,
                            unsigned int ack_off) {
  writel(value, (char*)smmu->base + reg_off);
  return readl((char*)smmu->base + ack_off) == value ? 0 : -ETIMEDOUT;
}

/* No unit here has an interrupt. */
int arm_smmu_disable_irqs(struct arm_smmu_device* smmu) { return (void)smmu, 0; }

struct arm_smmu_cmd arm_smmu_make_cmd_op(u8 op) { return (struct arm_smmu_cmd){{op}}; }
struct arm_smmu_cmd arm_smmu_make_cmd_cfgi_all(void) {
  return (struct arm_smmu_cmd){{CMDQ_OP_CFGI_ALL, 31 /* Range */}};
}

/* A command in a queue that is off is never done: a defect of the caller. */
int arm_smmu_cmdq_issue_cmdlist(struct arm_smmu_device* smmu, struct arm_smmu_cmdq* cmdq,
                                struct arm_smmu_cmd* cmds, int n, bool sync) {
  (void)cmdq, (void)cmds, (void)n, (void)sync;
  return WARN_ON(!(readl((char*)smmu->base + ARM_SMMU_CR0ACK) & CR0_CMDQEN)) ? -ETIMEDOUT : 0;
}

static void invalidate_all(struct arm_smmu_device* smmu) {
  struct arm_smmu_cmd cmds[] = {arm_smmu_make_cmd_cfgi_all(),
                                arm_smmu_make_cmd_op(CMDQ_OP_TLBI_NSNH_ALL)};

  arm_smmu_cmdq_issue_cmdlist(smmu, &smmu->cmdq, cmds, ARRAY_SIZE(cmds), true);
}

/* Every transaction is aborted from here on. */
static void stop(struct arm_smmu_device* smmu) {
  writel(GBPA_UPDATE | GBPA_ABORT, (char*)smmu->base + ARM_SMMU_GBPA);
  arm_smmu_write_reg_sync(smmu, 0, ARM_SMMU_CR0, ARM_SMMU_CR0ACK);
}

/* A unit that translates goes on translating. */
static int enable(struct arm_smmu_device* smmu) {
  const u32 queues = CR0_CMDQEN | CR0_EVTQEN;
  const u32 translating = readl((char*)smmu->base + ARM_SMMU_CR0) & CR0_SMMUEN;
  int error = arm_smmu_write_reg_sync(smmu, translating | queues, ARM_SMMU_CR0, ARM_SMMU_CR0ACK);

  if (error) return error;
  invalidate_all(smmu);
  return arm_smmu_write_reg_sync(smmu, CR0_SMMUEN | queues, ARM_SMMU_CR0, ARM_SMMU_CR0ACK);
}

/* --- the unit's life -------------------------------------------------------------------------- */

static void write_strtab(struct arm_smmu_device* smmu) {
  const struct arm_smmu_strtab_cfg* cfg = &smmu->strtab_cfg;
  const bool is_2lvl = smmu->features & ARM_SMMU_FEAT_2_LVL_STRTAB;
  const u64 format = is_2lvl ? FIELD_PREP(STRTAB_BASE_CFG_FMT, STRTAB_BASE_CFG_FMT_2LVL) |
                                   FIELD_PREP(STRTAB_BASE_CFG_SPLIT, STRTAB_SPLIT)
                             : FIELD_PREP(STRTAB_BASE_CFG_FMT, STRTAB_BASE_CFG_FMT_LINEAR);

  writeq(is_2lvl ? cfg->l2.l1_dma : cfg->linear.ste_dma, (char*)smmu->base + ARM_SMMU_STRTAB_BASE);
  writel((u32)(format | FIELD_PREP(STRTAB_BASE_CFG_LOG2SIZE, smmu->sid_bits)),
         (char*)smmu->base + ARM_SMMU_STRTAB_BASE_CFG);
}

static int start(struct arm_smmu_device* smmu) {
  const int error = smmuv3_init_strtab(smmu);

  if (error) return error;
  stop(smmu); /* the stream table may be changed only then */
  write_strtab(smmu);
  return enable(smmu);
}

static int take_over(struct arm_smmu_device* smmu, struct iommu_hw_ser* ser) {
  const int error = smmuv3_restore_unit(smmu, ser);

  return error ? error : enable(smmu);
}

static void init(struct arm_smmu_device* smmu, u64 base_phys) {
  smmu->base_phys = base_phys;
  smmu->features = ARM_SMMU_FEAT_COHERENCY | ARM_SMMU_FEAT_TRANS_S1 | ARM_SMMU_FEAT_TRANS_S2 |
                   (SMMUV3_IS_LINEAR ? 0 : ARM_SMMU_FEAT_2_LVL_STRTAB) |
                   (SMMUV3_HAS_TWO_LEVEL_CDS ? ARM_SMMU_FEAT_2_LVL_CDTAB : 0);
  smmu->sid_bits = SMMUV3_IS_LINEAR ? STRTAB_SPLIT : 15;
  smmu->ssid_bits = SMMUV3_HAS_TWO_LEVEL_CDS ? 8 : 0;
  smmu->asid_bits = smmu->vmid_bits = 8;
  smmu->streams = RB_ROOT;
  mutex_init(&smmu->streams_mutex);
}

struct iommu_device* smmuv3_probe(u64 base_phys, struct iommu_hw_ser* ser) {
  struct arm_smmu_device* smmu = kzalloc_obj(*smmu);
  int error = -ENODEV;

  if (!smmu) return ERR_PTR(-ENOMEM);
  init(smmu, base_phys);
  smmu->base = ioremap(base_phys, PAGE_SIZE);
  if (smmu->base) error = ser ? take_over(smmu, ser) : start(smmu);
  if (error) {
    if (!SMMUV3_IS_LINEAR) kfree(smmu->strtab_cfg.l2.l2ptrs);
    kfree(smmu);
    return ERR_PTR(error);
  }
  list_add_tail(&smmu->link, &smmuv3_units);
  return &smmu->iommu;
}

void smmuv3_shutdown(struct iommu_device* iommu) {
  struct arm_smmu_device* smmu = to_smmu_device(iommu);
  const struct iommu_hw_ser* ser = iommu_preserved_state(iommu);

  if (ser && smmuv3_shutdown_unit(smmu, ser) == 0) return;
  stop(smmu);
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
