/*
 * From a StreamID to its STE (sections 3.3.1, 5.1 and 5.2): a page of L1STDs that point at pages of
 * 64 STEs, or such a page alone.
 */
#include "sut/ports/smmuv3/smmuv3.h"

enum {
  STE_WORDS = 8,
  L1STD_SPAN = SMMUV3_SPLIT + 1, /* 2^(Span - 1) STEs */
};

u64* smmuv3_l2_strtab(struct smmuv3_unit* unit, unsigned int index) {
  const u64 l1std = index < SMMUV3_L1_ENTRIES ? unit->strtab[index] : 0;

  return (l1std & 0x1f) == L1STD_SPAN ? phys_to_virt(SMMUV3_ADDRESS(l1std)) : NULL;
}

int smmuv3_add_l2_strtab(struct smmuv3_unit* unit, u32 sid) {
  const unsigned int index = smmuv3_l2_index(sid);
  u64* table;

  if (sid >> SMMUV3_LOG2_STREAMS) return -EINVAL;
  if (SMMUV3_IS_LINEAR || smmuv3_l2_strtab(unit, index)) return 0;
  table = iommu_alloc_pages_sz(GFP_KERNEL, PAGE_SIZE);
  if (!table) return -ENOMEM;
  WRITE_ONCE(unit->strtab[index], virt_to_phys(table) | L1STD_SPAN);
  return 0;
}

void smmuv3_clear_l2_strtab(struct smmuv3_unit* unit, unsigned int index) {
  WRITE_ONCE(unit->strtab[index], 0);
}

u64* smmuv3_ste(struct smmuv3_unit* unit, u32 sid) {
  u64* table = SMMUV3_IS_LINEAR ? unit->strtab : smmuv3_l2_strtab(unit, smmuv3_l2_index(sid));

  if (sid >> SMMUV3_LOG2_STREAMS || !table) return NULL;
  return &table[STE_WORDS * (sid & ((1 << SMMUV3_SPLIT) - 1))];
}

/* The word with V goes first. */
void smmuv3_abort_stream(struct smmuv3_unit* unit, u32 sid) {
  u64* ste = smmuv3_ste(unit, sid);
  int i;

  for (i = 0; ste && i < STE_WORDS; ++i) WRITE_ONCE(ste[i], 0);
}

/* The CD of transactions without a substream. */
static const u64* cd_of(const u64* ste) {
  const u64* table = phys_to_virt(SMMUV3_ADDRESS(ste[0]));

  return SMMUV3_HAS_TWO_LEVEL_CDS ? phys_to_virt(SMMUV3_ADDRESS(table[0])) : table;
}

int smmuv3_reserve_ids(struct smmuv3_unit* unit, const u64* stes) {
  int i;

  for (i = 0; i < 512; i += STE_WORDS) {
    const u64* ste = &stes[i];
    u64 id;

    if (!(ste[0] & SMMUV3_VALID)) continue;
    id = SMMUV3_IS_STAGE_2 ? ste[2] & 0xffff : cd_of(ste)[0] >> 48;
    if (id == 0 || id >= SMMUV3_IDS) return -EINVAL;
    unit->id_in_use[id] = true;
  }
  return 0;
}
