// What the VT-d port must refuse of its own part of the records.
#include "sut/ports/refusal.h"

namespace holdfast::kernel {
namespace {

TEST_F(Refusal, UnitAtAnotherPlace) {
  Hw()->intel.phys_addr += 0x1000;
  ExpectRefusedAndUnharmed();
}

TEST_F(Refusal, RootTableThatTheUnitDoesNotUse) {
  Hw()->intel.root_table += PAGE_SIZE;
  ExpectRefusedAndUnharmed();
}

TEST_F(Refusal, RootTableOutOfRange) {
  Hw()->intel.root_table = kNoMemory;
  ExpectRefusedAndUnharmed();
}

TEST_F(Refusal, ContextTableInUseThatIsNotRecorded) {
  for (u64& word : reinterpret_cast<u64(&)[8]>(Hw()->intel.context_tables_bitmap)) word = 0;
  ExpectRefusedAndUnharmed();
}

TEST_F(Refusal, ContextTableThatIsNotThere) {
  reinterpret_cast<u64(&)[8]>(Hw()->intel.context_tables_bitmap)[7] |= 1ull << 63;
  ExpectRefusedAndUnharmed();
}

#ifdef VTD_SCALABLE
TEST_F(Refusal, DeviceWithAnotherPasidTable) {
  Device()->intel.pasid_table += PAGE_SIZE;
  ExpectRefusedAndUnharmed();
}

TEST_F(Refusal, ChainCutShortLeavesTheTablesOfTheLostDevice) {
  reinterpret_cast<struct iommu_array_hdr_ser*>(Page(virt_to_phys(Device())))->nr_objects = 1;
  Run(Attach(0, 1));
  EXPECT_TRUE(outcome_.findings & FindingBit(Finding::kPageNotRestored));
}
#endif

}  // namespace
}  // namespace holdfast::kernel
