#include "properties/shrink/shrink.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "model/text/text.h"
#include "properties/generate/generate.h"
#include "properties/lockstep/model_sut.h"
#include "model/text/trace.h"

namespace holdfast {
namespace {

const Profile& V3() { return *FindProfile("v3"); }

// D1: a hw preserve that failed is published anyway.
ModelSut PublishesFailedPreserve() {
  return ModelSut(V3(), [](const Command& command, Outcome& outcome, Observation& observation) {
    if (command.verb != Verb::kPreserveDevice || outcome.call_count != 1 || outcome.error == 0)
      return;
    if (outcome.calls[0].op != Op::kIommuPreserve) return;
    observation.state.outgoing_preserved_state[outcome.calls[0].object] = outcome.calls[0].slot;
    observation.queries.iommu[outcome.calls[0].object] = outcome.calls[0].slot;
  });
}

Scenario FirstDiverging(Sut& sut, std::uint64_t seed) {
  for (Cases cases(V3(), Mode::kHostile, seed);;) {
    Scenario scenario = cases.Next();
    if (RunScenario(sut, scenario)) return scenario;
  }
}

Shrunk ShrinkSame(Sut& sut, const Scenario& scenario) {
  Runner runner(sut);
  return Shrink(scenario, SameDivergence(runner, *runner.Run(scenario)));
}

TEST(Shrink, ADefectComesOutAsTheSameFewCallsWhateverItWasFoundIn) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    ModelSut sut = PublishesFailedPreserve();
    const Scenario found = FirstDiverging(sut, seed);
    const Shrunk shrunk = ShrinkSame(sut, found);
    EXPECT_FALSE(shrunk.ran_out);
    EXPECT_LE(shrunk.scenario.commands.size(), 4u)
        << PrintTrace(MakeTrace(shrunk.scenario, "Shrunk."));
    EXPECT_TRUE(RunScenario(sut, shrunk.scenario));
  }
}

TEST(Shrink, ALongScenarioShrinksToTheOneCallThatMatters) {
  Scenario scenario{.profile = V3(), .topology = MakeTopology(3, 6, 3), .commands = {}};
  for (int i = 0; i < 400; ++i)
    scenario.commands.push_back(i == 271 ? Freeze() : ClaimDmaOwner(i % 6));
  const auto fails = [](const Scenario& candidate) {
    return std::count(candidate.commands.begin(), candidate.commands.end(), Freeze()) > 0;
  };
  const Shrunk shrunk = Shrink(scenario, OneByOne(fails));
  EXPECT_EQ(shrunk.scenario.commands, std::vector<Command>{Freeze()});
  EXPECT_EQ(shrunk.scenario.topology, Topology());
  EXPECT_LT(shrunk.evaluations, 200u);
}

TEST(Shrink, FaultsAndTraitsThatDoNotMatterGo) {
  Scenario scenario{.profile = V3(), .topology = MakeTopology(2, 4, 2), .commands = {}};
  scenario.topology.iommus[0].missing_ops = OpBit(Op::kIommuPreserve);
  scenario.topology.devices[3].bus = Bus::kCdx;
  scenario.commands = {WithFault(PreserveDevice(1, 3), FaultSite::kKhoAlloc, -EIO, 7)};
  const auto fails = [](const Scenario& candidate) {
    return std::any_of(candidate.commands.begin(), candidate.commands.end(),
                       [](const Command& command) {
                         return command.verb == Verb::kPreserveDevice &&
                                command.fault.site == FaultSite::kKhoAlloc;
                       });
  };
  const Shrunk shrunk = Shrink(scenario, OneByOne(fails));
  EXPECT_EQ(shrunk.scenario.topology, MakeTopology(1, 1, 1));
  EXPECT_EQ(shrunk.scenario.commands,
            std::vector<Command>{WithFault(PreserveDevice(0, 0), FaultSite::kKhoAlloc)});
}

TEST(Shrink, IsDeterministic) {
  ModelSut sut = PublishesFailedPreserve();
  const Scenario found = FirstDiverging(sut, 42);
  const Shrunk once = ShrinkSame(sut, found);
  const Shrunk again = ShrinkSame(sut, found);
  EXPECT_EQ(once.scenario, again.scenario);
  EXPECT_EQ(once.evaluations, again.evaluations);
}

TEST(Shrink, StopsAtItsBudgetWithTheBestSoFar) {
  Scenario scenario{.profile = V3(),
                    .topology = MakeTopology(1, 1, 1),
                    .commands = std::vector<Command>(64, Freeze())};
  std::size_t calls = 0;
  const auto fails = [&calls](const Scenario& candidate) {
    ++calls;
    return candidate.commands.size() >= 10;
  };
  const Shrunk shrunk = Shrink(scenario, OneByOne(fails), {.evaluations = 5, .time = std::nullopt});
  EXPECT_TRUE(shrunk.ran_out);
  EXPECT_EQ(shrunk.evaluations, 5u);
  EXPECT_EQ(calls, 5u);
  EXPECT_LT(shrunk.scenario.commands.size(), 64u);
  const Shrunk none =
      Shrink(scenario, OneByOne(fails), {.evaluations = 100, .time = std::chrono::nanoseconds(0)});
  EXPECT_TRUE(none.ran_out);
  EXPECT_EQ(none.scenario, scenario);
}

TEST(Shrink, AnotherDefectIsNotTheSameDivergence) {
  ModelSut sut(V3(), [](const Command& command, Outcome& outcome, Observation&) {
    if (command.verb == Verb::kFreeze) outcome.findings = FindingBit(Finding::kOpWithoutLock);
    if (command.verb == Verb::kKexec) outcome.findings = FindingBit(Finding::kMemoryLeaked);
  });
  const auto only = [](const Command& command) {
    return Scenario{.profile = V3(), .topology = MakeTopology(1, 1, 1), .commands = {command}};
  };
  Runner runner(sut);
  const FirstFailing same = SameDivergence(runner, *runner.Run(only(Freeze())));
  EXPECT_TRUE(runner.Run(only(Kexec())));
  EXPECT_EQ(same(std::vector{only(PreserveFile()), only(Kexec()), only(Freeze())}), std::size_t{2});
  EXPECT_EQ(same(std::vector{only(PreserveFile()), only(Kexec())}), std::nullopt);
}

// A scenario of many calls. One call matters.
Scenario OneFreezeAmongMany() {
  Scenario scenario{.profile = V3(),
                    .topology = MakeTopology(1, 1, 1),
                    .commands = std::vector<Command>(100, ClaimDmaOwner(0))};
  scenario.commands[50] = Freeze();
  return scenario;
}

TEST(Shrink, WithoutTimeTheBestSoFarIsWhatItWasGiven) {
  const Scenario scenario = OneFreezeAmongMany();
  const Shrunk shrunk = Shrink(scenario, OneByOne([](const Scenario&) { return true; }),
                               {.time = std::chrono::seconds(0)});
  EXPECT_EQ(shrunk.scenario, scenario);
  EXPECT_EQ(shrunk.evaluations, 0u);
  EXPECT_TRUE(shrunk.ran_out && shrunk.out_of_time);
}

TEST(Shrink, SaysWhichBoundItMet) {
  const Shrunk shrunk =
      Shrink(OneFreezeAmongMany(), OneByOne([](const Scenario&) { return false; }),
             {.evaluations = 10, .time = std::chrono::hours(1)});
  EXPECT_TRUE(shrunk.ran_out);
  EXPECT_FALSE(shrunk.out_of_time);
}

TEST(Shrink, ATimeThatIsNotMetChangesNothing) {
  const auto fails = [](const Scenario& candidate) {
    return std::count(candidate.commands.begin(), candidate.commands.end(), Freeze()) > 0;
  };
  const Shrunk without = Shrink(OneFreezeAmongMany(), OneByOne(fails));
  const Shrunk within =
      Shrink(OneFreezeAmongMany(), OneByOne(fails), {.time = std::chrono::hours(1)});
  EXPECT_EQ(within.scenario, without.scenario);
  EXPECT_EQ(within.evaluations, without.evaluations);
  EXPECT_FALSE(within.out_of_time);
}

// One that hangs would else hang for a whole batch of them.
TEST(Shrink, TheFirstBatchIsOneScenarioWhereTimeCounts) {
  std::size_t first = 0;
  const FirstFailing ask = [&](std::span<const Scenario> scenarios) -> std::optional<std::size_t> {
    if (first == 0) first = scenarios.size();
    return std::nullopt;
  };
  Shrink(OneFreezeAmongMany(), ask, {.time = std::chrono::hours(1)});
  EXPECT_EQ(first, 1u);
}

TEST(Shrink, WithinTheContractWhatBreaksItIsNeverAsked) {
  const Scenario keeps{.profile = V3(),
                       .topology = MakeTopology(1, 1, 1),
                       .commands = {PreserveFile(), PreserveDomain(0)}};
  Scenario breaks = keeps;
  breaks.commands = {PreserveDomain(0)};
  std::size_t asked = 0;
  const FirstFailing within =
      WithinContract([&](std::span<const Scenario> scenarios) -> std::optional<std::size_t> {
        asked += scenarios.size();
        return scenarios.size() - 1;
      });
  EXPECT_EQ(within(std::vector{breaks, breaks}), std::nullopt);
  EXPECT_EQ(asked, 0u);
  EXPECT_EQ(within(std::vector{breaks, keeps, breaks}), std::optional<std::size_t>(1));
  EXPECT_EQ(asked, 1u);
}

}  // namespace
}  // namespace holdfast
