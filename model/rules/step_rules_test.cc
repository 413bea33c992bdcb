// The rules over a step but for R6 (ledger_test.cc). Both ends are put together by hand; each test
// changes one thing between them and names what must break.
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "model/rules/rule_fixtures.h"
#include "model/rules/rules.h"

namespace holdfast {
namespace {

// R5

TEST_F(StepRules, FailedCallMayOnlyUseUpSlots) {
  PreserveDom0AndDev0();
  after.flb.devices.push_back(Deleted<DeviceSlot>());
  after.flb.iommus.push_back(Deleted<HwSlot>());
  after.flb.domains.push_back(Deleted<DomainSlot>());
  EXPECT_EQ(Broken(PreserveDevice(0, 1), Returned(-ENOMEM)), "");
  EXPECT_EQ(Checked(PreserveDevice(0, 1), Returned(-ENOMEM)), "R5 R7 R15");
}

TEST_F(StepRules, FailedCallThatChangesAnythingBreaksAtomic) {
  PreserveDom0AndDev0();
  const auto spoilt = [&](auto spoil) {
    after = before;
    spoil(after);
    return Broken(PreserveDevice(0, 1), Returned(-ENOMEM));
  };
  EXPECT_EQ(spoilt([](State&) {}), "");
  EXPECT_EQ(spoilt([](State& s) { s.outgoing_preserved_state[1] = 0; }), "R5");
  EXPECT_EQ(spoilt([](State& s) { s.device_ser[1] = 0; }), "R5");
  EXPECT_EQ(spoilt([](State& s) { s.preserved_state[1] = 0; }), "R5");
  EXPECT_EQ(spoilt([](State& s) { s.flb.iommus[0].ref_count = 2; }), "R5");
  EXPECT_EQ(spoilt([](State& s) { s.kho.devices |= 2; }), "R5");
  EXPECT_EQ(spoilt([](State& s) { s.kho.stray = 1; }), "R5");
  EXPECT_EQ(spoilt([](State& s) { s.owner_claims[1] = 0; }), "R5");
  EXPECT_EQ(spoilt([](State& s) { s.attached[1] = 1; }), "R5");
  EXPECT_EQ(spoilt([](State& s) { s.files = 2; }), "R5");
  EXPECT_EQ(spoilt([](State& s) { s.frozen = true; }), "R5");
  EXPECT_EQ(spoilt([](State& s) { s.incoming.status = Incoming::Status::kFailed; }), "R5");
  EXPECT_EQ(spoilt([](State& s) { s.flb_refs = 2; }), "");  // R11's
}

TEST_F(StepRules, SlotLeftLiveByAFailedCallBreaksAtomic) {
  PreserveDom0AndDev0();
  after.flb.devices.push_back({.device = 1});
  // the driver has not heard of it
  EXPECT_EQ(Broken(PreserveDevice(0, 1), Returned(-ENOMEM)), "R5 R6");
}

TEST_F(StepRules, FailedCallThatWritesItsOutParameterBreaksAtomic) {
  AddFile(after);
  Next();
  Outcome outcome = Returned(-EINVAL);
  EXPECT_EQ(Broken(PreserveDevice(0, 0), outcome), "");
  outcome.out = 0;
  EXPECT_EQ(Broken(PreserveDevice(0, 0), outcome), "R5");
  outcome = Returned(-EINVAL);
  outcome.findings = FindingBit(Finding::kOutParamOnFailure);
  EXPECT_EQ(Broken(PreserveDevice(0, 0), outcome), "R5");
}

TEST_F(StepRules, VoidCallThatWarnedMayChangeNothing) {
  after.files = 1;
  EXPECT_EQ(Broken(UnpreserveDomain(0), Warned()), "R5 R15");
  after.files = 0;
  EXPECT_EQ(Broken(UnpreserveDomain(0), Warned()), "R15");
}

TEST_F(StepRules, FailedRetrieveMaySayThatItFailedAndNoMore) {
  before.incoming.status = Incoming::Status::kHandedOver;
  before.incoming.files = 1;
  after = before;
  after.incoming.status = Incoming::Status::kFailed;
  after.incoming.error = -ENOMEM;
  EXPECT_EQ(Broken(Retrieve(), Returned(-ENOMEM)), "");
  after.incoming.status = Incoming::Status::kRetrieved;
  EXPECT_EQ(Broken(Retrieve(), Returned(-ENOMEM)), "R5");
  after.incoming.status = Incoming::Status::kFailed;
  after.incoming.files = 0;
  EXPECT_EQ(Broken(Retrieve(), Returned(-ENOMEM)), "R5");
}

TEST_F(StepRules, SuccessIsNotHeldToAtomic) {
  AddFile(after);
  EXPECT_EQ(Checked(PreserveFile(), Returned(0)), "R15");
}

// R7

TEST_F(StepRules, SlotsStayWhatTheyWere) {
  PreserveDom0AndDev0();
  const auto spoilt = [&](auto spoil) {
    after = before;
    spoil(after.flb);
    return Names(ledger.Check({topology, profile, before, Freeze(), Returned(0), after}).broken &
                 RuleBit(Rule::kAppendOnly));
  };
  before.flb.devices.push_back(Deleted<DeviceSlot>());
  EXPECT_EQ(spoilt([](Flb&) {}), "");
  EXPECT_EQ(spoilt([](Flb& flb) { flb.iommus[0].ref_count = 2; }), "");
  EXPECT_EQ(spoilt([](Flb& flb) { flb.iommus[0] = Deleted<HwSlot>(); }), "");
  EXPECT_EQ(spoilt([](Flb& flb) { flb.devices.push_back({}); }), "");
  EXPECT_EQ(spoilt([](Flb& flb) { flb.devices.pop_back(); }), "R7");
  EXPECT_EQ(spoilt([](Flb& flb) { flb.devices[1].deleted = false; }), "R7");
  EXPECT_EQ(spoilt([](Flb& flb) { flb.devices[0].device = 1; }), "R7");
  EXPECT_EQ(spoilt([](Flb& flb) { flb.devices[0].attachment = 1; }), "R7");
  EXPECT_EQ(spoilt([](Flb& flb) { flb.devices[0].domain = kStale; }), "R7");
  EXPECT_EQ(spoilt([](Flb& flb) { flb.devices[0].hw = 1; }), "R7");
  EXPECT_EQ(spoilt([](Flb& flb) { flb.devices[0].dma_owner_token = 1; }), "R7");
  EXPECT_EQ(spoilt([](Flb& flb) { flb.devices[0].incoming = true; }), "R7");
  EXPECT_EQ(spoilt([](Flb& flb) { flb.domains[0].domain = 1; }), "R7");
  EXPECT_EQ(spoilt([](Flb& flb) { flb.iommus[0].iommu = 1; }), "R7");
  EXPECT_EQ(spoilt([](Flb& flb) { flb.Clear(); }), "");  // the FLB went away
}

// R10 and the findings

TEST_F(StepRules, EveryFindingBreaksItsRule) {
  const char* const rule_of[kFindingCount] = {
      "R10", "R10", "R10", "R10", "R10", "R6",  "R1",  "R1",  "R6",  "R8",
      "R8",  "R5",  "R15", "R12", "R8",  "R8",  "R8",  "R12", "R12", "R8",
      "R5",  "R10", "R12", "R12", "R13", "R12", "R11", "R13", "R12"};
  for (int i = 0; i < kFindingCount; ++i) {
    Outcome outcome = Void();
    outcome.findings = FindingBit(static_cast<Finding>(i));
    EXPECT_EQ(Broken(ForEachDev(0, 1), WithCall(outcome, Op::kVisit, 0)), rule_of[i]) << i;
  }
}

TEST_F(StepRules, LocksAreCheckedWhereADriverWasCalled) {
  EXPECT_EQ(Checked(Freeze(), Returned(0)), "R15");
  EXPECT_EQ(Checked(ForEachDev(0, 1), WithCall(Void(), Op::kVisit, 0)), "R6 R10 R15 R16");
}

// R15

TEST_F(StepRules, WarnAndCrashBreakQuiet) {
  EXPECT_EQ(Broken(UnpreserveDevice(0, 0), Warned()), "R15");
  EXPECT_EQ(Broken(PreserveDevice(0, 0), Crashed()), "R15");
}

TEST_F(StepRules, WarnOfAFaultInAVoidCallIsItsReport) {
  EXPECT_EQ(Broken(UnpreserveDevice(0, 0), WithFaultFired(Warned())), "");
  EXPECT_EQ(Broken(UnpreserveDomain(0), WithFaultFired(Warned())), "");
  EXPECT_EQ(Broken(Finish(), WithFaultFired(Warned())), "");
  Outcome warned = Returned(-ENOMEM);
  warned.warned = true;
  EXPECT_EQ(Broken(PreserveDevice(0, 0), WithFaultFired(warned)), "R15");
}

TEST_F(StepRules, EnvironmentMayComplainToItsCaller) {
  EXPECT_EQ(Broken(UnpreserveFile(), Warned()), "");
  EXPECT_EQ(Broken(ReleaseDmaOwner(0), Warned()), "");
  EXPECT_EQ(Broken(Finish(), Warned()), "");
  before.files = after.files = 1;
  EXPECT_EQ(Broken(UnpreserveFile(), Warned()), "R15") << "there was a file to give back";
}

TEST_F(StepRules, FinishMayReportARetrieveThatFailedBefore) {
  before.incoming.files = after.incoming.files = 1;
  EXPECT_EQ(Broken(Finish(), Warned()), "R15");
  before.incoming.status = after.incoming.status = Incoming::Status::kFailed;
  EXPECT_EQ(Broken(Finish(), Warned()), "");
}

TEST_F(StepRules, OnlyAPageThatCannotBeRestoredMayCrash) {
  const Outcome crashed = WithFaultFired(Crashed());
  EXPECT_EQ(Broken(WithFault(Retrieve(), FaultSite::kKhoRestore), crashed), "");
  EXPECT_EQ(Broken(WithFault(PreserveFile(), FaultSite::kKhoAlloc), crashed), "R15");  // D20
}

TEST_F(StepRules, CrashOwesNothingButQuiet) {
  PreserveDom0AndDev0();
  after = State();
  after.crashed = true;
  Outcome outcome = WithCall(Crashed(), Op::kIommuUnpreserve, 0, 7);
  outcome.findings = FindingBit(Finding::kLockLeaked);
  EXPECT_EQ(Broken(UnpreserveDevice(0, 0), outcome), "R15");
  outcome.findings |= FindingBit(Finding::kLockOrder);
  EXPECT_EQ(Broken(UnpreserveDevice(0, 0), outcome), "R10 R15");
}

// R16

class Walk : public StepRules {
 protected:
  Walk() {
    // Behind iommu0, in bus order: dev3 (platform); dev0, dev2, dev4 (PCI); dev5 (AMBA).
    topology.devices.resize(6);
    topology.devices[3] = {.iommu = 0, .group = 3, .bus = Bus::kPlatform};
    topology.devices[4] = {.iommu = 0, .group = 4};
    topology.devices[5] = {.iommu = 0, .group = 5, .bus = Bus::kAmba};
  }
  std::string Visits(int stop, std::initializer_list<int> devices) {
    Outcome outcome;
    for (int device : devices)
      outcome.AddCall({.op = Op::kVisit, .object = static_cast<std::uint8_t>(device)});
    return Broken(ForEachDev(0, static_cast<std::uint8_t>(stop)), outcome);
  }
};

TEST_F(Walk, VisitsExactlyTheDevicesOfEachBusInOrder) {
  EXPECT_EQ(Visits(0, {3, 0, 2, 4, 5}), "");
  EXPECT_EQ(Visits(0, {3, 0, 2, 4}), "R16");
  EXPECT_EQ(Visits(0, {3, 0, 4, 5}), "R16");
  EXPECT_EQ(Visits(0, {0, 2, 4, 5}), "R16");
  EXPECT_EQ(Visits(0, {3, 0, 1, 2, 4, 5}), "R16");
  EXPECT_EQ(Visits(0, {3, 0, 0, 2, 4, 5}), "R16");
  EXPECT_EQ(Visits(0, {3, 2, 0, 4, 5}), "R16");
  EXPECT_EQ(Visits(0, {5, 0, 2, 4, 3}), "");
  EXPECT_EQ(Visits(0, {0, 2, 3, 4, 5}), "");
  EXPECT_EQ(Visits(0, {}), "R16");
  EXPECT_EQ(Visits(0, {3, 0, 2, 4, 5, 200}), "R16");
}

TEST_F(Walk, SkipsWhatIsNotProbed) {
  topology.devices[2].probed = false;
  EXPECT_EQ(Visits(0, {3, 0, 4, 5}), "");
  EXPECT_EQ(Visits(0, {3, 0, 2, 4, 5}), "R16");
}

TEST_F(Walk, StopEndsItsBusAndNoOther) {
  EXPECT_EQ(Visits(1, {3, 0, 2, 4, 5}), "");
  EXPECT_EQ(Visits(2, {3, 0, 5}), "");
  EXPECT_EQ(Visits(3, {3, 0, 2, 5}), "");
  EXPECT_EQ(Visits(5, {3, 0, 2, 4, 5}), "");
  EXPECT_EQ(Visits(6, {3, 0, 2, 4, 5}), "");
  EXPECT_EQ(Visits(2, {3, 0}), "R16");
  EXPECT_EQ(Visits(2, {3, 0, 2, 5}), "R16");
  EXPECT_EQ(Visits(2, {3, 2, 5}), "R16");
  EXPECT_EQ(Visits(3, {3, 0, 5}), "R16");
  EXPECT_EQ(Visits(6, {3, 0, 2, 5}), "R16");
  EXPECT_EQ(Visits(2, {5, 0, 3}), "");
  EXPECT_EQ(Visits(2, {5, 0, 2, 4, 3}), "R16");
}

TEST_F(Walk, NoOtherCallVisits) {
  EXPECT_EQ(Broken(Freeze(), WithCall(Returned(0), Op::kVisit, 0)), "R16");
}

TEST_F(Walk, NoDriverOpRunsInAWalk) {
  EXPECT_EQ(Broken(ForEachDev(1), WithCall(Void(), Op::kVisit, 1)), "");
  EXPECT_EQ(Broken(ForEachDev(1),
                   WithCall(WithCall(Void(), Op::kVisit, 1), Op::kIommuPreserve, 1, 0, -EIO)),
            "R16");
  // in place of a visit
  EXPECT_EQ(Broken(ForEachDev(1), WithCall(Void(), Op::kPtPreserve, 1, 0, -EIO)), "R16");
}

// R12

TEST_F(StepRules, WhatIsLiveAtTheFreezeMustComeOver) {
  PreserveDom0AndDev0();
  before.frozen = before.frozen_flb = true;
  before.frozen_files = 1;
  const auto arrives = [&](auto spoil) {
    after = HandmadeState(topology);
    after.incoming = {.status = Incoming::Status::kHandedOver, .files = 1, .flb = before.flb};
    spoil(after.incoming);
    return Broken(Kexec(), Void());
  };
  EXPECT_EQ(arrives([](Incoming&) {}), "");
  EXPECT_EQ(arrives([](Incoming& incoming) { incoming.status = Incoming::Status::kNone; }), "R12");
  EXPECT_EQ(arrives([](Incoming& incoming) { incoming.lost = true; }), "R12");
  EXPECT_EQ(arrives([](Incoming& incoming) { incoming.flb.devices[0].deleted = true; }), "R12");
  EXPECT_EQ(arrives([](Incoming& incoming) { incoming.flb.devices.clear(); }), "R12");
  EXPECT_EQ(arrives([](Incoming& incoming) { incoming.flb.devices.push_back({.device = 1}); }),
            "R12");
  EXPECT_EQ(arrives([](Incoming& incoming) { incoming.flb.devices[0].domain = 1; }), "R12");
  EXPECT_EQ(arrives([](Incoming& incoming) { incoming.flb.domains[0].domain = 1; }), "R12");
  EXPECT_EQ(arrives([](Incoming& incoming) { incoming.flb.iommus[0].iommu = 1; }), "R12");
  EXPECT_EQ(arrives([](Incoming& incoming) { incoming.flb.iommus[0].ref_count = 7; }), "");  // R2's
}

TEST_F(StepRules, WhatIsDeletedMustNotComeBack) {
  PreserveDom0AndDev0();
  DropDev0(before);
  before.frozen = before.frozen_flb = true;
  after = HandmadeState(topology);
  after.incoming = {.status = Incoming::Status::kHandedOver, .files = 1, .flb = before.flb};
  EXPECT_EQ(Broken(Kexec(), Void()), "");
  after.incoming.flb.devices[0] = {.device = 0};
  EXPECT_EQ(Broken(Kexec(), Void()), "R12");
}

TEST_F(StepRules, RecordsThatChangeAfterTheFreezeBreakHandover) {  // D18
  PreserveDom0AndDev0();
  before.frozen = before.frozen_flb = true;
  after = before;
  EXPECT_EQ(Broken(UnpreserveDomain(1), Void()), "");
  DropDev0(after);
  EXPECT_EQ(Broken(UnpreserveDevice(0, 0), kDev0Unpreserved), "R12");
}

TEST_F(StepRules, RetrieveLeavesTheRecordsAsTheyCame) {
  PreserveDom0AndDev0();
  before = HandmadeState(topology);
  before.incoming = {.status = Incoming::Status::kHandedOver, .files = 1, .flb = after.flb};
  after = before;
  after.incoming.status = Incoming::Status::kRetrieved;
  ledger.Clear();
  EXPECT_EQ(Broken(Retrieve(), Returned(0)), "");
  EXPECT_EQ(Checked(Retrieve(), Returned(0)), "R12 R15");
  after.incoming.flb.devices[0].deleted = true;
  EXPECT_EQ(Broken(Retrieve(), Returned(0)), "R12");
  after = before;
  EXPECT_EQ(Broken(Retrieve(), Returned(0)), "R12") << "it says that it was retrieved, and was not";
}

}  // namespace
}  // namespace holdfast
