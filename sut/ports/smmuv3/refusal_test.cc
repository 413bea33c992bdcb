// What the SMMUv3 port must refuse of its own part of the records.
#include "sut/ports/refusal.h"
#include "sut/ports/smmuv3/arm-smmu-v3.h"

namespace holdfast::kernel {
namespace {

TEST_F(Refusal, UnitAtAnotherPlace) {
  Hw()->smmuv3.phys_addr += 0x1000;
  ExpectRefusedAndUnharmed();
}

TEST_F(Refusal, StreamTableOfAnotherFormat) {
  Hw()->smmuv3.strtab_base_cfg ^= 1 << 16;
  ExpectRefusedAndUnharmed();
}

TEST_F(Refusal, StreamTableThatTheUnitDoesNotUse) {
  Hw()->smmuv3.l1_strtab_lu_state += PAGE_SIZE;
  ExpectRefusedAndUnharmed();
}

TEST_F(Refusal, DomainOfBothHalves) {
  Domain()->sign_extend = 1;
  ExpectRefusedAndUnharmed();
}

#ifndef SMMUV3_LINEAR
TEST_F(Refusal, StatesOutOfRange) {
  Hw()->smmuv3.l2_strtab_lu_states_phys = kNoMemory;
  ExpectRefusedAndUnharmed();
}

TEST_F(Refusal, SecondLevelInUseWithoutAState) {
  u64* states = Page(Hw()->smmuv3.l2_strtab_lu_states_phys);
  for (int i = 0; i < STRTAB_MAX_L1_ENTRIES; ++i) states[i] = 0;
  ExpectRefusedAndUnharmed();
}

TEST_F(Refusal, StateOfASecondLevelThatIsNotInUse) {
  u64* states = Page(Hw()->smmuv3.l2_strtab_lu_states_phys);
  states[STRTAB_MAX_L1_ENTRIES - 1] = Hw()->smmuv3.l1_strtab_lu_state;
  ExpectRefusedAndUnharmed();
}

TEST_F(Refusal, StateOfAnotherSecondLevel) {
  u64* states = Page(Hw()->smmuv3.l2_strtab_lu_states_phys);
  for (int i = 0; i < STRTAB_MAX_L1_ENTRIES; ++i) states[i] += states[i] ? PAGE_SIZE : 0;
  ExpectRefusedAndUnharmed();
}
#endif

#ifndef SMMUV3_STAGE_2
TEST_F(Refusal, CdTableThatTheStreamDoesNotUse) {
  Device()->smmuv3.l1_cdtab_lu_state += PAGE_SIZE;
  ExpectRefusedAndUnharmed();
}
#endif

#ifdef SMMUV3_TWO_LEVEL_CDS
TEST_F(Refusal, CdTablesOfAnotherNumber) {
  ++Device()->smmuv3.num_l2_cdtables;
  ExpectRefusedAndUnharmed();
}

TEST_F(Refusal, CdStatesOutOfRange) {
  Device()->smmuv3.l2_cdtab_lu_states_phys = kNoMemory;
  ExpectRefusedAndUnharmed();
}

TEST_F(Refusal, CdStateOfAnotherTable) {
  Page(Device()->smmuv3.l2_cdtab_lu_states_phys)[0] = Device()->smmuv3.l1_cdtab_lu_state;
  ExpectRefusedAndUnharmed();
}
#endif

}  // namespace
}  // namespace holdfast::kernel
