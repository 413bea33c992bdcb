// R6: the driver calls of each command against the ledger and the records. Each test changes one
// call or record and says whether that breaks the pairing.
#include <gtest/gtest.h>

#include "model/rules/rule_fixtures.h"
#include "model/rules/rules.h"

namespace holdfast {
namespace {

TEST_F(StepRules, PreserveAndUnpreserveArePaired) {
  PreserveDom0AndDev0();
  DropDev0(after);
  EXPECT_EQ(Broken(UnpreserveDevice(0, 0), kDev0Unpreserved), "");
  Next();
  after.flb.domains[0] = Deleted<DomainSlot>();
  after.preserved_state[0] = kNull;
  EXPECT_EQ(Broken(UnpreserveDomain(0), WithCall(Void(), Op::kPtUnpreserve, 0, 0)), "");
  EXPECT_EQ(ledger, Ledger());
}

TEST_F(StepRules, RightUnpreserveThatDoesNothingBreaksPaired) {  // D6
  PreserveDom0AndDev0();
  EXPECT_EQ(Broken(UnpreserveDevice(0, 0), Void()), "R6");
  // get_outgoing failed, and said so
  EXPECT_EQ(Broken(UnpreserveDevice(0, 0), WithFaultFired(Warned())), "");
  before.owner_claims[0] = after.owner_claims[0] = 0;
  // D12: wrong to ask, but nobody says so
  EXPECT_EQ(Broken(UnpreserveDevice(0, 0), Void()), "R6");
  EXPECT_EQ(Broken(UnpreserveDevice(0, 0), Warned()), "R15");
  after.flb.devices[0] = Deleted<DeviceSlot>();
  // gone from the records, not from the driver
  EXPECT_EQ(Broken(UnpreserveDevice(0, 0), Void()), "R6");
}

TEST_F(StepRules, RightUnpreserveOfADomainThatDoesNothingBreaksPaired) {
  AddFile(after);
  Next();
  AddDomain(after, 0);
  EXPECT_EQ(Broken(PreserveDomain(0), WithCall(Returned(0), Op::kPtPreserve, 0, 0)), "");
  Next();
  EXPECT_EQ(Broken(UnpreserveDomain(0), Void()), "R6");
  EXPECT_EQ(Broken(UnpreserveDomain(1), Void()), "");  // silent, as nothing is preserved
}

TEST_F(StepRules, PreserveThatNeverAskedTheDriverBreaksPaired) {
  AddFile(after);
  AddDomain(after, 0);
  EXPECT_EQ(Broken(PreserveDomain(0), Returned(0)), "R6");
  after = before;
  AddFile(after);
  AddDevice(topology, after, 0);
  EXPECT_EQ(Broken(PreserveDevice(0, 0), Returned(0)), "R6");
  EXPECT_EQ(Broken(PreserveDevice(0, 0), WithCall(Returned(0), Op::kIommuPreserve, 0, 0)), "R6");
}

TEST_F(StepRules, PreserveThatReturnsZeroAndDoesNothingBreaksPaired) {
  AddFile(after);
  Next();
  EXPECT_EQ(Broken(PreserveDomain(0), Returned(0)), "R6");
  EXPECT_EQ(Broken(PreserveDevice(0, 0), Returned(0)), "R6");
  EXPECT_EQ(Broken(PreserveDomain(0), WithCall(Returned(0), Op::kPtPreserve, 0, 0, -EIO)), "R6");
  EXPECT_EQ(Broken(PreserveDomain(0), WithCall(Returned(-EIO), Op::kPtPreserve, 0, 0, -EIO)), "");
}

TEST_F(StepRules, UnpreserveBeforePreserveWithinACallBreaksPaired) {
  AddFile(after);
  Next();
  AddDomain(after, 0);
  const Outcome preserved = WithCall(Returned(0), Op::kPtPreserve, 0, 0);
  const Outcome both =
      WithCall(WithCall(preserved, Op::kPtUnpreserve, 0, 0), Op::kPtPreserve, 0, 0);
  const Outcome backwards =
      WithCall(WithCall(Returned(0), Op::kPtUnpreserve, 0, 0), Op::kPtPreserve, 0, 0);
  const Outcome and_again = WithCall(backwards, Op::kPtPreserve, 0, 0);
  EXPECT_EQ(Broken(Freeze(), both), "");
  ledger.Clear();
  EXPECT_EQ(Broken(Freeze(), and_again), "R6");
  ledger.Clear();
  after = before;
  AddDevice(topology, after, 0);
  Outcome device =
      WithCall(WithCall(Returned(0), Op::kIommuPreserve, 0, 0), Op::kIommuUnpreserveDevice, 0, 0);
  device =
      WithCall(WithCall(device, Op::kIommuPreserveDevice, 0, 0), Op::kIommuPreserveDevice, 0, 0);
  EXPECT_EQ(Broken(Freeze(), device), "R6");
  ledger.Clear();
  after = before;
  EXPECT_EQ(Broken(Freeze(), WithCall(WithCall(Returned(0), Op::kIommuUnpreserve, 0, 0),
                                      Op::kIommuPreserve, 0, 0)),
            "R6");
}

TEST_F(StepRules, FailedPreserveIsUndoneByNoUnpreserve) {
  AddFile(after);
  AddDomain(after, 0);
  Next();
  ledger.Clear();
  before.flb.domains.clear();
  after = before;
  after.flb.iommus.push_back(Deleted<HwSlot>());
  after.flb.devices.push_back(Deleted<DeviceSlot>());
  after.preserved_state = before.preserved_state;
  const Outcome failed = WithCall(Returned(-EIO), Op::kIommuPreserve, 0, 0, -EIO);
  EXPECT_EQ(Broken(PreserveDevice(0, 0), failed), "");
  EXPECT_EQ(Broken(PreserveDevice(0, 0), WithCall(failed, Op::kIommuUnpreserve, 0, 0)), "R6");
  ledger.Clear();
  const Outcome device_failed =
      WithCall(WithCall(WithCall(Returned(-EIO), Op::kIommuPreserve, 0, 0),
                        Op::kIommuPreserveDevice, 0, 0, -EIO),
               Op::kIommuUnpreserve, 0, 0);
  EXPECT_EQ(Broken(PreserveDevice(0, 0), device_failed), "");
  EXPECT_EQ(Broken(PreserveDevice(0, 0), WithCall(device_failed, Op::kIommuUnpreserveDevice, 0, 0)),
            "R6");
}

TEST_F(StepRules, RefusedGroupIsUndoneInOrder) {  // v5, more than one device in the group
  AddFile(after);
  Next();
  after.flb.iommus.push_back(Deleted<HwSlot>());
  after.flb.devices.push_back(Deleted<DeviceSlot>());
  Outcome outcome = WithCall(WithCall(Returned(-EOPNOTSUPP), Op::kIommuPreserve, 0, 0),
                             Op::kIommuPreserveDevice, 0, 0);
  outcome =
      WithCall(WithCall(outcome, Op::kIommuUnpreserveDevice, 0, 0), Op::kIommuUnpreserve, 0, 0);
  EXPECT_EQ(Broken(PreserveDevice(0, 0), outcome), "");
  EXPECT_EQ(ledger, Ledger());
}

TEST_F(StepRules, DeviceBeforeItsHwBreaksPaired) {
  AddFile(after);
  AddDomain(after, 0);
  Next();
  Ledger at_start;
  EXPECT_EQ(Broken(PreserveDomain(0), WithCall(Returned(0), Op::kPtPreserve, 0, 2)), "");
  at_start = ledger;
  AddDevice(topology, after, 0);
  const Outcome right =
      WithCall(WithCall(Returned(0), Op::kIommuPreserve, 0, 0), Op::kIommuPreserveDevice, 0, 0);
  const Outcome wrong =
      WithCall(WithCall(Returned(0), Op::kIommuPreserveDevice, 0, 0), Op::kIommuPreserve, 0, 0);
  EXPECT_EQ(Broken(PreserveDevice(0, 0), right), "");
  ledger = at_start;
  EXPECT_EQ(Broken(PreserveDevice(0, 0), wrong), "R6");
}

TEST_F(StepRules, HwBeforeItsLastDeviceBreaksPaired) {
  PreserveDom0AndDev0();
  DropDev0(after);
  EXPECT_EQ(Broken(UnpreserveDevice(0, 0), WithCall(WithCall(Void(), Op::kIommuUnpreserve, 0, 0),
                                                    Op::kIommuUnpreserveDevice, 0, 0)),
            "R6");
}

TEST_F(StepRules, HwIsPreservedOnceForAllItsDevices) {
  PreserveDom0AndDev0();
  AddDevice(topology, after, 2);
  const Ledger at_start = ledger;
  const Outcome once = WithCall(Returned(0), Op::kIommuPreserveDevice, 2, 1);
  EXPECT_EQ(Broken(PreserveDevice(0, 2), once), "");
  ledger = at_start;
  EXPECT_EQ(Broken(PreserveDevice(0, 2), WithCall(WithCall(Returned(0), Op::kIommuPreserve, 0, 1),
                                                  Op::kIommuPreserveDevice, 2, 1)),
            "R6");
}

TEST_F(StepRules, PreserveOfAHwThatIsPreservedBreaksPairedEvenIfItFails) {
  PreserveDom0AndDev0();
  after.flb.iommus.push_back(Deleted<HwSlot>());
  EXPECT_EQ(Broken(PreserveDevice(0, 2), WithCall(Returned(-EIO), Op::kIommuPreserve, 0, 1, -EIO)),
            "R6");
  EXPECT_EQ(Broken(PreserveDevice(0, 1), WithCall(Returned(-EIO), Op::kIommuPreserve, 1, 1, -EIO)),
            "");
}

TEST_F(StepRules, UnpreserveOfAHwThatAnotherDeviceNeedsBreaksPaired) {
  PreserveDom0AndDev0();
  AddDevice(topology, after, 2);
  EXPECT_EQ(Broken(PreserveDevice(0, 2), WithCall(Returned(0), Op::kIommuPreserveDevice, 2, 1)),
            "");
  Next();
  DropDev0(after);
  EXPECT_EQ(Broken(UnpreserveDevice(0, 0), kDev0Unpreserved), "R6");
}

TEST_F(StepRules, PreserveOpHandedAnOldSlotBreaksPaired) {
  PreserveDom0AndDev0();
  AddDomain(after, 1);
  const Ledger at_start = ledger;
  EXPECT_EQ(Broken(PreserveDomain(1), WithCall(Returned(0), Op::kPtPreserve, 1, 1)), "");
  ledger = at_start;
  EXPECT_EQ(Broken(PreserveDomain(1), WithCall(Returned(0), Op::kPtPreserve, 1, 0)), "R6");
  ledger = at_start;
  after = before;
  AddDevice(topology, after, 1);
  const auto preserved = [](SlotRef hw, SlotRef device) {
    return WithCall(WithCall(Returned(0), Op::kIommuPreserve, 1, hw), Op::kIommuPreserveDevice, 1,
                    device);
  };
  EXPECT_EQ(Broken(PreserveDevice(0, 1), preserved(1, 1)), "");
  ledger = at_start;
  EXPECT_EQ(Broken(PreserveDevice(0, 1), preserved(0, 1)), "R6");
  ledger = at_start;
  EXPECT_EQ(Broken(PreserveDevice(0, 1), preserved(1, 0)), "R6");
}

TEST_F(StepRules, PreserveOpOfAnIommuThatIsPreservedBreaksPairedAndNotHeld) {
  PreserveDom0AndDev0();
  AddDevice(topology, after, 0);
  const Ledger at_start = ledger;
  Outcome outcome =
      WithCall(WithCall(Returned(0), Op::kIommuPreserve, 0, 1), Op::kIommuPreserveDevice, 0, 1);
  outcome.findings = FindingBit(Finding::kPublishedEarly);
  EXPECT_EQ(Broken(PreserveDevice(0, 0), outcome), "R6");
  ledger = at_start;
  outcome.calls[0].object = 1;  // which is preserved for the first time
  EXPECT_EQ(Broken(PreserveDevice(0, 0), outcome), "R1 R6");
}

TEST_F(StepRules, SecondPreserveOfADeviceIsPairedWhileItsRecordLives) {  // D2 breaks R4, not R6
  PreserveDom0AndDev0();
  AddDevice(topology, after, 0);
  EXPECT_EQ(Broken(PreserveDevice(0, 0), WithCall(Returned(0), Op::kIommuPreserveDevice, 0, 1)),
            "");
}

TEST_F(StepRules, OpHandedAnotherSlotBreaksPaired) {
  PreserveDom0AndDev0();
  DropDev0(after);
  for (SlotRef slot : {kNull, kStale, kWild}) {
    const Ledger at_start = ledger;
    EXPECT_EQ(Broken(UnpreserveDevice(0, 0),
                     WithCall(WithCall(Void(), Op::kIommuUnpreserveDevice, 0, slot),
                              Op::kIommuUnpreserve, 0, 0)),
              "R6");
    ledger = at_start;
  }
  EXPECT_EQ(Broken(UnpreserveDevice(0, 0), kDev0Unpreserved), "");
}

TEST_F(StepRules, UnpreserveOpHandedTheSlotOfAnotherBreaksPaired) {
  PreserveDom0AndDev0();
  AddDomain(after, 1);
  EXPECT_EQ(Broken(PreserveDomain(1), WithCall(Returned(0), Op::kPtPreserve, 1, 1)), "");
  Next();
  AddDevice(topology, after, 1);
  EXPECT_EQ(Broken(PreserveDevice(0, 1), WithCall(WithCall(Returned(0), Op::kIommuPreserve, 1, 1),
                                                  Op::kIommuPreserveDevice, 1, 1)),
            "");
  Next();
  const Ledger at_start = ledger;
  DropDev0(after);
  const auto unpreserved = [](SlotRef device, SlotRef hw) {
    return WithCall(WithCall(Void(), Op::kIommuUnpreserveDevice, 0, device), Op::kIommuUnpreserve,
                    0, hw);
  };
  EXPECT_EQ(Broken(UnpreserveDevice(0, 0), unpreserved(0, 0)), "");
  ledger = at_start;
  EXPECT_EQ(Broken(UnpreserveDevice(0, 0), unpreserved(1, 0)), "R6");
  ledger = at_start;
  EXPECT_EQ(Broken(UnpreserveDevice(0, 0), unpreserved(0, 1)), "R6");
  ledger = at_start;
  after = before;
  after.flb.domains[1] = Deleted<DomainSlot>();
  after.preserved_state[1] = kNull;
  EXPECT_EQ(Broken(UnpreserveDomain(1), WithCall(Void(), Op::kPtUnpreserve, 1, 1)), "");
  ledger = at_start;
  EXPECT_EQ(Broken(UnpreserveDomain(1), WithCall(Void(), Op::kPtUnpreserve, 1, 0)), "R6");
}

TEST_F(StepRules, OpForAnObjectThatDoesNotExistBreaksPaired) {
  for (int op = 0; op < static_cast<int>(Op::kVisit); ++op) {
    EXPECT_EQ(Broken(Freeze(), WithCall(Returned(0), static_cast<Op>(op), 200, 0)), "R6") << op;
  }
}

TEST_F(StepRules, KexecClosesTheLedger) {
  PreserveDom0AndDev0();
  after = HandmadeState(topology);
  EXPECT_EQ(Broken(Kexec(), Void()), "");
  EXPECT_EQ(ledger, Ledger());
}

TEST_F(StepRules, FlbThatGoesBeforeTheDriverWasToldBreaksPaired) {  // D17
  PreserveDom0AndDev0();
  DropFlb(after);
  EXPECT_EQ(Broken(UnpreserveFile(), Void()), "R6");
}

}  // namespace
}  // namespace holdfast
