// Fixtures of the tests of the rules: a sound state to spoil, or the two ends of a step to change.
#ifndef HOLDFAST_MODEL_RULES_RULE_FIXTURES_H_
#define HOLDFAST_MODEL_RULES_RULE_FIXTURES_H_

#include <gtest/gtest.h>

#include <string>

#include "model/rules/states.h"
#include "model/rules/rules.h"

namespace holdfast {

// "R1 R2", in order.
inline std::string Names(RuleSet rules) {
  std::string names;
  for (const RuleInfo& info : Rules()) {
    if (rules & RuleBit(info.rule)) names += (names.empty() ? "" : " ") + std::string(info.id);
  }
  return names;
}

// CheckState of a full state.
class StateRules : public ::testing::Test {
 protected:
  std::string Broken() const { return Names(CheckState(topology, profile, state).broken); }
  std::string Checked() const { return Names(CheckState(topology, profile, state).checked); }

  Topology topology = HandmadeTopology();
  Profile profile = HandmadeProfile();
  State state = FullState(topology);
};

// Ledger::Check between `before` and `after`, both empty at first.
class StepRules : public ::testing::Test {
 protected:
  // What `command` with that outcome breaks between before and after. The ledger keeps it.
  std::string Broken(const Command& command, const Outcome& outcome) {
    return Names(ledger.Check({topology, profile, before, command, outcome, after}).broken);
  }
  std::string Checked(const Command& command, const Outcome& outcome) {
    return Names(ledger.Check({topology, profile, before, command, outcome, after}).checked);
  }
  // Goes on from `after`, and has broken nothing so far.
  void Next() { before = after; }

  // preserve_file, preserve_domain dom0, preserve_device dom0 dev0: the ledger knows of them,
  // before == after.
  void PreserveDom0AndDev0() {
    AddFile(after);
    EXPECT_EQ(Broken(PreserveFile(), Returned(0)), "");
    Next();
    AddDomain(after, 0);
    EXPECT_EQ(Broken(PreserveDomain(0), WithCall(Returned(0), Op::kPtPreserve, 0, 0)), "");
    Next();
    AddDevice(topology, after, 0);
    EXPECT_EQ(Broken(PreserveDevice(0, 0), WithCall(WithCall(Returned(0), Op::kIommuPreserve, 0, 0),
                                                    Op::kIommuPreserveDevice, 0, 0)),
              "");
    Next();
  }

  // What the driver is told when dev0 and iommu0 are unpreserved again.
  const Outcome kDev0Unpreserved =
      WithCall(WithCall(Void(), Op::kIommuUnpreserveDevice, 0, 0), Op::kIommuUnpreserve, 0, 0);

  // dev0 and iommu0 are unpreserved again, in the records.
  static void DropDev0(State& state) {
    state.flb.devices[0] = Deleted<DeviceSlot>();
    state.device_ser[0] = kNull;
    state.flb.iommus[0] = Deleted<HwSlot>();
    state.outgoing_preserved_state[0] = kNull;
    state.kho.devices = 0;
    state.kho.iommus = 0;
  }

  Topology topology = HandmadeTopology();
  Profile profile = HandmadeProfile();
  State before = HandmadeState(topology);
  State after = before;
  Ledger ledger;
};

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_RULES_RULE_FIXTURES_H_
