// What comes over a kexec is memory, and may be anything: a driver that finds a record which cannot be true refuses it, says so, and
// follows nothing in it.
#include <gtest/gtest.h>
#include <linux/io.h>
#include <linux/iommu-liveupdate.h>

#include <functional>

#include "model/reach.h"
#include "sut/kernel/adapter.h"
#include "sut/kernel/call.h"
#include "sut/kernel/live_records.h"
#include "sut/kernel/machine.h"
#include "sut/kernel/units.h"

namespace holdfast::kernel {
namespace {

class Refusal : public testing::Test {
 protected:
  // Two devices of two buses behind one IOMMU, preserved with one domain, and handed over; a third is not preserved.
  Refusal() : sut_(MakeKernelSut()) {
    sut_->Reset(MakeTopology(1, 4, 1), Luo::kStageC);
    for (const Command& command :
         {PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0), PreserveDevice(0, 2), Freeze(), Kexec()}) {
      Run(command);
      EXPECT_EQ(outcome_.error, 0);
      EXPECT_EQ(outcome_.findings, 0u);
    }
  }

  void Run(const Command& command) { sut_->Run(command, outcome_); }
  Reach Look() {
    Observation seen;
    sut_->Observe(seen);
    return seen.reach;
  }
  template <typename Record>
  static Record* First(Chain chain) {
    return reinterpret_cast<Record*>(LiveRecords(kBinding.layout, chain).Next());
  }
  static struct iommu_hw_ser* Hw() { return First<struct iommu_hw_ser>(Chain::kHw); }
  static struct iommu_domain_ser* Domain() { return First<struct iommu_domain_ser>(Chain::kDomain); }
  static struct iommu_device_ser* Device() { return First<struct iommu_device_ser>(Chain::kDevice); }
  static u64* Word(u64 physical) { return reinterpret_cast<u64*>(PageAddress(PageOfPhysical(physical & ~0xfffull))); }

  // The driver comes up, refuses and lives.
  void ExpectRefused() {
    Run(Attach(0, 1));
    EXPECT_FALSE(outcome_.crashed());
    EXPECT_TRUE(outcome_.findings & FindingBit(Finding::kRestoreRefused));
  }

  std::unique_ptr<Sut> sut_;
  Outcome outcome_;
};

TEST_F(Refusal, SoundRecordsAreTakenOver) {
  EXPECT_EQ(Look().device[0], 0);
  EXPECT_EQ(Look().device[1], Reach::kBlocked);
  Run(Retrieve());
  EXPECT_EQ(outcome_.findings, 0u);
  const Reach reach = Look();
  EXPECT_EQ(reach.iommus, 1);
  EXPECT_EQ(reach.domains, 1);
  EXPECT_EQ(reach.adopted[0], 0);
  EXPECT_EQ(reach.adopted[2], 0);
  EXPECT_EQ(reach.adopted[1], kNone);
  EXPECT_EQ(reach.device[2], 0);
}

TEST_F(Refusal, AnotherVersion) {
  *Word(machine().luo.incoming.data) = 2;
  Run(Retrieve());
  EXPECT_EQ(outcome_.error, -EINVAL);
  ExpectRefused();
  EXPECT_EQ(Look().device[0], 0) << "the unit was touched";
}

TEST_F(Refusal, UnitOfAnotherType) {
  Hw()->type = 7;
  ExpectRefused();
}

TEST_F(Refusal, UnitAtAnotherPlace) {
  Hw()->intel.phys_addr += 0x1000;
  ExpectRefused();
}

TEST_F(Refusal, RootTableThatTheUnitDoesNotUse) {
  Hw()->intel.root_table += PAGE_SIZE;
  ExpectRefused();
}

TEST_F(Refusal, RootTableOutOfRange) {
  Hw()->intel.root_table = 0x7fff'ffff'f000ull;
  ExpectRefused();
}

TEST_F(Refusal, ContextTableInUseThatIsNotRecorded) {
  for (u64& word : reinterpret_cast<u64(&)[8]>(Hw()->intel.context_tables_bitmap)) word = 0;
  ExpectRefused();
}

TEST_F(Refusal, ContextTableThatIsNotThere) {
  reinterpret_cast<u64(&)[8]>(Hw()->intel.context_tables_bitmap)[7] |= 1ull << 63;
  ExpectRefused();
}

TEST_F(Refusal, DeviceWhoseIommuIsDeleted) {
  Hw()->hdr.flags |= IOMMU_SER_FLAG_DELETED;
  ExpectRefused();
}

TEST_F(Refusal, DeviceWhoseDomainIsDeleted) {
  Domain()->hdr.flags |= IOMMU_SER_FLAG_DELETED;
  ExpectRefused();
}

TEST_F(Refusal, DeviceWithoutAnId) {
  Device()->domain_iommu_ser.attachment_id = 0;
  ExpectRefused();
}

TEST_F(Refusal, DeviceWithAnotherId) {
  Device()->domain_iommu_ser.attachment_id += 1;
  ExpectRefused();
}

TEST_F(Refusal, DeviceWithAnIdOutOfRange) {
  Device()->domain_iommu_ser.attachment_id = 1ull << 40;
  ExpectRefused();
}

TEST_F(Refusal, DeviceThatNamesNoDomain) {
  Device()->domain_iommu_ser.domain_phys = 0x1234;
  ExpectRefused();
}

#ifdef VTD_SCALABLE
TEST_F(Refusal, DeviceWithAnotherPasidTable) {
  Device()->intel.pasid_table += PAGE_SIZE;
  ExpectRefused();
}
#endif

TEST_F(Refusal, DomainOfAnotherDepth) {
  Domain()->top_level = 4;
  ExpectRefused();
}

TEST_F(Refusal, DomainOfAnotherWidth) {
  Domain()->vasz = 57;
  ExpectRefused();
}

TEST_F(Refusal, TableOutOfRange) {
  Word(Domain()->top_table_phys)[0] = (Word(Domain()->top_table_phys)[0] & 0xfff) | 0x7fff'ffff'f000ull;
  ExpectRefused();
}

TEST_F(Refusal, TableThatIsItsOwnChild) {
  u64* top = Word(Domain()->top_table_phys);
  top[0] = (top[0] & 0xfff) | Domain()->top_table_phys;
  ExpectRefused();
}

TEST_F(Refusal, ChainThatComesBackEnds) {
  auto* header = reinterpret_cast<struct iommu_array_hdr_ser*>(Word(virt_to_phys(Device())));
  header->next_array_phys = virt_to_phys(header);
  Run(Attach(0, 1));
  EXPECT_FALSE(outcome_.crashed());
}

TEST_F(Refusal, ChainCutShortLosesItsDevices) {
  reinterpret_cast<struct iommu_array_hdr_ser*>(Word(virt_to_phys(Device())))->nr_objects = 1;
  Run(Attach(0, 1));
  EXPECT_FALSE(outcome_.crashed());
#ifdef VTD_SCALABLE
  EXPECT_TRUE(outcome_.findings & FindingBit(Finding::kPageNotRestored));  // what the lost device had
#endif
  EXPECT_EQ(Look().adopted[2], kNone);
}

}  // namespace
}  // namespace holdfast::kernel
