// R12 and R13: where DMA goes, and what the next kernel took over, in states put together by hand.
#include "model/rules/rule_fixtures.h"

namespace holdfast {
namespace {

// dev0 (behind iommu0) is preserved with dom1, the others are attached to dom0 and are not; a walk
// that shows that.
class ReachRules : public ::testing::Test {
 protected:
  ReachRules() {
    state.attached[0] = 1;
    AddFile(state);
    AddDomain(state, 1);
    AddDevice(topology, state, 0);
    reach.walked = reach.up = true;
    reach.adopted.fill(kNone);
    reach.device = {1, 0, 0};
  }

  // The next kernel, before its driver is up: dev1's unit carries nothing and is off.
  void HandOver() {
    Incoming incoming = {.status = Incoming::Status::kHandedOver, .files = 1, .flb = state.flb};
    state = HandmadeState(topology);
    state.attached.fill(kNone);
    state.incoming = incoming;
    reach.up = false;
    reach.device = {1, Reach::kOff, Reach::kBlocked};
  }
  void BringUp() {
    reach.up = true;
    reach.device = {1, Reach::kBlocked, Reach::kBlocked};
    reach.adopted[0] = 1;
    reach.iommus = 1;
    reach.domains = 1 << 1;
  }

  std::string Broken() const {
    return Names(CheckContinuity(topology, state, reach).broken |
                 CheckHandover(topology, state, reach).broken);
  }
  std::string Checked() const {
    return Names(CheckContinuity(topology, state, reach).checked |
                 CheckHandover(topology, state, reach).checked);
  }

  Topology topology = HandmadeTopology();
  State state = HandmadeState(topology);
  Reach reach;
};

TEST_F(ReachRules, WithoutHardwareNothingIsAsked) {
  reach = Reach();
  EXPECT_EQ(Checked(), "");
}

TEST_F(ReachRules, EveryDeviceReachesItsDomainWhileTheKernelRuns) {
  EXPECT_EQ(Checked(), "R13");
  EXPECT_EQ(Broken(), "");
  for (const std::uint8_t wrong :
       {std::uint8_t{1}, Reach::kBlocked, Reach::kOff, Reach::kGone, Reach::kOther}) {
    reach.device[2] = wrong;
    EXPECT_EQ(Broken(), "R13") << int{wrong};
  }
}

TEST_F(ReachRules, PreservedDeviceStaysWithItsRecordsDomain) {
  state.attached[0] = 0;  // somebody has asked for that
  EXPECT_EQ(Broken(), "");
  reach.device[0] = 0;
  EXPECT_EQ(Broken(), "R13");
}

TEST_F(ReachRules, AfterTheKexecWhatIsNotPreservedIsBlocked) {
  HandOver();
  EXPECT_EQ(Checked(), "R13");
  EXPECT_EQ(Broken(), "");
  reach.device[2] = 0;
  EXPECT_EQ(Broken(), "R13");
  reach.device[2] = Reach::kGone;
  EXPECT_EQ(Broken(), "R13");
}

TEST_F(ReachRules, OnlyAUnitThatCarriesNothingMayBeOff) {
  HandOver();
  reach.device[1] = Reach::kOff;
  EXPECT_EQ(Broken(), "");
  reach.device[2] = Reach::kOff;  // behind dev0's
  EXPECT_EQ(Broken(), "R13");
}

TEST_F(ReachRules, AfterTheKexecAPreservedDeviceReachesWhatItDid) {
  HandOver();
  for (const std::uint8_t wrong :
       {std::uint8_t{0}, Reach::kBlocked, Reach::kOff, Reach::kGone, Reach::kOther}) {
    reach.device[0] = wrong;
    EXPECT_EQ(Broken(), "R13") << int{wrong};
  }
}

TEST_F(ReachRules, DeletedRecordsCarryNothing) {
  HandOver();
  state.incoming.flb.devices[0] = Deleted<DeviceSlot>();
  EXPECT_EQ(Broken(), "R13");  // and the device still gets through
  reach.device[0] = Reach::kBlocked;
  EXPECT_EQ(Broken(), "");
  HandOver();
  EXPECT_EQ(Broken(), "R13") << "its records are gone with the kernel before";
}

TEST_F(ReachRules, NothingIsAskedOfRecordsThatAreLostOrDamaged) {
  HandOver();
  reach.device[0] = Reach::kOther;
  state.incoming.lost = true;
  EXPECT_EQ(Checked(), "");
  state.incoming.lost = false;
  state.incoming.flb.damage = DamageBit(Damage::kCycle);
  EXPECT_EQ(Checked(), "");
}

TEST_F(ReachRules, TheNextKernelTakesOverExactlyWhatWasLive) {
  HandOver();
  BringUp();
  EXPECT_EQ(Checked(), "R12 R13");
  EXPECT_EQ(Broken(), "");
  reach.iommus = 0;
  EXPECT_EQ(Broken(), "R12");
  BringUp();
  reach.domains = 3;
  EXPECT_EQ(Broken(), "R12");
  BringUp();
  state.attached[2] = 0;
  reach.device[2] = reach.adopted[2] = 0;  // nobody had preserved it
  EXPECT_EQ(Broken(), "R12");
}

TEST_F(ReachRules, AnAdoptedDeviceReachesItsDomainUntilItIsAttachedElsewhere) {
  HandOver();
  BringUp();
  reach.device[0] = Reach::kBlocked;
  EXPECT_EQ(Broken(), "R13");
  reach.device[0] = 0;
  state.attached[0] = 0;
  EXPECT_EQ(Broken(), "");
}

}  // namespace
}  // namespace holdfast
