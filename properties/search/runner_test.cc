// What an implementation does to its process is a divergence like any other, at the command that
// did it.
#include "properties/lockstep/runner.h"

#include <gtest/gtest.h>

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <vector>

#include "properties/search/campaign.h"
#include "properties/search/exhaustive.h"
#include "properties/lockstep/loaded_sut.h"
#include "properties/lockstep/model_sut.h"

namespace holdfast {
namespace {

Profile V3() { return *FindProfile("v3"); }

// The model as an implementation, which dies at each call of the verb.
ModelSut DiesAt(Verb verb) {
  return ModelSut(V3(), [verb](const Command& command, Outcome&, Observation&) {
    if (command.verb == verb) raise(SIGKILL);
  });
}

Scenario Commands(std::vector<Command> commands) {
  return {V3(), MakeTopology(1, 1, 1), std::move(commands)};
}

TEST(Runner, DeathIsR15AtTheCommandThatWasUnderWay) {
  ModelSut sut = DiesAt(Verb::kPreserveDomain);
  Runner runner(sut, Runner::Where::kInChild);
  const Scenario scenario = Commands({PreserveFile(), PreserveDomain(0), Freeze()});
  const std::optional<Divergence> divergence = runner.Run(scenario);
  ASSERT_TRUE(divergence);
  EXPECT_EQ(divergence->rule, Rule::kQuiet);
  EXPECT_EQ(divergence->moment, Divergence::Moment::kCommand);
  EXPECT_EQ(divergence->step, 1u);
  EXPECT_EQ(divergence->command, PreserveDomain(0));
  EXPECT_EQ(divergence->ending, "SIGKILL");
  EXPECT_EQ(divergence->model_outcome.error, 0);
  EXPECT_TRUE(divergence->sut_outcome.crashed());
  EXPECT_EQ(divergence->sut_state.files, 1);
  EXPECT_NE(Describe(scenario, *divergence).find("ended: SIGKILL"), std::string::npos);
}

TEST(Runner, DeathInTheTeardownIsNoCommandOfTheScenario) {
  ModelSut sut = DiesAt(Verb::kUnpreserveDomain);
  Runner runner(sut, Runner::Where::kInChild);
  const std::optional<Divergence> divergence =
      runner.Run(Commands({PreserveFile(), PreserveDomain(0)}));
  ASSERT_TRUE(divergence);
  EXPECT_EQ(divergence->moment, Divergence::Moment::kTeardown);
  EXPECT_EQ(divergence->command, UnpreserveDomain(0));
}

TEST(Runner, ConformingScenarioConformsInAChild) {
  ModelSut sut = DiesAt(Verb::kKexec);
  EXPECT_FALSE(
      Runner(sut, Runner::Where::kInChild).Run(Commands({PreserveFile(), PreserveDomain(0)})));
}

TEST(Runner, DivergenceThatIsNoDeathIsTheSameInAChildAndHere) {
  ModelSut sut(V3(), [](const Command& command, Outcome& outcome, Observation&) {
    if (command.verb == Verb::kPreserveDomain) outcome.warned = true;
  });
  const Scenario scenario = Commands({PreserveFile(), PreserveDomain(0)});
  const std::optional<Divergence> here = Runner(sut).Run(scenario);
  const std::optional<Divergence> in_child = Runner(sut, Runner::Where::kInChild).Run(scenario);
  ASSERT_TRUE(here && in_child);
  EXPECT_EQ(Describe(scenario, *here), Describe(scenario, *in_child));
}

TEST(Runner, FirstGoesOnAfterADeathThatIsNotLookedFor) {
  ModelSut sut(V3(), [](const Command& command, Outcome&, Observation&) {
    if (command.verb == Verb::kFreeze) raise(SIGKILL);
    if (command.verb == Verb::kKexec) _exit(3);
  });
  Runner runner(sut, Runner::Where::kInChild);
  const std::vector<Scenario> scenarios = {Commands({Freeze()}), Commands({PreserveFile()}),
                                           Commands({Freeze()}), Commands({Kexec()})};
  const auto exits = [](const Scenario&, const Divergence& divergence) {
    return divergence.ending == "exit status 3";
  };
  EXPECT_EQ(runner.First(exits, scenarios), std::size_t{3});
  EXPECT_EQ(runner.First(exits, std::span(scenarios).first(3)), std::nullopt);
}

TEST(Runner, DeathWhereTheModelCrashesAgreesWithIt) {
  ModelSut sut(V3(), [](const Command&, Outcome& outcome, Observation&) {
    if (outcome.crashed()) raise(SIGKILL);
  });
  Runner runner(sut, Runner::Where::kInChild);
  EXPECT_FALSE(runner.Run(Commands({PreserveDomain(0)})));  // no FLB on stage A
  EXPECT_TRUE(runner.skips_crashes());
  const ExhaustiveOptions options = {.profile = V3(),
                                     .world =
                                         [] {
                                           SmallWorld world = OneIommuWorld();
                                           world.depth = 3;
                                           return world;
                                         }(),
                                     .recorder = runner.recorder(),
                                     .progress = {}};
  std::uint64_t sequences = 0;
  EXPECT_FALSE(runner.Contain(V3(), [&] {
    const ExhaustiveResult result = Exhaust(sut, options);
    EXPECT_FALSE(result.counterexample);
    sequences = result.sequences;
  }));
  EXPECT_GT(sequences, 100u);
}

// The next calls that preserve a domain end the process, so many times. No job repeats a death.
ModelSut DiesSometimes(std::atomic<int>& deaths, int number) {
  return ModelSut(V3(), [&deaths, number](const Command& command, Outcome&, Observation&) {
    if (command.verb == Verb::kPreserveDomain && deaths > 0 && deaths-- > 0) raise(number);
  });
}

TEST(Runner, DeathFromOutsideIsForgotten) {
  Shared<std::atomic<int>> deaths;
  ModelSut sut = DiesSometimes(*deaths, SIGKILL);
  Runner runner(sut, Runner::Where::kInChild);
  CampaignResult result;
  const auto job = [&] {
    result = RunCampaign(sut, {.profile = V3(), .cases = 200, .recorder = runner.recorder()});
  };
  *deaths = 1;
  EXPECT_FALSE(runner.Contain(V3(), job));
  EXPECT_EQ(result.cases, 200u);
  *deaths = 1;
  EXPECT_FALSE(runner.Run(Commands({PreserveFile(), PreserveDomain(0)})));
  EXPECT_EQ(*deaths, 0);
}

TEST(Runner, CrashThatDoesNotHappenAgainIsNoDivergence) {
  Shared<std::atomic<int>> deaths;
  ModelSut sut = DiesSometimes(*deaths, SIGABRT);
  Runner runner(sut, Runner::Where::kInChild);
  *deaths = 1;
  const std::optional<EndedJob> ended = runner.Contain(V3(), [&] {
    RunCampaign(sut, {.profile = V3(), .cases = 200, .recorder = runner.recorder()});
  });
  ASSERT_TRUE(ended);
  EXPECT_TRUE(ended->found.divergence.variation);
  EXPECT_EQ(ended->found.divergence.rules, 0u);
}

TEST(Runner, ExceptionIsADeath) {
  ModelSut sut(V3(), [](const Command& command, Outcome&, Observation&) {
    if (command.verb == Verb::kPreserveDomain) throw std::runtime_error("no\nfile");
  });
  const std::optional<Divergence> divergence =
      Runner(sut, Runner::Where::kInChild).Run(Commands({PreserveFile(), PreserveDomain(0)}));
  ASSERT_TRUE(divergence);
  EXPECT_EQ(divergence->rule, Rule::kQuiet);
  EXPECT_EQ(divergence->command, PreserveDomain(0));
  EXPECT_EQ(divergence->ending, "threw an exception: no\\nfile");
}

TEST(Runner, JobThatSurvivesLeavesItsResults) {
  ModelSut sut(V3());
  Runner runner(sut, Runner::Where::kInChild);
  CampaignResult result;
  EXPECT_FALSE(runner.Contain(V3(), [&] {
    result = RunCampaign(sut, {.profile = V3(), .cases = 200, .recorder = runner.recorder()});
  }));
  EXPECT_EQ(result.cases, 200u);
  EXPECT_EQ(result.tally.cases, 200u);
  EXPECT_GT(result.tally.commands, 200u);
}

// What has smashed the heap crashes later, when none of its calls is under way.
void CrashIf(bool smashed) {
  if (!smashed) return;
  signal(SIGABRT, SIG_DFL);
  raise(SIGABRT);
}

TEST(Runner, CrashAfterTheJobIsTheJobs) {
  bool smashed = false;
  ModelSut sut(V3(), [&](const Command& command, Outcome&, Observation&) {
    smashed |= command.verb == Verb::kPreserveDomain;
  });
  Runner runner(sut, Runner::Where::kInChild);
  const Scenario scenario = Commands({PreserveFile(), PreserveDomain(0)});
  bool conforms = false;
  const std::optional<EndedJob> ended = runner.Contain(
      V3(), [&] { conforms = !RunScenario(sut, scenario, /*hardened=*/false, runner.recorder()); });
  CrashIf(smashed);
  ASSERT_TRUE(ended);
  EXPECT_FALSE(smashed);
  EXPECT_FALSE(conforms);
  EXPECT_TRUE(ended->late);
  EXPECT_EQ(ended->found.scenario, scenario);
  EXPECT_GT(ended->tally.commands, 1u);
  EXPECT_EQ(ended->found.divergence.rule, Rule::kQuiet);
  EXPECT_EQ(ended->found.divergence.ending, "SIGABRT, after the call");
  EXPECT_TRUE(ended->found.divergence.noticed_later);
}

TEST(Runner, CrashAfterADivergenceIsTheDivergence) {
  bool smashed = false;
  ModelSut sut(V3(), [&](const Command& command, Outcome& outcome, Observation&) {
    if (command.verb == Verb::kPreserveDomain) smashed = outcome.warned = true;
  });
  Runner runner(sut, Runner::Where::kInChild);
  const std::optional<Divergence> divergence =
      runner.Run(Commands({PreserveFile(), PreserveDomain(0), Freeze()}));
  // what its trials write down is another case
  if (smashed) runner.Diverges(Commands({PreserveFile()}));
  CrashIf(smashed);
  ASSERT_TRUE(divergence);
  EXPECT_FALSE(smashed);
  EXPECT_EQ(divergence->rule, Rule::kQuiet);
  EXPECT_EQ(divergence->ending, "SIGABRT, after the call");
  EXPECT_EQ(divergence->command, Freeze());
}

// Smashes the heap when a domain is preserved, and is found out in the case after.
class SmashingSut : public ModelSut {
 public:
  SmashingSut()
      : ModelSut(V3(), [this](const Command& command, Outcome&, Memory&) {
          smashed_ |= command.verb == Verb::kPreserveDomain;
        }) {}
  void Reset(const Topology& topology, Luo luo) override {
    ModelSut::Reset(topology, luo);
    found_out_ = smashed_;
  }
  void Observe(Observation& observation) override {
    CrashIf(found_out_);
    ModelSut::Observe(observation);
  }

 private:
  bool smashed_ = false, found_out_ = false;
};

TEST(Runner, DeathOutsideACallIsNotBlamedOnTheCaseAfter) {
  SmashingSut sut;
  Runner runner(sut, Runner::Where::kInChild);
  const std::vector<Scenario> scenarios = {Commands({PreserveFile(), PreserveDomain(0)}),
                                           Commands({PreserveFile()})};
  EXPECT_EQ(runner.First([](const Scenario&,
                            const Divergence& divergence) { return divergence.noticed_later; },
                         scenarios),
            std::nullopt);
  int deaths = 0;
  EXPECT_EQ(
      runner.First([&](const Scenario&, const Divergence&) { return ++deaths == 2; }, scenarios),
      std::nullopt);
  EXPECT_EQ(deaths, 1);  // it did die
}

TEST(Runner, JobThatDiesSaysWhatItWasAt) {
  ModelSut sut(V3(), [](const Command& command, Outcome& outcome, ModelSut::Memory& memory) {
    if (command.verb == Verb::kPreserveDevice && outcome.fault_fired) memory.hidden = 1;
    if (command.verb == Verb::kUnpreserveDevice && memory.hidden == 1) raise(SIGKILL);
  });
  Runner runner(sut, Runner::Where::kInChild);
  const CampaignOptions options = {.profile = V3(), .cases = 20'000, .recorder = runner.recorder()};
  const std::optional<EndedJob> ended = runner.Contain(V3(), [&] { RunCampaign(sut, options); });
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->found.divergence.ending, "SIGKILL");
  EXPECT_EQ(ended->found.divergence.command.verb, Verb::kUnpreserveDevice);
  EXPECT_GT(ended->tally.commands, 0u);
  // The case by its number, and what was run of it.
  Scenario generated = GenerateScenario(V3(), ModeOfCase(options, ended->tally.cases), options.seed,
                                        NumberOfCase(options, ended->tally.cases));
  EXPECT_EQ(ended->found.scenario.topology, generated.topology);
  ASSERT_LE(ended->found.scenario.commands.size(), generated.commands.size());
  generated.commands.resize(ended->found.scenario.commands.size());
  EXPECT_EQ(ended->found.scenario.commands, generated.commands);
  // And it dies again, alone.
  const std::optional<Divergence> again = runner.Run(ended->found.scenario);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->ending, "SIGKILL");
}

}  // namespace
}  // namespace holdfast
