// The records that every driver port must refuse. The vendors' own records are in
// vtd/refusal_test.cc and smmuv3/refusal_test.cc.
#include "sut/ports/refusal.h"

namespace holdfast::kernel {
namespace {

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
  *reinterpret_cast<u64*>(PageAddress(PageOfPhysical(machine().luo.incoming.data))) = 2;
  Run(Retrieve());
  EXPECT_EQ(outcome_.error, -EINVAL);
  ExpectRefusedAndUnharmed();
}

TEST_F(Refusal, UnitOfAnotherType) {
  Hw()->type = 7;
  ExpectRefusedAndUnharmed();
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
  ExpectRefusedAndUnharmed();
}

TEST_F(Refusal, DeviceWithAnotherId) {
  Device()->domain_iommu_ser.attachment_id += 1;
  ExpectRefusedAndUnharmed();
}

TEST_F(Refusal, DeviceWithAnIdOutOfRange) {
  Device()->domain_iommu_ser.attachment_id = 1ull << 40;
  ExpectRefusedAndUnharmed();
}

TEST_F(Refusal, DeviceThatNamesNoDomain) {
  Device()->domain_iommu_ser.domain_phys = 0x1234;
  ExpectRefusedAndUnharmed();
}

TEST_F(Refusal, DomainOfAnotherDepth) {
  Domain()->top_level = 4;
  ExpectRefusedAndUnharmed();
}

TEST_F(Refusal, DomainOfAnotherWidth) {
  Domain()->vasz = 57;
  ExpectRefusedAndUnharmed();
}

TEST_F(Refusal, DomainOfAnotherTable) {
  Domain()->top_table_phys += PAGE_SIZE;
  ExpectRefusedAndUnharmed();
}

// The tables are memory too. In each format here, the descriptor of a table is the table's address
// and two bits.
TEST_F(Refusal, TableOutOfRange) {
  Page(Domain()->top_table_phys)[2] = kNoMemory | 3;  // of addresses that nothing is mapped at
  ExpectRefusedAndUnharmed();
}

TEST_F(Refusal, TableThatIsItsOwnChild) {
  Page(Domain()->top_table_phys)[2] = Domain()->top_table_phys | 3;
  ExpectRefused();
}

TEST_F(Refusal, ChainThatComesBackEnds) {
  auto* header = reinterpret_cast<struct iommu_array_hdr_ser*>(Page(virt_to_phys(Device())));
  header->next_array_phys = virt_to_phys(header);
  Run(Attach(0, 1));
  EXPECT_FALSE(outcome_.crashed());
}

TEST_F(Refusal, ChainCutShortLosesItsDevices) {
  reinterpret_cast<struct iommu_array_hdr_ser*>(Page(virt_to_phys(Device())))->nr_objects = 1;
  Run(Attach(0, 1));
  EXPECT_FALSE(outcome_.crashed());
  EXPECT_EQ(Look().adopted[2], kNone);
}

}  // namespace
}  // namespace holdfast::kernel
