// The caller's contract, clause by clause: each call right after the state that makes it right or
// wrong.
#include "model/rules/contract.h"

#include <gtest/gtest.h>

#include <string>

#include "model/rules/states.h"

namespace holdfast {
namespace {

class Contract : public ::testing::Test {
 protected:
  std::string Breaks(const Command& command) const {
    const Breaches breaches = BreachesOf(topology, state, command);
    std::string names;
    for (int n = 1; n <= kClauseCount; ++n) {
      const Clause clause = static_cast<Clause>(n);
      if (breaches & BreachBit(clause))
        names += (names.empty() ? "" : " ") + std::string(ClauseName(clause));
    }
    return names;
  }

  Topology topology = HandmadeTopology();
  State state = HandmadeState(topology);
};

TEST_F(Contract, SessionInOrderKeepsIt) {
  EXPECT_EQ(Breaks(PreserveFile()), "");
  AddFile(state);
  EXPECT_EQ(Breaks(PreserveFile()), "");
  EXPECT_EQ(Breaks(PreserveDomain(0)), "");
  AddDomain(state, 0);
  EXPECT_EQ(Breaks(PreserveDevice(0, 0)), "");
  AddDevice(topology, state, 0);
  EXPECT_EQ(Breaks(PreserveDevice(0, 2)), "");
  EXPECT_EQ(Breaks(UnpreserveDevice(0, 0)), "");
  EXPECT_EQ(Breaks(Freeze()), "");
  state.frozen = true;
  EXPECT_EQ(Breaks(Kexec()), "");
  state = HandmadeState(topology);
  state.incoming.status = Incoming::Status::kHandedOver;
  state.incoming.files = 1;
  EXPECT_EQ(Breaks(Retrieve()), "");
  EXPECT_EQ(Breaks(Finish()), "");
}

TEST_F(Contract, SessionMayBeUndoneInReverse) {
  AddFile(state);
  AddDomain(state, 0);
  EXPECT_EQ(Breaks(UnpreserveDomain(0)), "");
  state.flb.domains[0] = Deleted<DomainSlot>();
  state.preserved_state[0] = kNull;
  EXPECT_EQ(Breaks(UnpreserveFile()), "");
}

TEST_F(Contract, C1DeviceWantsItsOwnDomainPreserved) {
  AddFile(state);
  EXPECT_EQ(Breaks(PreserveDevice(0, 0)), "C1");
  AddDomain(state, 0);
  AddDomain(state, 1);
  EXPECT_EQ(Breaks(PreserveDevice(0, 0)), "");
  EXPECT_EQ(Breaks(PreserveDevice(1, 0)), "C1");
  state.attached[0] = 1;
  EXPECT_EQ(Breaks(PreserveDevice(0, 0)), "C1");
  EXPECT_EQ(Breaks(PreserveDevice(1, 0)), "");
  state.preserved_state[1] = kStale;
  EXPECT_EQ(Breaks(PreserveDevice(1, 0)), "C1");
}

TEST_F(Contract, C1WantsAProbedDevice) {
  AddFile(state);
  AddDomain(state, 0);
  topology.devices[0].probed = false;
  EXPECT_EQ(Breaks(PreserveDevice(0, 0)), "C1");
}

TEST_F(Contract, C2NothingIsPreservedTwice) {
  AddFile(state);
  AddDomain(state, 0);
  EXPECT_EQ(Breaks(PreserveDomain(0)), "C2");
  EXPECT_EQ(Breaks(PreserveDomain(1)), "");
  AddDevice(topology, state, 0);
  EXPECT_EQ(Breaks(PreserveDevice(0, 0)), "C2");
  EXPECT_EQ(Breaks(PreserveDevice(0, 1)), "");
  state.device_ser[0] = kNull;  // a record left behind
  EXPECT_EQ(Breaks(PreserveDevice(0, 0)), "C2");
  state.flb.devices[0] = Deleted<DeviceSlot>();
  EXPECT_EQ(Breaks(PreserveDevice(0, 0)), "");
  state.device_ser[0] = kStale;  // a pointer left behind
  EXPECT_EQ(Breaks(PreserveDevice(0, 0)), "C2");
  state.preserved_state[1] = kStale;
  EXPECT_EQ(Breaks(PreserveDomain(1)), "C2");
}

TEST_F(Contract, C3OnlyWhatIsPreservedIsUnpreserved) {
  EXPECT_EQ(Breaks(UnpreserveFile()), "C3");
  AddFile(state);
  EXPECT_EQ(Breaks(UnpreserveDomain(0)), "C3");
  AddDomain(state, 0);
  EXPECT_EQ(Breaks(UnpreserveDomain(0)), "");
  EXPECT_EQ(Breaks(UnpreserveDevice(0, 0)), "C3");
  AddDevice(topology, state, 0);
  EXPECT_EQ(Breaks(UnpreserveDevice(0, 0)), "");
  EXPECT_EQ(Breaks(UnpreserveDevice(1, 0)), "");  // the domain argument is unused
  state.device_ser[0] = kStale;
  EXPECT_EQ(Breaks(UnpreserveDevice(0, 0)), "C3");
  state.device_ser[1] = 0;  // dev0's record
  EXPECT_EQ(Breaks(UnpreserveDevice(0, 1)), "C3");
  state.preserved_state[1] = 0;  // dom0's
  EXPECT_EQ(Breaks(UnpreserveDomain(1)), "C3");
  topology.devices[1].bus = Bus::kPlatform;
  EXPECT_EQ(Breaks(UnpreserveDevice(0, 1)), "C3");
}

TEST_F(Contract, C3OnlyWhatWasHandedOverIsFinished) {
  EXPECT_EQ(Breaks(Finish()), "C3");
  EXPECT_EQ(Breaks(Retrieve()), "");  // there is an error for it
  state.incoming.files = 1;
  for (auto status :
       {Incoming::Status::kHandedOver, Incoming::Status::kRetrieved, Incoming::Status::kFailed}) {
    state.incoming.status = status;
    EXPECT_EQ(Breaks(Finish()), "");
  }
  state.incoming.status = Incoming::Status::kFinished;
  EXPECT_EQ(Breaks(Finish()), "C3");
  state.incoming.status = Incoming::Status::kRetrieved;
  state.incoming.files = 0;
  EXPECT_EQ(Breaks(Finish()), "C3");
}

TEST_F(Contract, C4DevicesGoBeforeTheirDomainAndDomainsBeforeTheFlb) {
  state = FullState(topology);
  EXPECT_EQ(Breaks(UnpreserveDomain(0)), "C4");
  EXPECT_EQ(Breaks(UnpreserveDomain(1)), "");
  EXPECT_EQ(Breaks(UnpreserveFile()), "C4");
  state.files = 2;
  EXPECT_EQ(Breaks(UnpreserveFile()), "");
  state.files = 1;
  const auto domains = state.flb.domains;
  for (auto& slot : state.flb.domains) slot = Deleted<DomainSlot>();
  EXPECT_EQ(Breaks(UnpreserveFile()), "C4");
  state.flb.domains = domains;
  for (auto& slot : state.flb.devices) slot = Deleted<DeviceSlot>();
  EXPECT_EQ(Breaks(UnpreserveDomain(0)), "");
  EXPECT_EQ(Breaks(UnpreserveFile()), "C4");
  for (auto& slot : state.flb.domains) slot = Deleted<DomainSlot>();
  EXPECT_EQ(Breaks(UnpreserveFile()), "");
}

TEST_F(Contract, C5OwnershipIsHeldFromPreserveToUnpreserve) {
  AddFile(state);
  AddDomain(state, 0);
  EXPECT_EQ(Breaks(ReleaseDmaOwner(0)), "");
  state.owner_claims[0] = 0;
  EXPECT_EQ(Breaks(ReleaseDmaOwner(0)), "C5");
  EXPECT_EQ(Breaks(PreserveDevice(0, 0)), "C5");
  EXPECT_EQ(Breaks(ClaimDmaOwner(0)), "");
  state.owner_claims[0] = 1;
  AddDevice(topology, state, 0);
  EXPECT_EQ(Breaks(ReleaseDmaOwner(0)), "C5");
  EXPECT_EQ(Breaks(ReleaseDmaOwner(2)), "");
  state.owner_claims[0] = 2;
  EXPECT_EQ(Breaks(ReleaseDmaOwner(0)), "");
  state.owner_claims[0] = 0;
  EXPECT_EQ(Breaks(UnpreserveDevice(0, 0)), "C5");
}

TEST_F(Contract, C5OwnershipIsTheGroups) {
  topology.devices[2].group = 0;
  AddFile(state);
  AddDomain(state, 0);
  AddDevice(topology, state, 0);
  EXPECT_EQ(Breaks(ReleaseDmaOwner(2)), "C5");
  EXPECT_EQ(Breaks(PreserveDevice(0, 2)), "");
}

TEST_F(Contract, C5WantsAGroup) {
  topology.devices[0].group = kNone;
  AddFile(state);
  AddDomain(state, 0);
  EXPECT_EQ(Breaks(PreserveDevice(0, 0)), "C5");
  EXPECT_EQ(Breaks(UnpreserveDevice(0, 0)), "C3 C5");
  EXPECT_EQ(Breaks(ReleaseDmaOwner(0)), "C5");
  EXPECT_EQ(Breaks(ClaimDmaOwner(0)), "");  // -ENODEV
  EXPECT_EQ(Breaks(Attach(0, 0)), "");
}

TEST_F(Contract, C6OnlyTheKexecFollowsTheFreeze) {
  state = FullState(topology);
  state.frozen = true;
  for (int verb = 0; verb < kVerbCount; ++verb) {
    Command command;
    command.verb = static_cast<Verb>(verb);
    const bool breaks_c6 = BreachesOf(topology, state, command) & BreachBit(Clause::kC6);
    EXPECT_EQ(breaks_c6, command.verb != Verb::kKexec) << verb;
  }
  EXPECT_EQ(Breaks(UnpreserveDevice(0, 0)), "C6");
  EXPECT_EQ(Breaks(PreserveDomain(0)), "C2 C6");
}

TEST_F(Contract, C7NothingIsPreservedWithoutTheFlb) {
  EXPECT_EQ(Breaks(PreserveDomain(0)), "C7");
  EXPECT_EQ(Breaks(PreserveDevice(0, 0)), "C1 C7");
}

TEST_F(Contract, C8RestoringSideInOrder) {
  EXPECT_EQ(Breaks(ProbeDevice(0)), "");
  EXPECT_EQ(Breaks(RestoreDomain(0)), "");  // -ENOENT
  EXPECT_EQ(Breaks(ReleaseDevice(0)), "");
  state.incoming = {
      .status = Incoming::Status::kRetrieved, .files = 1, .flb = FullState(topology).flb};
  state.incoming.flb.devices[0].incoming = true;
  state.restored_ser[0] = 0;
  EXPECT_EQ(Breaks(ProbeDevice(0)), "C8");
  EXPECT_EQ(Breaks(ProbeDevice(1)), "");
  EXPECT_EQ(Breaks(RestoreDomain(0)), "");
  EXPECT_EQ(Breaks(ReleaseDevice(0)), "C8");
  state.incoming.flb.domains[0] = Deleted<DomainSlot>();
  EXPECT_EQ(Breaks(RestoreDomain(0)), "C8");
  state = FullState(topology);
  EXPECT_EQ(Breaks(ProbeDevice(0)), "");  // -EBUSY
}

TEST_F(Contract, OrderlyRefusalKeepsIt) {
  topology.devices[0].bus = Bus::kPlatform;
  topology.devices[0].group = kNone;
  topology.devices[0].probed = false;
  EXPECT_EQ(Breaks(PreserveDevice(1, 0)), "");
  topology.iommus[1].missing_ops = OpBit(Op::kIommuUnpreserve);
  EXPECT_EQ(Breaks(PreserveDevice(1, 1)), "");
  topology.domains[0].missing_ops = OpBit(Op::kPtPreserve);
  EXPECT_EQ(Breaks(PreserveDomain(0)), "");
  topology.domains[0].missing_ops = OpBit(Op::kPtUnpreserve);
  EXPECT_EQ(Breaks(PreserveDomain(0)), "");
  EXPECT_EQ(Breaks(PreserveDomain(1)), "C7");
}

// The driver's ops are looked at after the group and dev->iommu, which must be there to get so far.
TEST_F(Contract, RefusalForMissingOpsComesAfterGroupAndProbe) {
  topology.iommus[0].missing_ops = OpBit(Op::kIommuPreserveDevice);
  topology.devices[0].group = kNone;
  EXPECT_EQ(Breaks(PreserveDevice(0, 0)), "C5");
  topology.devices[2].probed = false;
  EXPECT_EQ(Breaks(PreserveDevice(0, 2)), "C1");
}

TEST_F(Contract, ClausesHaveNames) {
  for (int n = 1; n <= kClauseCount; ++n) {
    EXPECT_EQ(ClauseName(static_cast<Clause>(n)), "C" + std::to_string(n));
  }
}

}  // namespace
}  // namespace holdfast
