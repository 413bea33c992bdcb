// Commands a second, one thread, the same implementation (core.v3) under several drivers:
//
//   Lockstep  this suite's campaign: generated topologies and scenarios of both modes, both sides, all that lockstep checks
//             after each command, teardown, coverage and hazards
//   Isolated  the same campaign with each 20,000 cases in a child process of their own, as what ends a process asks for (runner.h)
//   RcState   the same job done with RapidCheck's own stateful testing (rc::state), in the style of its manual: a class a verb,
//             made by execOneOfWithArgs from the model, with operands drawn by RapidCheck; the model a value; a precondition
//             that keeps crashes out. It runs over generated topologies, checks after each command what lockstep checks
//             (outcome with driver calls, state, queries, all rules), and tears down. It counts no coverage and no hazards
//   Product   the whole of a world by ExploreProduct: edges, each with a restore, a command in lockstep, a look at all of memory
//             and, where that changed, a canonical state. Of processor time: it is one process, and the machine may be shared
//   Bare      no checks: the implementation's Run alone, on scenarios made beforehand
//
// The first two count the commands that were run and checked, those of the teardown included.
//
//   bazel run -c opt //properties:benchmark

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <ostream>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include "model/contract.h"
#include "model/rules.h"
#include "model/step.h"
#include "model/text.h"
#include "properties/flight_recorder.h"
#include "properties/campaign.h"
#include "properties/dice.h"
#include "properties/generate.h"
#include "properties/loaded_sut.h"
#include "properties/product.h"
#include "sut/child.h"

namespace holdfast {
namespace {

void Report(benchmark::State& state, std::uint64_t commands) {
  state.counters["commands_per_second"] = benchmark::Counter(static_cast<double>(commands), benchmark::Counter::kIsRate);
}

// --- Lockstep -------------------------------------------------------------------------------------------------------------

void LockstepCore(benchmark::State& state) {
  const std::unique_ptr<Sut> sut = Loaded("core.v3");
  CampaignOptions options = {.profile = On("v3"), .cases = 1000};
  std::uint64_t commands = 0;
  for (auto _ : state) {
    const CampaignResult result = RunCampaign(*sut, options);
    if (result.divergence) state.SkipWithError("diverges");
    commands += result.tally.commands;
    options.first_case += options.cases;
  }
  Report(state, commands);
}

// --- Product --------------------------------------------------------------------------------------------------------------

// The whole of a world, memories told apart and merged: a restore, a command in lockstep and a canonical state for each edge.
void ProductCore(benchmark::State& state) {
  const std::unique_ptr<Sut> sut = Loaded("core.v3");
  const ProductOptions options = {
      .profile = On("v3"),
      .world = MakeWorld({.devices = static_cast<int>(state.range(0)), .iommus = static_cast<int>(state.range(1)),
                          .domains = static_cast<int>(state.range(2))}),
  };
  std::uint64_t edges = 0, commands = 0;
  for (auto _ : state) {
    const ProductResult result = ExploreProduct(*sut, options);
    if (result.ending != ProductResult::Ending::kComplete) state.SkipWithError("not complete");
    edges += result.edges;
    commands += result.tally.commands;
    state.counters["states"] = static_cast<double>(result.states);
  }
  state.counters["edges_per_second"] = benchmark::Counter(static_cast<double>(edges), benchmark::Counter::kIsRate);
  Report(state, commands);
}

// --- Isolated -------------------------------------------------------------------------------------------------------------

// The children's time is not this process's: the clock on the wall counts.
void IsolatedCore(benchmark::State& state) {
  const std::unique_ptr<Sut> sut = Loaded("core.v3");
  Shared<FlightRecorder> recorder;
  CampaignOptions options = {.profile = On("v3"), .cases = 20'000, .recorder = &*recorder};
  std::uint64_t commands = 0;
  for (auto _ : state) {
    const Ending ending = RunInChild(recorder->pulse(), [&] {
      if (RunCampaign(*sut, options).divergence) std::abort();
    });
    if (ending.kind != Ending::Kind::kReturned) state.SkipWithError("diverges");
    commands += recorder->tally().commands;
    options.first_case += options.cases;
  }
  Report(state, commands);
}

// --- RcState --------------------------------------------------------------------------------------------------------------

// What does not change within a case, and so is not copied with the model.
struct World {
  Topology topology;
  Profile profile;
};

// The model, a value.
struct Reference {
  const World* world;
  State state;
};

// The implementation, with what the rules must know of the past, and the model's state after the last command, from which the
// teardown goes on.
struct System {
  Sut& sut;
  const World& world;
  std::uint64_t& commands;
  State state = InitialState(world.topology);
  Ledger ledger = {};
  Breaches breaches = 0;

  RuleSet owed() const { return breaches == 0 ? ~RuleSet{0} : HardenedRules(world.profile); }
};

// Runs the command on the implementation and holds it against the model.
void RunChecked(const State& before, System& system, const Command& command) {
  const auto& [topology, profile] = system.world;
  State after = before;
  Outcome expected, outcome;
  StepInPlace(topology, profile, after, command, expected);
  ++system.commands;
  system.sut.Run(command, outcome);
  RC_ASSERT(outcome == expected);
  Observation observed;
  system.sut.Observe(observed);
  RC_ASSERT(observed.state == after);
  RC_ASSERT(observed.queries == AnswerQueries(topology, profile, after));
  system.breaches |= BreachesOf(topology, before, command);
  RuleCheck rules = system.ledger.Check({topology, profile, before, command, outcome, after});
  rules |= CheckState(topology, profile, after);
  rules |= CheckQueries(topology, profile, after, observed.queries);
  RC_ASSERT((rules.broken & system.owed()) == 0u);
  system.state = std::move(after);
}

// As Lockstep::TearDown.
void TearDown(System& system) {
  const State& state = system.state;
  const Topology& topology = system.world.topology;
  const auto run = [&](const Command& command) { RunChecked(state, system, command); };
  if (state.frozen) return;
  for (std::uint8_t device = 0; device < topology.devices.size(); ++device) {
    const std::uint8_t group = topology.devices[device].group;
    if (state.device_ser[device] < 0 || group == kNone) continue;
    if (state.owner_claims[group] == 0) run(ClaimDmaOwner(device));
    const std::uint8_t attached = state.attached[device];
    run(UnpreserveDevice(attached < topology.domains.size() ? attached : 0, device));
    if (state.crashed) return;
  }
  for (std::uint8_t domain = 0; domain < topology.domains.size(); ++domain) {
    if (state.preserved_state[domain] >= 0) run(UnpreserveDomain(domain));
    if (state.crashed) return;
  }
  while (state.files > 0 && !state.crashed) run(UnpreserveFile());
  if (state.crashed) return;
  RC_ASSERT((CheckEnd(state).broken & system.owed()) == 0u);
}

// One class a verb. A call draws its operands and its fault when it is made.
template <Verb verb>
class Call : public rc::state::Command<Reference, System> {
 public:
  explicit Call(const Reference& reference) {
    const Topology& topology = reference.world->topology;
    command_.verb = verb;
    constexpr Operands kOperands = OperandsOf(verb);
    if (kOperands.iommu) command_.iommu = Draw(topology.iommus.size());
    if (kOperands.device) command_.device = Draw(topology.devices.size());
    if (kOperands.domain) command_.domain = Draw(topology.domains.size());
    if (verb == Verb::kForEachDev) command_.stop = Draw(5);
    if (*rc::gen::inRange(0, 10) == 0) {
      command_ = WithFault(command_, static_cast<FaultSite>(*rc::gen::inRange(1, kFaultSiteCount)));
    }
  }

  // RapidCheck has drawn the length beforehand and goes on after a crash, with commands that do nothing: no crash is generated.
  void checkPreconditions(const Reference& reference) const override {
    RC_PRE(!Step(reference.world->topology, reference.world->profile, reference.state, command_).outcome.crashed());
  }
  void apply(Reference& reference) const override {
    Outcome outcome;
    StepInPlace(reference.world->topology, reference.world->profile, reference.state, command_, outcome);
  }
  void run(const Reference& before, System& system) const override { RunChecked(before.state, system, command_); }
  void show(std::ostream& stream) const override { stream << PrintCommand(command_); }

 private:
  static std::uint8_t Draw(std::size_t count) {
    RC_PRE(count > 0u);  // a topology may have no domain
    return *rc::gen::inRange<std::uint8_t>(0, static_cast<std::uint8_t>(count));
  }

  holdfast::Command command_;
};

void RcStateCore(benchmark::State& state) {
  const std::unique_ptr<Sut> sut = Loaded("core.v3");
  const auto any_call = rc::state::gen::execOneOfWithArgs<
      Call<Verb::kPreserveFile>, Call<Verb::kUnpreserveFile>, Call<Verb::kPreserveDomain>, Call<Verb::kUnpreserveDomain>,
      Call<Verb::kPreserveDevice>, Call<Verb::kUnpreserveDevice>, Call<Verb::kForEachDev>, Call<Verb::kClaimDmaOwner>,
      Call<Verb::kReleaseDmaOwner>, Call<Verb::kAttach>, Call<Verb::kFreeze>, Call<Verb::kKexec>, Call<Verb::kRetrieve>,
      Call<Verb::kFinish>>();
  std::uint64_t commands = 0;
  std::uint64_t seed = 0;
  for (auto _ : state) {
    rc::detail::TestParams params;
    params.seed = ++seed;
    const auto result = rc::detail::checkTestable(
        [&] {
          Dice dice(*rc::gen::arbitrary<std::uint64_t>());
          const World world = {GenerateTopology(dice), On("v3")};
          System system = {*sut, world, commands};
          sut->Reset(world.topology, world.profile.luo);
          rc::state::check(Reference{&world, system.state}, system, any_call);
          TearDown(system);
        },
        rc::detail::TestMetadata(), params);
    if (!result.template is<rc::detail::SuccessResult>()) state.SkipWithError("diverges");
  }
  Report(state, commands);
}

// --- Bare -----------------------------------------------------------------------------------------------------------------

void BareCore(benchmark::State& state) {
  const std::unique_ptr<Sut> sut = Loaded("core.v3");
  std::vector<Scenario> scenarios;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    scenarios.push_back(GenerateScenario(On("v3"), i % 2 == 0 ? Mode::kContract : Mode::kHostile, 1, i));
  }
  std::uint64_t commands = 0;
  Outcome outcome;
  for (auto _ : state) {
    for (const Scenario& scenario : scenarios) {
      sut->Reset(scenario.topology, scenario.profile.luo);
      for (const Command& command : scenario.commands) sut->Run(command, outcome);
      commands += scenario.commands.size();
    }
    benchmark::DoNotOptimize(outcome);
  }
  Report(state, commands);
}

BENCHMARK(LockstepCore)->Name("Lockstep/core")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(ProductCore)->Name("Product")->Args({2, 1, 2})->Args({3, 2, 2})->Args({4, 2, 3})->Unit(benchmark::kMillisecond);
BENCHMARK(IsolatedCore)->Name("Isolated/core")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(RcStateCore)->Name("RcState/core")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BareCore)->Name("Bare/core")->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace holdfast

BENCHMARK_MAIN();
