// A machine after a kexec, whose records a test damages: the fixture of the tests of what a driver
// port must refuse.
//
// The records that came over are memory, and may hold anything. A driver that finds an impossible
// record refuses the record, reports that, and follows nothing in the record. The driver leaves the
// hardware as it is, because DMA goes on.
#ifndef HOLDFAST_SUT_PORTS_REFUSAL_H_
#define HOLDFAST_SUT_PORTS_REFUSAL_H_

#include <gtest/gtest.h>
#include <linux/io.h>
#include <linux/iommu-liveupdate.h>

#include <memory>

#include "model/reach.h"
#include "sut/kernel/adapter/adapter.h"
#include "sut/kernel/binding.h"
#include "sut/kernel/machine/call.h"
#include "sut/kernel/live_records.h"
#include "sut/kernel/machine/machine.h"
#include "sut/kernel/units.h"

namespace holdfast::kernel {

class Refusal : public testing::Test {
 protected:
  // Two devices behind one unit, dev0 and dev2, were preserved with one domain and handed over; two
  // other devices were not.
  Refusal() : sut_(MakeKernelSut()) {
    sut_->Reset(MakeTopology(1, 4, 1), Luo::kStageC);
    for (const Command& command : {PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0),
                                   PreserveDevice(0, 2), Freeze(), Kexec()}) {
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
  static struct iommu_domain_ser* Domain() {
    return First<struct iommu_domain_ser>(Chain::kDomain);
  }
  static struct iommu_device_ser* Device() {
    return First<struct iommu_device_ser>(Chain::kDevice);
  }
  // The words of the page that contains a physical address.
  static u64* Page(u64 physical) {
    return reinterpret_cast<u64*>(PageAddress(PageOfPhysical(physical & ~0xfffull)));
  }

  // The driver comes up, refuses and lives.
  void ExpectRefused() {
    Run(Attach(0, 1));
    EXPECT_FALSE(outcome_.crashed());
    EXPECT_TRUE(outcome_.findings & FindingBit(Finding::kRestoreRefused));
  }
  // The device goes on translating as the kernel before left it.
  void ExpectRefusedAndUnharmed() {
    ExpectRefused();
    EXPECT_EQ(Look().device[0], 0);
  }

  static constexpr u64 kNoMemory = 0x7fff'ffff'f000ull;

  std::unique_ptr<Sut> sut_;
  Outcome outcome_;
};

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_PORTS_REFUSAL_H_
