// What the SMMUv3 port must refuse of what came over, field by field, and that it leaves the hardware as it is then.
#include <gtest/gtest.h>
#include <linux/io.h>
#include <linux/iommu-liveupdate.h>

#include <memory>

#include "model/reach.h"
#include "sut/kernel/adapter.h"
#include "sut/kernel/binding.h"
#include "sut/kernel/live_records.h"
#include "sut/kernel/machine.h"
#include "sut/ports/smmuv3/smmuv3.h"

namespace holdfast::kernel {
namespace {

class SmmuV3Refusal : public testing::Test {
 protected:
  // Two devices of two buses behind one unit, preserved with one domain, and handed over.
  SmmuV3Refusal() : sut_(MakeKernelSut()) {
    sut_->Reset(MakeTopology(1, 4, 1), Luo::kStageC);
    for (const Command& command :
         {PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0), PreserveDevice(0, 1), Freeze(), Kexec()}) {
      Run(command);
      EXPECT_EQ(outcome_.error, 0);
      EXPECT_EQ(outcome_.findings, 0u);
    }
  }

  void Run(const Command& command) { sut_->Run(command, outcome_); }
  template <typename Record>
  static Record* First(Chain chain) {
    return reinterpret_cast<Record*>(LiveRecords(kBinding.layout, chain).Next());
  }
  static struct iommu_hw_ser* Hw() { return First<struct iommu_hw_ser>(Chain::kHw); }
  static struct iommu_domain_ser* Domain() { return First<struct iommu_domain_ser>(Chain::kDomain); }
  static struct iommu_device_ser* Device() { return First<struct iommu_device_ser>(Chain::kDevice); }
  static u64* Page(u64 physical) { return reinterpret_cast<u64*>(PageAddress(PageOfPhysical(physical))); }

  // The driver comes up, refuses and lives; the device goes on translating as the kernel before left it.
  void ExpectRefused() {
    Run(Retrieve());
    EXPECT_FALSE(outcome_.crashed());
    EXPECT_TRUE(outcome_.findings & FindingBit(Finding::kRestoreRefused));
    Observation seen;
    sut_->Observe(seen);
    EXPECT_EQ(seen.reach.device[0], 0);
  }

  std::unique_ptr<Sut> sut_;
  Outcome outcome_;
};

TEST_F(SmmuV3Refusal, SoundRecordsAreTakenOver) {
  Run(Retrieve());
  EXPECT_EQ(outcome_.findings, 0u);
  Observation seen;
  sut_->Observe(seen);
  EXPECT_EQ(seen.reach.adopted[0], 0);
  EXPECT_EQ(seen.reach.adopted[1], 0);
}

TEST_F(SmmuV3Refusal, UnitOfAnotherType) {
  Hw()->type = IOMMU_INTEL;
  ExpectRefused();
}

TEST_F(SmmuV3Refusal, UnitAtAnotherPlace) {
  Hw()->arm_smmu_v3.phys_addr += 0x1000;
  ExpectRefused();
}

TEST_F(SmmuV3Refusal, StreamTableOfAnotherFormat) {
  Hw()->arm_smmu_v3.strtab_base_cfg ^= 1 << 16;
  ExpectRefused();
}

TEST_F(SmmuV3Refusal, StreamTableThatTheUnitDoesNotUse) {
  Hw()->arm_smmu_v3.l1_strtab_lu_state += PAGE_SIZE;
  ExpectRefused();
}

TEST_F(SmmuV3Refusal, DeviceWithoutAnId) {
  Device()->domain_iommu_ser.attachment_id = 0;
  ExpectRefused();
}

TEST_F(SmmuV3Refusal, DeviceWithAnotherId) {
  Device()->domain_iommu_ser.attachment_id += 1;
  ExpectRefused();
}

TEST_F(SmmuV3Refusal, DeviceWithAnIdOutOfRange) {
  Device()->domain_iommu_ser.attachment_id += 1ull << 16;
  ExpectRefused();
}

TEST_F(SmmuV3Refusal, DomainOfAnotherDepth) {
  Domain()->top_level = 4;
  ExpectRefused();
}

TEST_F(SmmuV3Refusal, DomainOfAnotherWidth) {
  Domain()->vasz = 52;
  ExpectRefused();
}

TEST_F(SmmuV3Refusal, DomainOfBothHalves) {
  Domain()->sign_extend = 1;
  ExpectRefused();
}

TEST_F(SmmuV3Refusal, DomainOfAnotherTable) {
  Domain()->top_table_phys += PAGE_SIZE;
  ExpectRefused();
}

#ifndef SMMUV3_LINEAR
TEST_F(SmmuV3Refusal, StatesOutOfRange) {
  Hw()->arm_smmu_v3.l2_strtab_lu_states_phys = 0x7fff'ffff'f000ull;
  ExpectRefused();
}

TEST_F(SmmuV3Refusal, SecondLevelInUseWithoutAState) {
  u64* states = Page(Hw()->arm_smmu_v3.l2_strtab_lu_states_phys);
  for (int i = 0; i < SMMUV3_L1_ENTRIES; ++i) states[i] = 0;
  ExpectRefused();
}

TEST_F(SmmuV3Refusal, StateOfASecondLevelThatIsNotInUse) {
  u64* states = Page(Hw()->arm_smmu_v3.l2_strtab_lu_states_phys);
  states[SMMUV3_L1_ENTRIES - 1] = Hw()->arm_smmu_v3.l1_strtab_lu_state;
  ExpectRefused();
}

TEST_F(SmmuV3Refusal, StateOfAnotherSecondLevel) {
  u64* states = Page(Hw()->arm_smmu_v3.l2_strtab_lu_states_phys);
  for (int i = 0; i < SMMUV3_L1_ENTRIES; ++i) states[i] += states[i] ? PAGE_SIZE : 0;
  ExpectRefused();
}
#endif

#ifndef SMMUV3_STAGE_2
TEST_F(SmmuV3Refusal, CdTableThatTheStreamDoesNotUse) {
  Device()->arm_smmu_v3.l1_cdtab_lu_state += PAGE_SIZE;
  ExpectRefused();
}
#endif

#ifdef SMMUV3_TWO_LEVEL_CDS
TEST_F(SmmuV3Refusal, CdTablesOfAnotherNumber) {
  ++Device()->arm_smmu_v3.num_l2_cdtables;
  ExpectRefused();
}

TEST_F(SmmuV3Refusal, CdStatesOutOfRange) {
  Device()->arm_smmu_v3.l2_cdtab_lu_states_phys = 0x7fff'ffff'f000ull;
  ExpectRefused();
}

TEST_F(SmmuV3Refusal, CdStateOfAnotherTable) {
  Page(Device()->arm_smmu_v3.l2_cdtab_lu_states_phys)[0] = Device()->arm_smmu_v3.l1_cdtab_lu_state;
  ExpectRefused();
}
#endif

// The tables are memory too.
TEST_F(SmmuV3Refusal, TableOutOfRange) {
  u64* top = Page(Domain()->top_table_phys);
  top[2] = 0x7fff'ffff'f003ull;  // of addresses that nothing is mapped at
  ExpectRefused();
}

TEST_F(SmmuV3Refusal, TableThatIsItsOwnChild) {
  u64* top = Page(Domain()->top_table_phys);
  top[2] = Domain()->top_table_phys | 3;
  Run(Retrieve());
  EXPECT_FALSE(outcome_.crashed());
  EXPECT_NE(outcome_.findings, 0u);
}

}  // namespace
}  // namespace holdfast::kernel
