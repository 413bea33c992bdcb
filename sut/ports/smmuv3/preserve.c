/* The four ops. docs/spec/driver-contract.md says what they owe. */
#include <linux/kexec_handover.h>

#include "sut/ports/smmuv3/smmuv3.h"

/* The states of the second level's stream tables. */
static u64* l2_states(const struct iommu_hw_ser* ser) {
  return phys_to_virt(ser->arm_smmu_v3.l2_strtab_lu_states_phys);
}

static int preserve(struct iommu_device* iommu, struct iommu_hw_ser* ser) {
  struct smmuv3_unit* unit = to_smmuv3_unit(iommu);
  const int error = iommu_preserve_pages(unit->strtab);

  if (error) return error;
  if (!SMMUV3_IS_LINEAR) {
    u64* states = kho_alloc_preserve(SMMUV3_L1_ENTRIES * sizeof(*states));

    if (IS_ERR(states)) {
      iommu_unpreserve_pages(unit->strtab);
      return PTR_ERR(states);
    }
    ser->arm_smmu_v3.l2_strtab_lu_states_phys = virt_to_phys(states);
  }
  ser->token = unit->reg_phys;
  ser->type = IOMMU_ARM_SMMU_V3;
  ser->arm_smmu_v3.phys_addr = unit->reg_phys;
  ser->arm_smmu_v3.strtab_base_cfg = readl(unit->regs + SMMUV3_STRTAB_BASE_CFG);
  ser->arm_smmu_v3.l1_strtab_lu_state = virt_to_phys(unit->strtab);
  return 0;
}

static void unpreserve(struct iommu_device* iommu, struct iommu_hw_ser* ser) {
  struct smmuv3_unit* unit = to_smmuv3_unit(iommu);
  unsigned int index;

  if (!SMMUV3_IS_LINEAR) {
    for (index = SMMUV3_L1_ENTRIES; index-- > 0;) {
      if (l2_states(ser)[index]) iommu_unpreserve_pages(phys_to_virt(l2_states(ser)[index]));
    }
    kho_unpreserve_free(l2_states(ser));
  }
  iommu_unpreserve_pages(unit->strtab);
}

static int preserve_cd_tables(struct smmuv3_device* master, struct iommu_device_ser* ser) {
  u64* states;
  int error = iommu_preserve_pages(master->l1_cdtab);

  if (error) return error;
  if (SMMUV3_HAS_TWO_LEVEL_CDS) {
    states = kho_alloc_preserve(SMMUV3_L2_CDTABS * sizeof(*states));
    if (IS_ERR(states)) {
      error = PTR_ERR(states);
      goto undo_l1;
    }
    error = iommu_preserve_pages(master->l2_cdtab);
    if (error) goto undo_states;
    states[0] = virt_to_phys(master->l2_cdtab);
    ser->arm_smmu_v3.num_l2_cdtables = SMMUV3_L2_CDTABS;
    ser->arm_smmu_v3.l2_cdtab_lu_states_phys = virt_to_phys(states);
  }
  ser->arm_smmu_v3.l1_cdtab_lu_state = virt_to_phys(master->l1_cdtab);
  return 0;

undo_states:
  kho_unpreserve_free(states);
undo_l1:
  iommu_unpreserve_pages(master->l1_cdtab);
  return error;
}

static void unpreserve_cd_tables(struct smmuv3_device* master, const struct iommu_device_ser* ser) {
  if (SMMUV3_HAS_TWO_LEVEL_CDS) {
    iommu_unpreserve_pages(master->l2_cdtab);
    kho_unpreserve_free(phys_to_virt(ser->arm_smmu_v3.l2_cdtab_lu_states_phys));
  }
  iommu_unpreserve_pages(master->l1_cdtab);
}

static int preserve_device(struct device* dev, struct iommu_device_ser* ser) {
  struct smmuv3_unit* unit = to_smmuv3_unit(dev->iommu->iommu_dev);
  struct smmuv3_device* master = dev_iommu_priv_get(dev);
  const struct iommu_fwspec* fwspec = dev_iommu_fwspec_get(dev);
  u64* state = NULL; /* of a second-level stream table that is preserved here */
  int error = 0;

  if (!master->domain) return -EINVAL;
  if (fwspec->num_ids != 1) return -EOPNOTSUPP; /* an alias has no record of its own */
  if (!SMMUV3_IS_LINEAR) {
    const unsigned int index = smmuv3_l2_index(fwspec->ids[0]);

    if (!l2_states(unit->iommu.outgoing_preserved_state)[index]) {
      error = iommu_preserve_pages(smmuv3_l2_strtab(unit, index));
      if (error) return error;
      state = &l2_states(unit->iommu.outgoing_preserved_state)[index];
      *state = virt_to_phys(smmuv3_l2_strtab(unit, index));
    }
  }
  if (!SMMUV3_IS_STAGE_2) error = preserve_cd_tables(master, ser);
  if (error) {
    if (state) {
      iommu_unpreserve_pages(phys_to_virt(*state));
      *state = 0;
    }
    return error;
  }
  ser->domain_iommu_ser.attachment_id = smmuv3_tag_of(master->domain, unit)->id;
  return 0;
}

/* The stream table stays: others may use it, and unpreserve releases it. */
static void unpreserve_device(struct device* dev, struct iommu_device_ser* ser) {
  if (ser->arm_smmu_v3.l1_cdtab_lu_state) unpreserve_cd_tables(dev_iommu_priv_get(dev), ser);
}

const struct iommu_ops smmuv3_ops = {
    .preserve_device = preserve_device,
    .unpreserve_device = unpreserve_device,
    .preserve = preserve,
    .unpreserve = unpreserve,
};
