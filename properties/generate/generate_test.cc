// The generators: the same on every compiler, within the contract where they promise it, and varied
// enough to find something.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "model/rules/contract.h"
#include "model/step.h"
#include "model/text/trace.h"
#include "properties/generate/generate.h"
#include "properties/lockstep/keeps_contract.h"
#include "properties/lockstep/loaded_sut.h"

namespace holdfast {
namespace {

// FNV-1a, so that a whole stream of cases is pinned by one number.
std::uint64_t HashOf(const std::string& text, std::uint64_t hash) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash;
}

// A change of the generators changes these, and with them what `--seed` and `--case` of an old
// report mean.
TEST(Generate, CasesArePinnedForEveryCompiler) {
  std::uint64_t hash = 0xcbf29ce484222325ull;
  for (const Mode mode : {Mode::kContract, Mode::kHostile}) {
    Cases cases(On("v3"), mode, 42);
    for (int i = 0; i < 300; ++i) hash = HashOf(PrintScenario(cases.Next()), hash);
  }
  EXPECT_EQ(hash, 6786800411095985791u);
}

TEST(Generate, SameArgumentsSameScenarioOthersAnother) {
  const auto make = [](std::uint64_t seed, std::uint64_t index) {
    return GenerateScenario(On("v3"), Mode::kHostile, seed, index);
  };
  EXPECT_EQ(make(1, 2), make(1, 2));
  EXPECT_NE(make(1, 2), make(1, 3));
  EXPECT_NE(make(1, 2), make(2, 2));
}

TEST(Generate, ContractScenariosKeepTheContract) {
  for (const char* name : {"v3", "v5", "off"}) {
    Cases cases(On(name), Mode::kContract, 1);
    for (int i = 0; i < 2000; ++i) {
      const Scenario scenario = cases.Next();
      ASSERT_TRUE(KeepsContract(scenario)) << PrintScenario(scenario);
    }
  }
}

TEST(Generate, EveryScenarioFitsItsValidTopology) {
  Cases cases(On("v3"), Mode::kHostile, 1);
  for (int i = 0; i < 2000; ++i) {
    const Scenario scenario = cases.Next();
    ASSERT_TRUE(scenario.topology.Valid()) << PrintScenario(scenario);
    for (const Command& command : scenario.commands)
      ASSERT_TRUE(Fits(command, scenario.topology)) << PrintScenario(scenario);
  }
}

TEST(Generate, HostileScenariosBreakEveryClause) {
  std::array<int, kClauseCount + 1> broken{};
  Cases cases(On("v3"), Mode::kHostile, 1);
  for (int i = 0; i < 2000; ++i) {
    const Scenario scenario = cases.Next();
    State state = InitialState(scenario.topology);
    Outcome outcome;
    for (const Command& command : scenario.commands) {
      const Breaches breaches = BreachesOf(scenario.topology, state, command);
      for (int clause = 1; clause <= kClauseCount; ++clause)
        broken[static_cast<std::size_t>(clause)] += breaches >> clause & 1;
      StepInPlace(scenario.topology, scenario.profile, state, command, outcome);
    }
  }
  for (int clause = 1; clause <= kClauseCount; ++clause)
    EXPECT_GT(broken[static_cast<std::size_t>(clause)], 20) << "C" << clause;
}

// What a thousand contract cases are made of. The bounds are far below what is drawn, and far above
// nothing.
TEST(Generate, ScenariosReachWhatIsRare) {
  const Profile profile = On("v3");
  int second_hw_page = 0, second_device_page = 0, second_domain_page = 0, handed_over = 0,
      finished = 0, fired = 0, unfired = 0;
  int four_devices_at_once = 0, long_ones = 0, short_ones = 0;
  Cases cases(profile, Mode::kContract, 1);
  for (int i = 0; i < 4000; ++i) {
    const Scenario scenario = cases.Next();
    State state = InitialState(scenario.topology);
    Outcome outcome;
    std::size_t hw = 0, devices = 0, domains = 0;
    long live = 0;
    bool over = false, done = false;
    for (const Command& command : scenario.commands) {
      StepInPlace(scenario.topology, scenario.profile, state, command, outcome);
      hw = std::max(hw, state.flb.iommus.size());
      devices = std::max(devices, state.flb.devices.size());
      domains = std::max(domains, state.flb.domains.size());
      live =
          std::max<long>(live, std::count_if(state.flb.devices.begin(), state.flb.devices.end(),
                                             [](const DeviceSlot& slot) { return !slot.deleted; }));
      over |= state.incoming.status == Incoming::Status::kRetrieved;
      done |= state.incoming.status == Incoming::Status::kFinished;
      if (command.fault.armed()) (outcome.fault_fired ? fired : unfired) += 1;
    }
    second_hw_page += hw > profile.layout.hw_capacity();
    second_device_page += devices > profile.layout.device_capacity();
    second_domain_page += domains > profile.layout.domain_capacity();
    four_devices_at_once += live >= 4;
    handed_over += over;
    finished += done;
    long_ones += scenario.commands.size() > 80;
    short_ones += scenario.commands.size() < 12;
  }
  EXPECT_GT(second_hw_page, 15);
  EXPECT_GT(second_device_page, 8);
  EXPECT_GT(second_domain_page, 3);
  EXPECT_GT(four_devices_at_once, 100);
  EXPECT_GT(handed_over, 100);
  EXPECT_GT(finished, 100);
  EXPECT_GT(fired, 1000);
  EXPECT_GT(unfired, 100);
  EXPECT_GT(long_ones, 50);
  EXPECT_GT(short_ones, 100);
}

TEST(Generate, SmallSizesAreShort) {
  Cases cases(On("v3"), Mode::kContract, 1, 0, {.size = 0});
  std::size_t commands = 0;
  for (int i = 0; i < 500; ++i) commands += cases.Next().commands.size();
  EXPECT_LE(commands, 24u * 500);
}

TEST(Generate, ContractScenariosShrinkToContractScenarios) {
  const rc::Gen<Scenario> generator = Scenarios(On("v3"), Mode::kContract);
  const rc::Shrinkable<Scenario> shrinkable = generator(rc::Random(1), kFullSize);
  rc::Seq<rc::Shrinkable<Scenario>> shrinks = shrinkable.shrinks();
  int count = 0;
  while (const auto shrink = shrinks.next()) {
    ++count;
    EXPECT_TRUE(KeepsContract(shrink->value()));
  }
  EXPECT_GT(count, 0);
}

}  // namespace
}  // namespace holdfast
