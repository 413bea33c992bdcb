/* ASIDs and VMIDs. Id 0 is nobody's. A domain keeps its id: no domain here is ever freed. */
#include "sut/ports/smmuv3/arm-smmu-v3.h"

DEFINE_MUTEX(arm_smmu_asid_lock);
LIST_HEAD(smmuv3_units);

static int take_behind(struct arm_smmu_device* smmu, struct arm_smmu_domain* domain, u32 id) {
  int error;

  if (domain->stage == ARM_SMMU_DOMAIN_S1)
    return xa_insert(&smmu->asid_map, id, domain, GFP_KERNEL);
  error = ida_alloc_range(&smmu->vmid_map, id, id, GFP_KERNEL);
  return error < 0 ? error : 0;
}

static void give_back_behind(struct arm_smmu_device* smmu, struct arm_smmu_domain* domain, u32 id) {
  if (domain->stage == ARM_SMMU_DOMAIN_S1) {
    xa_erase(&smmu->asid_map, id);
  } else {
    ida_free(&smmu->vmid_map, id);
  }
}

/* Behind all units, or behind none. */
static int take_behind_all(struct arm_smmu_domain* domain, u32 id) {
  struct arm_smmu_device *smmu, *taken;

  list_for_each_entry(smmu, &smmuv3_units, link) {
    if (take_behind(smmu, domain, id) == 0) continue;
    list_for_each_entry(taken, &smmuv3_units, link) {
      if (taken == smmu) return -EBUSY;
      give_back_behind(taken, domain, id);
    }
  }
  return 0;
}

int smmuv3_take_id(struct arm_smmu_domain* domain, struct arm_smmu_device* smmu) {
  const unsigned int bits = domain->stage == ARM_SMMU_DOMAIN_S1 ? smmu->asid_bits : smmu->vmid_bits;
  u32 id;

  if (domain->smmu) return 0;
  guard(mutex)(&arm_smmu_asid_lock);
  for (id = 1; id < 1u << bits; ++id) {
    if (take_behind_all(domain, id) != 0) continue;
    domain->smmu = smmu;
    if (domain->stage == ARM_SMMU_DOMAIN_S1) {
      domain->cd.asid = (u16)id;
    } else {
      domain->s2_cfg.vmid = (u16)id;
    }
    return 0;
  }
  return -ENOSPC;
}
