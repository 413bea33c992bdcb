// R12 over the restoring side, state by state.
#include <gtest/gtest.h>

#include "model/rules/rule_fixtures.h"

namespace holdfast {
namespace {

// The records of dev0, dev1 and dev2, dom0 and dom1 came over and are retrieved.
class TakenOver : public StepRules {
 protected:
  TakenOver() {
    before = HandmadeState(topology);
    before.owner_claims.fill(0);
    before.attached.fill(kNone);
    before.incoming = {
        .status = Incoming::Status::kRetrieved, .files = 1, .flb = FullState(topology).flb};
    after = before;
  }

  static void Take(State& state, std::uint8_t device) {
    state.incoming.flb.devices[device].incoming = true;
    state.restored_ser[device] = device;
  }
  static void Restore(State& state, std::uint8_t device) {
    state.incoming.flb.domains[0].incoming = true;
    state.attached[device] = 0;
    state.owner_claims[device] = 1;
  }
  static Outcome Restored() {
    Outcome outcome = Returned(0);
    outcome.out = 0;
    return outcome;
  }
};

const Outcome kFirst = [] {
  Outcome outcome = Returned(0);
  outcome.out = 0;
  return WithCall(outcome, Op::kPtRestore, 0, 0);
}();

TEST_F(TakenOver, ProbeTakesTheRecordOfItsDevice) {
  Take(after, 1);
  EXPECT_EQ(Broken(ProbeDevice(1), Returned(0)), "");
  EXPECT_EQ(Broken(ProbeDevice(0), Returned(0)), "R12");
  EXPECT_EQ(Broken(Retrieve(), Returned(0)), "R12");
  EXPECT_EQ(Broken(ProbeDevice(1), Returned(-EIO)), "R5 R12");
  after.incoming.flb.devices[1].incoming = false;
  EXPECT_EQ(Broken(ProbeDevice(1), Returned(0)), "R12") << "not marked";
}

TEST_F(TakenOver, ProbePassesNoRecordOver) {
  EXPECT_EQ(Broken(ProbeDevice(1), Returned(0)), "R12");
  before.incoming.flb.devices[1].incoming = true;
  after = before;
  EXPECT_EQ(Broken(ProbeDevice(1), Returned(0)), "") << "taken before";
  profile.restores = false;
  before.incoming.flb.devices[1].incoming = false;
  after = before;
  EXPECT_EQ(Broken(ProbeDevice(1), Returned(0)), "") << "no such side";
}

TEST_F(TakenOver, FirstRestoreTakesTheTablesOver) {
  Take(before, 0);
  after = before;
  Restore(after, 0);
  EXPECT_EQ(Broken(RestoreDomain(0), kFirst), "");
  EXPECT_EQ(Broken(RestoreDomain(0), Restored()), "R12") << "without its tables";
  EXPECT_EQ(Broken(RestoreDomain(0), WithCall(kFirst, Op::kPtRestore, 0, 0)), "R12") << "twice";
  after.owner_claims[0] = 0;
  EXPECT_EQ(Broken(RestoreDomain(0), kFirst), "R12") << "no owner";
  Restore(after, 0);
  after.attached[0] = 1;
  EXPECT_EQ(Broken(RestoreDomain(0), kFirst), "R12") << "another domain";
}

TEST_F(TakenOver, LaterRestoresShareTheDomain) {
  Take(before, 0);
  Restore(before, 0);
  Take(before, 2);
  before.incoming.flb.devices[2].domain = 0;
  after = before;
  Restore(after, 2);
  EXPECT_EQ(Broken(RestoreDomain(2), Restored()), "");
  EXPECT_EQ(Broken(RestoreDomain(2), kFirst), "R12") << "restored twice";
}

TEST_F(TakenOver, DeletedDomainIsNotRestored) {
  Take(before, 0);
  before.incoming.flb.domains[0] = Deleted<DomainSlot>();
  after = before;
  EXPECT_EQ(Broken(RestoreDomain(0), Returned(-EINVAL)), "");
  after.attached[0] = 0;
  after.owner_claims[0] = 1;
  EXPECT_EQ(Broken(RestoreDomain(0), kFirst), "R12");
}

TEST_F(TakenOver, FailedRestoreLeavesNoClaim) {
  Take(before, 0);
  after = before;
  const Outcome refused = WithCall(Returned(-EIO), Op::kPtRestore, 0, 0, -EIO);
  EXPECT_EQ(Broken(RestoreDomain(0), refused), "");
  after.owner_claims[0] = 1;
  EXPECT_EQ(Broken(RestoreDomain(0), refused), "R5");
  after = before;
  after.incoming.flb.domains[0].incoming = true;
  EXPECT_EQ(Broken(RestoreDomain(0), refused), "R5 R12");
}

TEST_F(TakenOver, DevicesHoldRecordsOfTheirOwn) {
  const auto broken = [&] { return Names(CheckState(topology, profile, after).broken); };
  Take(after, 0);
  EXPECT_EQ(broken(), "");
  after.restored_ser[0] = 1;
  EXPECT_EQ(broken(), "R12");
  after.restored_ser[0] = kStale;
  EXPECT_EQ(broken(), "R9");
}

}  // namespace
}  // namespace holdfast
