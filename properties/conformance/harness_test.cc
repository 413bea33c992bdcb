// The canary: an error is planted in each of the things that the suite compares, and the suite must
// see it. A harness that passes everything passes every other test too, so this one stands first.

#include <utility>

#include <gtest/gtest.h>

#include "properties/search/campaign.h"
#include "properties/conformance/conformance.h"
#include "properties/lockstep/effort.h"
#include "properties/search/exhaustive.h"
#include "properties/search/fault_sweep.h"
#include "properties/lockstep/model_sut.h"

namespace holdfast {
namespace {

const Profile& V3() { return *FindProfile("v3"); }

// Runs the commands on a small plain topology against the model with `error` planted; the
// divergence must come and name `rule`.
testing::AssertionResult IsCaught(const std::vector<Command>& commands, Rule rule,
                                  ModelSut::Error error) {
  ModelSut sut(V3(), std::move(error));
  const Scenario scenario = {V3(), MakeTopology(1, 2, 1), commands};
  const std::optional<Divergence> divergence = RunScenario(sut, scenario);
  if (!divergence) return testing::AssertionFailure() << "not caught";
  if (divergence->rule != rule)
    return testing::AssertionFailure() << Describe(scenario, *divergence);
  return testing::AssertionSuccess();
}

const std::vector<Command> kPreserved = {PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0)};

// An error that strikes each preserve_device that succeeds.
template <typename Change>
ModelSut::Error OnPreserveDevice(Change change) {
  return [change](const Command& command, Outcome& outcome, Observation& observation) {
    if (command.verb != Verb::kPreserveDevice || outcome.failed() || outcome.crashed()) return;
    change(outcome, observation);
  };
}

TEST(Harness, ModelConformsToItself) {
  for (const Profile& profile : Profiles()) {
    ModelSut sut(profile);
    CampaignOptions options = {.profile = profile,
                               .cases = static_cast<std::uint64_t>(Effort(5000))};
    const CampaignResult result = RunCampaign(sut, options);
    EXPECT_FALSE(result.counterexample) << PrintCounterexample(*result.counterexample);
    EXPECT_EQ(result.cases, options.cases);
  }
}

TEST(Harness, WrongErrnoIsR5) {
  EXPECT_TRUE(IsCaught({PreserveFile(), PreserveDevice(0, 0)}, Rule::kAtomic,
                       [](const Command&, Outcome& outcome, Observation&) {
                         if (outcome.error == -EINVAL) outcome.error = -EIO;
                       }));
}

TEST(Harness, AcceptingWhatTheProfileRefusesHasR5InIt) {
  ModelSut sut(V3(), [](const Command&, Outcome& outcome, Observation&) {
    if (outcome.error == -EINVAL) outcome.error = 0;
  });
  const std::optional<Divergence> divergence =
      RunScenario(sut, {V3(), MakeTopology(1, 1, 1), {PreserveFile(), PreserveDevice(0, 0)}});
  ASSERT_TRUE(divergence);
  EXPECT_TRUE(divergence->rules & RuleBit(Rule::kAtomic));
}

TEST(Harness, WrongOutParameterIsR5) {
  EXPECT_TRUE(IsCaught(kPreserved, Rule::kAtomic,
                       OnPreserveDevice([](Outcome& outcome, Observation&) { outcome.out = 7; })));
}

TEST(Harness, FaultThatIsNotReachedIsR5) {
  EXPECT_TRUE(IsCaught(
      {WithFault(PreserveFile(), FaultSite::kKhoAlloc)}, Rule::kAtomic,
      [](const Command&, Outcome& outcome, Observation&) { outcome.fault_fired = false; }));
}

TEST(Harness, MissingDriverCallIsR6) {
  EXPECT_TRUE(
      IsCaught(kPreserved, Rule::kPaired,
               OnPreserveDevice([](Outcome& outcome, Observation&) { --outcome.call_count; })));
}

TEST(Harness, SwappedDriverCallsAreR6) {
  EXPECT_TRUE(
      IsCaught(kPreserved, Rule::kPaired, OnPreserveDevice([](Outcome& outcome, Observation&) {
                 std::swap(outcome.calls[0], outcome.calls[1]);
               })));
}

TEST(Harness, WrongCountIsR2) {
  EXPECT_TRUE(
      IsCaught(kPreserved, Rule::kCounted, OnPreserveDevice([](Outcome&, Observation& observation) {
                 ++observation.state.flb.iommus[0].ref_count;
               })));
}

TEST(Harness, LostOutgoingPointerIsR1) {
  EXPECT_TRUE(
      IsCaught(kPreserved, Rule::kHeld, OnPreserveDevice([](Outcome&, Observation& observation) {
                 observation.state.outgoing_preserved_state[0] = kNull;
               })));
}

TEST(Harness, WrongDomainInARecordIsR3) {
  EXPECT_TRUE(
      IsCaught(kPreserved, Rule::kClosed, OnPreserveDevice([](Outcome&, Observation& observation) {
                 observation.state.flb.devices[0].domain = kWild;
               })));
}

TEST(Harness, SecondRecordOfADeviceIsR4) {
  EXPECT_TRUE(
      IsCaught(kPreserved, Rule::kUnique, OnPreserveDevice([](Outcome&, Observation& observation) {
                 Flb& flb = observation.state.flb;
                 flb.devices.push_back(flb.devices[0]);
                 ++flb.iommus[0].ref_count;  // so that the count does not give it away
               })));
}

TEST(Harness, DamagedChainIsR7) {
  EXPECT_TRUE(IsCaught(kPreserved, Rule::kAppendOnly,
                       OnPreserveDevice([](Outcome&, Observation& observation) {
                         observation.state.flb.damage = DamageBit(Damage::kOverfull);
                       })));
}

TEST(Harness, StrayPageIsR8) {
  EXPECT_TRUE(
      IsCaught(kPreserved, Rule::kPages, OnPreserveDevice([](Outcome&, Observation& observation) {
                 observation.state.kho.stray = 1;
               })));
}

TEST(Harness, StalePointerIsR9) {
  EXPECT_TRUE(IsCaught({PreserveFile(), PreserveDomain(0), UnpreserveDomain(0), UnpreserveFile()},
                       Rule::kNoGhosts,
                       [](const Command& command, Outcome&, Observation& observation) {
                         if (command.verb == Verb::kUnpreserveFile)
                           observation.state.preserved_state[0] = kStale;
                       }));
}

TEST(Harness, FindingOfTheEnvironmentIsItsRule) {
  const auto finds = [](Finding finding) {
    return OnPreserveDevice(
        [finding](Outcome& outcome, Observation&) { outcome.findings |= FindingBit(finding); });
  };
  EXPECT_TRUE(IsCaught(kPreserved, Rule::kLocks, finds(Finding::kOpWithoutLock)));
  EXPECT_TRUE(IsCaught(kPreserved, Rule::kPages, finds(Finding::kPageUnpreservedTwice)));
  EXPECT_TRUE(IsCaught(kPreserved, Rule::kAtomic, finds(Finding::kOutParamOnFailure)));
  EXPECT_TRUE(IsCaught(kPreserved, Rule::kPaired, finds(Finding::kDirtySlot)));
}

TEST(Harness, KeptFlbReferenceIsR11) {
  EXPECT_TRUE(IsCaught(
      kPreserved, Rule::kBalanced,
      OnPreserveDevice([](Outcome&, Observation& observation) { ++observation.state.flb_refs; })));
}

TEST(Harness, LostRecordAfterKexecIsR12) {
  EXPECT_TRUE(IsCaught({PreserveFile(), PreserveDomain(0), Freeze(), Kexec()}, Rule::kHandover,
                       [](const Command& command, Outcome&, Observation& observation) {
                         if (command.verb == Verb::kKexec)
                           observation.state.incoming.flb.domains.clear();
                       }));
}

TEST(Harness, WrongLayoutIsR14) {
  Profile narrow = V3();
  narrow.layout.device = 40;
  ModelSut sut(narrow);
  const Scenario scenario = {V3(), MakeTopology(1, 1, 1), kPreserved};
  const std::optional<Divergence> divergence = RunScenario(sut, scenario);
  ASSERT_TRUE(divergence);
  EXPECT_EQ(divergence->rule, Rule::kLayout);
  EXPECT_EQ(divergence->moment, Divergence::Moment::kBegin);
}

TEST(Harness, WarnIsR15) {
  EXPECT_TRUE(
      IsCaught(kPreserved, Rule::kQuiet,
               OnPreserveDevice([](Outcome& outcome, Observation&) { outcome.warned = true; })));
}

TEST(Harness, CrashIsR15) {
  const auto crash = [](Outcome& outcome, Observation& observation) {
    outcome.kind = Outcome::Kind::kCrashed;
    observation.state.crashed = true;
  };
  EXPECT_TRUE(IsCaught({PreserveFile(), PreserveDevice(0, 0)}, Rule::kQuiet,
                       [crash](const Command&, Outcome& outcome, Observation& observation) {
                         crash(outcome, observation);
                       }));
}

TEST(Harness, AfterACrashOnlyATornChainIsHeldAgainstTheMemory) {
  const auto crash_in_the_middle = [](std::uint8_t damage) {
    return OnPreserveDevice([damage](Outcome& outcome, Observation& observation) {
      observation.state.flb.iommus[0].ref_count = 9;  // half done: no evidence of anything
      observation.state.flb.damage = damage;
      outcome.kind = Outcome::Kind::kCrashed;
      observation.state.crashed = true;
    });
  };
  EXPECT_TRUE(IsCaught(kPreserved, Rule::kQuiet, crash_in_the_middle(0)));
  EXPECT_TRUE(
      IsCaught(kPreserved, Rule::kAppendOnly, crash_in_the_middle(DamageBit(Damage::kBadPage))));
}

TEST(Harness, WrongAnswerOfAQueryIsR16) {
  EXPECT_TRUE(
      IsCaught(kPreserved, Rule::kVisible, OnPreserveDevice([](Outcome&, Observation& observation) {
                 observation.queries.device[0] = kNull;
               })));
  EXPECT_TRUE(
      IsCaught(kPreserved, Rule::kVisible, OnPreserveDevice([](Outcome&, Observation& observation) {
                 observation.queries.iommu[0] = kNull;
               })));
}

TEST(Harness, SkippedVisitIsR16) {
  EXPECT_TRUE(
      IsCaught({ForEachDev(0)}, Rule::kVisible,
               [](const Command&, Outcome& outcome, Observation&) { --outcome.call_count; }));
}

TEST(Harness, PageLeftAfterTeardownIsR8) {
  EXPECT_TRUE(IsCaught(kPreserved, Rule::kPages,
                       [](const Command& command, Outcome&, Observation& observation) {
                         if (command.verb == Verb::kUnpreserveFile) observation.state.kho.stray = 4;
                       }));
}

// A defect that needs a failed call, and one more: the campaign, the search and the sweep each find
// it, and agree.
ModelSut::Error ForgetsAfterAFault() {
  return [](const Command& command, Outcome& outcome, ModelSut::Memory& memory) {
    if (command.verb != Verb::kPreserveDevice) return;
    if (outcome.fault_fired && command.fault.site == FaultSite::kIommuPreserve) {
      memory.hidden = 1;
    } else if (memory.hidden == 1 && !outcome.failed() && !outcome.crashed()) {
      memory.hidden = 0;
      memory.state.kho.iommus = 0;
    }
  };
}

TEST(Harness, CampaignFindsAMutant) {
  ModelSut sut(V3(), ForgetsAfterAFault());
  const CampaignResult result = RunCampaign(sut, {.profile = V3(), .cases = 2000});
  ASSERT_TRUE(result.counterexample);
  EXPECT_EQ(result.counterexample->divergence.rule, Rule::kPages);
}

TEST(Harness, SweepFindsAMutant) {
  ModelSut sut(V3(), ForgetsAfterAFault());
  const FaultSweepResult result = SweepFaults(sut, {V3(), MakeTopology(1, 1, 1), kPreserved});
  ASSERT_TRUE(result.counterexample);
  EXPECT_EQ(result.counterexample->divergence.rule, Rule::kPages);
  EXPECT_EQ(result.counterexample->scenario.commands.size(), 4u);
}

TEST(Harness, ShrinkingEndsInTheShortestTrace) {
  ModelSut sut(V3(), OnPreserveDevice([](Outcome&, Observation& observation) {
                 ++observation.state.flb.iommus[0].ref_count;
               }));
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto shrunk = FindDivergence(sut, V3(), Mode::kContract, 500, seed);
    ASSERT_TRUE(shrunk);
    EXPECT_EQ(shrunk->minimal.scenario.commands.size(), 3u) << PrintCounterexample(shrunk->minimal);
    EXPECT_EQ(shrunk->minimal.divergence.rule, Rule::kCounted);
  }
}

}  // namespace
}  // namespace holdfast
