// The black-box suite: it passes what conforms, fails every planted fault within its promise, and
// looks at outcomes alone.

#include <gtest/gtest.h>

#include "properties/search/black_box.h"
#include "model/text/trace.h"
#include "properties/lockstep/loaded_sut.h"
#include "properties/lockstep/model_sut.h"

namespace holdfast {
namespace {

// A device behind an IOMMU, with faults, and a caller who may do anything.
BlackBoxOptions Small(int extra_states = 0, const Profile& profile = On("v3")) {
  return {.profile = profile,
          .world = MakeWorld({1, 1, 1}, AspectBit(Aspect::kFaults)),
          .extra_states = extra_states};
}

// Nothing but Reset and Run may be asked of it.
class Opaque : public ModelSut {
 public:
  using ModelSut::ModelSut;
  void Observe(Observation&) override { ADD_FAILURE() << "observed"; }
  void Save(Snapshot&) override { ADD_FAILURE() << "saved"; }
  void Restore(const Snapshot&) override { ADD_FAILURE() << "restored"; }
};

TEST(BlackBox, CoresPass) {
  for (const char* version : {"v3", "v5"}) {
    const std::unique_ptr<Sut> core = Loaded(std::string("core.") + version);
    for (const int extra_states : {0, 1}) {
      const BlackBoxResult result = TestBlackBox(*core, Small(extra_states, On(version)));
      EXPECT_TRUE(result.finished);
      EXPECT_FALSE(result.failing) << PrintScenario(*result.failing);
      EXPECT_EQ(result.told_apart, result.states);
    }
  }
}

TEST(BlackBox, LooksAtOutcomesAlone) {
  Opaque model(On("v3"));
  EXPECT_TRUE(TestBlackBox(model, Small()).finished);
}

// Every fault of one transition: for each command and each number of files in force, another
// answer.
TEST(BlackBox, OutputFaultsAreFound) {
  int planted = 0;
  for (const Command& command : Alphabet(Small().world)) {
    if (command.fault.armed()) continue;
    for (const int files : {0, 1, 2}) {
      bool met = false;
      Opaque sut(On("v3"), [&](const Command& now, Outcome& outcome, ModelSut::Memory& memory) {
        if (!(now == command) || memory.state.files != files || outcome.crashed()) return;
        met = true;
        outcome.warned = !outcome.warned;
      });
      const BlackBoxResult result = TestBlackBox(sut, Small());
      EXPECT_EQ(result.failing.has_value(), met);
      planted += met;
    }
  }
  EXPECT_GT(planted, 8);
}

// The right answer, and then the wrong state: seen by what comes after.
TEST(BlackBox, TransferFaultsAreFound) {
  const struct {
    const char* what;
    ModelSut::Error error;
  } faults[] = {
      {"the second file is not counted",
       [](const Command& command, Outcome&, ModelSut::Memory& memory) {
         if (command.verb == Verb::kPreserveFile && memory.state.files == 2)
           memory.state.files = memory.state.flb_refs = 1;
       }},
      {"a failed preserve leaves the domain unpreserved",
       [](const Command& command, Outcome& outcome, ModelSut::Memory& memory) {
         if (command.verb == Verb::kPreserveDevice && outcome.failed())
           memory.state.preserved_state[0] = kNull;
       }},
      {"unpreserving a device forgets its IOMMU's reference",
       [](const Command& command, Outcome& outcome, ModelSut::Memory& memory) {
         if (command.verb == Verb::kUnpreserveDevice && outcome.call_count == 2)
           memory.state.outgoing_preserved_state[0] = 0;
       }},
  };
  for (const auto& fault : faults) {
    Opaque sut(On("v3"), fault.error);
    EXPECT_TRUE(TestBlackBox(sut, Small()).failing) << fault.what;
  }
}

// A third failure in a row is one state too many for k = 0, and is found with enough extra states.
TEST(BlackBox, DefectsBeyondTheExtraStatesMayBeMissed) {
  const auto error = [](const Command& command, Outcome& outcome, ModelSut::Memory& memory) {
    const bool fails = command.fault.site == FaultSite::kIommuPreserve && outcome.fault_fired;
    memory.hidden = fails ? memory.hidden + 1 : 0;
    if (memory.hidden == 3) outcome.warned = true;
  };
  Opaque sut(On("v3"), error);
  EXPECT_FALSE(TestBlackBox(sut, Small(0)).failing);
  EXPECT_TRUE(TestBlackBox(sut, Small(2)).failing);
}

TEST(BlackBox, MutantsOfTheCoreAreFound) {
  for (const char* name : {"mutant.d1", "mutant.d6", "mutant.d15"}) {
    const std::unique_ptr<Sut> sut = Loaded(name);
    EXPECT_TRUE(TestBlackBox(*sut, Small()).failing) << name;
  }
}

TEST(BlackBox, CostIsCounted) {
  ModelSut model(On("v3"));
  const BlackBoxResult none = TestBlackBox(model, Small(0)), one = TestBlackBox(model, Small(1));
  EXPECT_EQ(none.states, 7u);
  EXPECT_GT(none.tests, none.states);
  EXPECT_GT(one.tests, 2 * none.tests);
  EXPECT_GT(none.commands, none.tests);
}

}  // namespace
}  // namespace holdfast
