// What the transition function says, entry point by entry point: each guard by its errno, in the
// seed's order, and each effect.
#include "model/step.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace holdfast {
namespace {

// One world and profile, and the state that a sequence of commands has led to.
class Machine {
 public:
  explicit Machine(Topology topology = MakeTopology(1, 2, 1), Profile profile = *FindProfile("v3"))
      : topology(std::move(topology)), profile(profile), state(InitialState(this->topology)) {}

  Outcome Do(const Command& command) {
    auto [next, outcome] = Step(topology, profile, std::move(state), command);
    state = std::move(next);
    return outcome;
  }
  void Do(std::initializer_list<Command> commands) {
    for (const Command& command : commands) ASSERT_EQ(Do(command).error, 0);
  }
  int Error(const Command& command) {
    const Outcome outcome = Do(command);
    EXPECT_EQ(outcome.kind, Outcome::Kind::kReturned);
    return outcome.error;
  }

  Topology topology;
  Profile profile;
  State state;
};

Profile V3On(Luo luo) {
  Profile profile = *FindProfile("v3");
  profile.luo = luo;
  return profile;
}
Profile V5() { return *FindProfile("v5"); }

std::vector<Op> OpsOf(const Outcome& outcome) {
  std::vector<Op> ops;
  for (int i = 0; i < outcome.call_count; ++i) ops.push_back(outcome.calls[i].op);
  return ops;
}

// --- iommu_preserve_device: the numbered checks of docs/spec/semantics.md 3.1 --------------------

// Check n fails with its errno although every later check would fail as well: the order is the
// seed's.
TEST(PreserveDevice, FirstFailureWinsInTheSeedsOrder) {
  Topology topology = MakeTopology(1, 1, 1);
  topology.devices[0].bus = Bus::kPlatform;
  topology.iommus[0].missing_ops = OpBit(Op::kIommuPreserve);
  Machine machine(topology, V3On(Luo::kStageC));
  machine.Do(ReleaseDmaOwner(0));

  EXPECT_EQ(machine.Error(PreserveDevice(0, 0)), -EOPNOTSUPP);  // 1: not PCI
  machine.topology.devices[0].bus = Bus::kPci;
  EXPECT_EQ(machine.Error(PreserveDevice(0, 0)), -EINVAL);  // 2: owner not claimed
  machine.Do(ClaimDmaOwner(0));
  EXPECT_EQ(machine.Error(PreserveDevice(0, 0)), -EOPNOTSUPP);  // 3: an op is missing
  machine.topology.iommus[0].missing_ops = 0;
  EXPECT_EQ(machine.Error(PreserveDevice(0, 0)), -ENOENT);  // 4: no FLB on stage C
  machine.Do({PreserveFile()});
  EXPECT_EQ(machine.Error(PreserveDevice(0, 0)), -EINVAL);  // 5: domain not preserved
  machine.Do({PreserveDomain(0)});
  EXPECT_EQ(machine.Error(PreserveDevice(0, 0)), 0);
}

TEST(PreserveDevice, AnyOfTheFourMissingOpsIsRefused) {
  for (Op op : {Op::kIommuPreserve, Op::kIommuUnpreserve, Op::kIommuPreserveDevice,
                Op::kIommuUnpreserveDevice}) {
    Topology topology = MakeTopology(1, 1, 1);
    topology.iommus[0].missing_ops = OpBit(op);
    Machine machine(topology);
    machine.Do({PreserveFile(), PreserveDomain(0)});
    EXPECT_EQ(machine.Error(PreserveDevice(0, 0)), -EOPNOTSUPP) << static_cast<int>(op);
    EXPECT_TRUE(machine.state.flb.devices.empty());
  }
}

TEST(PreserveDevice, PreservesItsIommuFirstAndOnce) {
  Machine machine;
  machine.Do({PreserveFile(), PreserveDomain(0)});
  const Outcome first = machine.Do(PreserveDevice(0, 0));
  EXPECT_EQ(OpsOf(first), (std::vector{Op::kIommuPreserve, Op::kIommuPreserveDevice}));
  EXPECT_EQ(first.out, 0);
  const Outcome second = machine.Do(PreserveDevice(0, 1));
  EXPECT_EQ(OpsOf(second), (std::vector{Op::kIommuPreserveDevice}));
  EXPECT_EQ(second.out, 1);
  EXPECT_EQ(machine.state.flb.iommus, (std::vector<HwSlot>{{.iommu = 0, .ref_count = 2}}));
  EXPECT_EQ(machine.state.flb.devices[1],
            (DeviceSlot{.device = 1, .attachment = 0, .ref_count = 1, .domain = 0, .hw = 0}));
}

TEST(PreserveDevice, FailedDeviceSlotAllocationUsesNoSlot) {
  Machine machine;
  machine.Do({PreserveFile(), PreserveDomain(0)});
  for (int i = 0; i < 72; ++i) machine.Do({PreserveDevice(0, 0), UnpreserveDevice(0, 0)});
  // hw slots are at a page's start too (72 = 2 * 36), so the second allocation of the call is the
  // hw slot's.
  const Outcome first = machine.Do(WithFault(PreserveDevice(0, 0), FaultSite::kKhoAlloc, -ENOSPC));
  EXPECT_EQ(first.error, -ENOSPC);
  EXPECT_TRUE(first.fault_fired);
  EXPECT_EQ(machine.state.flb.devices.size(), 72u);
  const Outcome second =
      machine.Do(WithFault(PreserveDevice(0, 0), FaultSite::kKhoAlloc, -ENOMEM, 2));
  EXPECT_EQ(second.error, -ENOMEM);
  EXPECT_EQ(machine.state.flb.devices.size(), 73u);
  EXPECT_TRUE(machine.state.flb.devices.back().deleted);
  EXPECT_EQ(machine.state.flb.iommus.size(), 72u);
  EXPECT_FALSE(
      machine.Do(WithFault(PreserveDevice(0, 0), FaultSite::kKhoAlloc, -ENOMEM, 2)).fault_fired);
}

TEST(PreserveDevice, FailedIommuPreserveDeletesBothSlotsAndPublishesNothing) {
  Machine machine;
  machine.Do({PreserveFile(), PreserveDomain(0)});
  const Outcome outcome =
      machine.Do(WithFault(PreserveDevice(0, 0), FaultSite::kIommuPreserve, -EIO));
  EXPECT_EQ(outcome.error, -EIO);
  EXPECT_EQ(outcome.out, kNull);
  EXPECT_EQ(machine.state.flb.iommus, std::vector{Deleted<HwSlot>()});
  EXPECT_EQ(machine.state.flb.devices, std::vector{Deleted<DeviceSlot>()});
  EXPECT_EQ(machine.state.outgoing_preserved_state[0], kNull);
  EXPECT_EQ(machine.state.device_ser[0], kNull);
  EXPECT_EQ(machine.state.kho, (KhoPages{.domains = 1}));
}

TEST(PreserveDevice, FailedDevicePreserveDropsTheIommuWithoutUnpreservingTheDevice) {
  Machine machine;
  machine.Do({PreserveFile(), PreserveDomain(0)});
  const Outcome alone =
      machine.Do(WithFault(PreserveDevice(0, 0), FaultSite::kIommuPreserveDevice, -EIO));
  EXPECT_EQ(OpsOf(alone),
            (std::vector{Op::kIommuPreserve, Op::kIommuPreserveDevice, Op::kIommuUnpreserve}));
  EXPECT_TRUE(machine.state.flb.iommus[0].deleted);

  machine.Do({PreserveDevice(0, 1)});
  const Outcome shared =
      machine.Do(WithFault(PreserveDevice(0, 0), FaultSite::kIommuPreserveDevice, -EIO));
  EXPECT_EQ(OpsOf(shared), (std::vector{Op::kIommuPreserveDevice}));
  EXPECT_EQ(machine.state.flb.iommus[1].ref_count, 1u);
}

TEST(PreserveDevice, SecondPreserveOrphansTheFirstSlotInV3AndIsBusyInV5) {
  Machine v3;
  v3.Do({PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0), PreserveDevice(0, 0),
         UnpreserveDevice(0, 0)});
  EXPECT_FALSE(v3.state.flb.devices[0].deleted);
  EXPECT_TRUE(v3.state.flb.devices[1].deleted);
  EXPECT_EQ(v3.state.flb.iommus[0].ref_count, 1u);
  EXPECT_EQ(v3.state.device_ser[0], kNull);

  Machine v5(MakeTopology(1, 2, 1), V5());
  v5.Do({PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0)});
  EXPECT_EQ(v5.Error(PreserveDevice(0, 0)), -EBUSY);
  EXPECT_EQ(v5.state.flb.devices.size(), 1u);
  EXPECT_EQ(v5.state.flb.devices[0].dma_owner_token, DmaOwnerToken(0));
}

TEST(PreserveDevice, GroupOfTwoIsUndoneInV5) {
  Topology topology = MakeTopology(1, 2, 1);
  topology.devices[1].group = 0;
  Machine v5(topology, V5());
  v5.Do({PreserveFile(), PreserveDomain(0)});
  const Outcome outcome = v5.Do(PreserveDevice(0, 1));
  EXPECT_EQ(outcome.error, -EOPNOTSUPP);
  EXPECT_EQ(OpsOf(outcome), (std::vector{Op::kIommuPreserve, Op::kIommuPreserveDevice,
                                         Op::kIommuUnpreserveDevice, Op::kIommuUnpreserve}));
  EXPECT_EQ(v5.state.kho, (KhoPages{.domains = 1}));

  Machine v3(topology);
  v3.Do({PreserveFile(), PreserveDomain(0), PreserveDevice(0, 1)});
}

TEST(PreserveDevice, MissingFlbCrashesOnStageAAndIsAnErrorOnStageC) {
  EXPECT_TRUE(Machine().Do(PreserveDevice(0, 0)).crashed());
  EXPECT_EQ(Machine(MakeTopology(1, 1, 1), V3On(Luo::kStageC)).Error(PreserveDevice(0, 0)),
            -ENOENT);
  EXPECT_EQ(Machine(MakeTopology(1, 1, 1), V3On(Luo::kOff)).Error(PreserveDevice(0, 0)),
            -EOPNOTSUPP);
}

// --- iommu_unpreserve_device ---------------------------------------------------------------------

TEST(UnpreserveDevice, LastDeviceUnpreservesTheIommuAfterItself) {
  Machine machine;
  machine.Do({PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0), PreserveDevice(0, 1)});
  EXPECT_EQ(OpsOf(machine.Do(UnpreserveDevice(0, 0))), (std::vector{Op::kIommuUnpreserveDevice}));
  EXPECT_EQ(machine.state.outgoing_preserved_state[0], 0);
  EXPECT_EQ(OpsOf(machine.Do(UnpreserveDevice(0, 1))),
            (std::vector{Op::kIommuUnpreserveDevice, Op::kIommuUnpreserve}));
  EXPECT_EQ(machine.state.outgoing_preserved_state[0], kNull);
  EXPECT_TRUE(machine.state.flb.iommus[0].deleted);
}

TEST(UnpreserveDevice, ReleasedOwnerMakesItASilentNothing) {
  Machine machine;
  machine.Do({PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0), ReleaseDmaOwner(0)});
  const State before = machine.state;
  const Outcome outcome = machine.Do(UnpreserveDevice(0, 0));
  EXPECT_EQ(outcome.kind, Outcome::Kind::kVoid);
  EXPECT_FALSE(outcome.warned);
  EXPECT_EQ(machine.state, before);
}

TEST(UnpreserveDevice, WarnsWhenNothingIsPreserved) {
  Machine machine;
  machine.Do({PreserveFile()});
  EXPECT_TRUE(machine.Do(UnpreserveDevice(0, 0)).warned);
}

TEST(UnpreserveDevice, FreedRecordIsACrash) {
  Machine machine;
  machine.Do(
      {PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0), UnpreserveFile(), PreserveFile()});
  EXPECT_EQ(machine.state.device_ser[0], kStale);
  EXPECT_TRUE(machine.Do(UnpreserveDevice(0, 0)).crashed());
  EXPECT_TRUE(machine.Do(PreserveFile()).crashed()) << "nothing runs after a crash";
}

// --- domains -------------------------------------------------------------------------------------

TEST(PreserveDomain, FailedPageTablePreserveSpendsASlot) {
  Machine machine;
  machine.Do({PreserveFile()});
  EXPECT_EQ(machine.Error(WithFault(PreserveDomain(0), FaultSite::kPtPreserve, -EIO)), -EIO);
  EXPECT_EQ(machine.state.flb.domains, std::vector{Deleted<DomainSlot>()});
  EXPECT_EQ(machine.Do(PreserveDomain(0)).out, 1);
}

TEST(UnpreserveDomain, ToleratesDevicesThatStillNameIt) {
  Machine machine;
  machine.Do({PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0), UnpreserveDomain(0)});
  EXPECT_TRUE(machine.state.flb.domains[0].deleted);
  EXPECT_EQ(machine.state.flb.devices[0].domain, 0);
}

TEST(UnpreserveDomain, OnlyTheMissingUnpreserveOpWarns) {
  Topology topology = MakeTopology(1, 1, 2);
  topology.domains[0].missing_ops = OpBit(Op::kPtPreserve);
  topology.domains[1].missing_ops = OpBit(Op::kPtUnpreserve);
  Machine machine(topology);
  machine.Do({PreserveFile()});
  EXPECT_FALSE(machine.Do(UnpreserveDomain(0)).warned);
  EXPECT_TRUE(machine.Do(UnpreserveDomain(1)).warned);
}

// --- the FLB -------------------------------------------------------------------------------------

TEST(Flb, EachOfItsFourPagesCanFail) {
  for (int nth = 1; nth <= 4; ++nth) {
    Machine machine;
    EXPECT_EQ(machine.Error(WithFault(PreserveFile(), FaultSite::kKhoAlloc, -ENOMEM, nth)), -ENOMEM)
        << nth;
    EXPECT_EQ(machine.state, InitialState(machine.topology));
  }
  EXPECT_FALSE(
      Machine().Do(WithFault(PreserveFile(), FaultSite::kKhoAlloc, -ENOMEM, 5)).fault_fired);
}

TEST(Flb, V3LeaksAReferenceACallOnStageC) {
  Machine machine(MakeTopology(1, 1, 1), V3On(Luo::kStageC));
  machine.Do({PreserveFile(), PreserveDomain(0)});
  EXPECT_EQ(machine.state.flb_refs, 2);
  machine.Do({UnpreserveDomain(0), UnpreserveFile()});
  EXPECT_TRUE(machine.state.flb.present);
}

TEST(Flb, V5OnStageADropsTheFilesOwnReference) {
  Profile profile = V5();
  profile.luo = Luo::kStageA;
  Machine machine(MakeTopology(1, 1, 1), profile);
  machine.Do({PreserveFile(), PreserveDomain(0)});
  EXPECT_FALSE(machine.state.flb.present);
  EXPECT_EQ(machine.state.preserved_state[0], kStale);
  EXPECT_TRUE(machine.Do(UnpreserveFile()).warned);
}

TEST(Flb, V5BalancesItsReferencesOnStageC) {
  Machine machine(MakeTopology(1, 2, 1), V5());
  machine.Do({PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0), UnpreserveDevice(0, 0),
              UnpreserveDomain(0)});
  EXPECT_EQ(machine.state.flb_refs, 1);
  machine.Do({UnpreserveFile()});
  EXPECT_EQ(machine.state, InitialState(machine.topology));
}

// --- kexec ---------------------------------------------------------------------------------------

TEST(Kexec, FrozenRecordsComeBackAndFinishEmptiesThem) {
  Machine machine;
  machine.Do({PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0), Freeze()});
  const Flb frozen = machine.state.flb;
  EXPECT_EQ(machine.Error(PreserveFile()), -EBUSY);
  machine.Do({Kexec(), Retrieve()});
  EXPECT_EQ(machine.state.incoming.flb, frozen);
  EXPECT_FALSE(machine.state.flb.present);
  machine.Do({Finish()});
  EXPECT_EQ(machine.state.incoming.flb, Flb());
  EXPECT_EQ(machine.Error(Retrieve()), -ENODATA);
}

TEST(Kexec, WithoutAFreezeNothingIsHandedOver) {
  Machine machine;
  machine.Do({PreserveFile(), Kexec()});
  EXPECT_EQ(machine.Error(Retrieve()), -ENODATA);
}

TEST(Retrieve, FailureIsStickyOnStageCOnly) {
  for (Luo luo : {Luo::kStageA, Luo::kStageC}) {
    Machine machine(MakeTopology(1, 1, 1), V3On(luo));
    machine.Do({PreserveFile(), Freeze(), Kexec()});
    EXPECT_EQ(machine.Error(WithFault(Retrieve(), FaultSite::kKzalloc)), -ENOMEM);
    EXPECT_EQ(machine.Error(Retrieve()), luo == Luo::kStageC ? -ENOMEM : 0);
  }
}

// Drivers have nothing to take over before, and have done so after.
TEST(Retrieve, DriversTakeOverWhatIsRetrievedOnce) {
  for (const Command& call : {Retrieve(), Finish()}) {
    Machine machine;
    machine.Do({PreserveFile(), Freeze(), Kexec()});
    const Outcome outcome = machine.Do(WithFault(call, FaultSite::kTakeOver));
    EXPECT_TRUE(outcome.fault_fired);
    EXPECT_EQ(outcome.error, 0);
    EXPECT_FALSE(machine.Do(WithFault(Retrieve(), FaultSite::kTakeOver)).fault_fired);
  }
}

TEST(Retrieve, FlbUnpreservedAfterTheFreezeIsFatal) {
  Machine machine;
  machine.Do({PreserveFile(), Freeze(), UnpreserveFile(), Kexec()});
  EXPECT_TRUE(machine.Do(Retrieve()).crashed());
}

// --- the walk, the stubs, the queries ------------------------------------------------------------

TEST(ForEachDev, StopEndsOneBusOnly) {
  Topology topology = MakeTopology(2, 8, 1);  // iommu0: dev0 dev2 dev4 dev6
  topology.devices[4].bus = Bus::kPlatform;
  topology.devices[6].probed = false;
  Machine machine(topology);
  const auto visited = [&](const Command& command) {
    const Outcome outcome = machine.Do(command);
    std::vector<int> devices;
    for (int i = 0; i < outcome.call_count; ++i) devices.push_back(outcome.calls[i].object);
    return devices;
  };
  EXPECT_EQ(visited(ForEachDev(0)), (std::vector{4, 0, 2}));
  EXPECT_EQ(visited(ForEachDev(0, 1)), (std::vector{4, 0, 2}));
  EXPECT_EQ(visited(ForEachDev(0, 2)), (std::vector{4, 0}));
}

TEST(ConfigOff, StubsRefusePreserveAndIgnoreUnpreserve) {
  Machine machine(MakeTopology(1, 1, 1), *FindProfile("off"));
  machine.Do({PreserveFile()});
  EXPECT_EQ(machine.Error(PreserveDomain(0)), -EOPNOTSUPP);
  EXPECT_EQ(machine.Error(PreserveDevice(0, 0)), -EOPNOTSUPP);
  EXPECT_FALSE(machine.Do(UnpreserveDevice(0, 0)).warned);
  EXPECT_FALSE(machine.state.flb.present);
  EXPECT_EQ(AnswerQueries(machine.topology, machine.profile, machine.state).device[0], kNull);
}

TEST(Queries, AnswerThePointersOfProbedDevices) {
  Machine machine;
  machine.Do({PreserveFile(), PreserveDomain(0), PreserveDevice(0, 1)});
  const Queries queries = AnswerQueries(machine.topology, machine.profile, machine.state);
  EXPECT_EQ(queries.device[0], kNull);
  EXPECT_EQ(queries.device[1], 0);
  EXPECT_EQ(queries.iommu[0], 0);
}

}  // namespace
}  // namespace holdfast
