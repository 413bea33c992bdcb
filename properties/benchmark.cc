// Checked commands a second, one thread, the same implementation (core.v3) under three drivers:
//
//   Lockstep  this suite's campaign: generation, both sides, comparison, all rules, coverage, hazards, teardown
//   RcState   RapidCheck's own stateful testing in its usual style, against the same model: what the suite would cost without
//             its own generator and lockstep. It checks outcome and state, and no rules
//   Bare      the implementation's Run alone on scenarios made beforehand: what there is to be had
//
//   bazel run -c opt //properties:benchmark

#include <cstdint>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>
#include <rapidcheck.h>
#include <rapidcheck/state.h>

#include "model/step.h"
#include "properties/campaign.h"
#include "properties/loaded_sut.h"

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

// --- RcState --------------------------------------------------------------------------------------------------------------

struct Reference {
  Topology topology = MakeTopology(2, 4, 2);
  Profile profile = On("v3");
  State state = InitialState(topology);
};

std::uint64_t rc_commands = 0;

// One class a verb, its operands and its fault drawn when it is made.
template <Verb verb>
class Call : public rc::state::Command<Reference, Sut> {
 public:
  explicit Call(const Reference& reference) {
    command_.verb = verb;
    const Operands operands = OperandsOf(verb);
    const auto index = [](std::size_t count) { return *rc::gen::inRange<std::uint8_t>(0, static_cast<std::uint8_t>(count)); };
    if (operands.iommu) command_.iommu = index(reference.topology.iommus.size());
    if (operands.device) command_.device = index(reference.topology.devices.size());
    if (operands.domain) command_.domain = index(reference.topology.domains.size());
    if (*rc::gen::inRange(0, 10) == 0) {
      command_ = WithFault(command_, static_cast<FaultSite>(*rc::gen::inRange(1, kFaultSiteCount)));
    }
  }

  // A crash ends the sequence, and what follows would be nothing: none is generated.
  void checkPreconditions(const Reference& reference) const override {
    RC_PRE(!Step(reference.topology, reference.profile, reference.state, command_).outcome.crashed());
  }

  void apply(Reference& reference) const override {
    Outcome outcome;
    StepInPlace(reference.topology, reference.profile, reference.state, command_, outcome);
  }

  void run(const Reference& reference, Sut& sut) const override {
    ++rc_commands;
    const StepResult expected = Step(reference.topology, reference.profile, reference.state, command_);
    Outcome outcome;
    sut.Run(command_, outcome);
    RC_ASSERT(outcome == expected.outcome);
    Observation observation;
    sut.Observe(observation);
    RC_ASSERT(observation.state == expected.state);
    RC_ASSERT(observation.queries == AnswerQueries(reference.topology, reference.profile, expected.state));
  }

  void show(std::ostream& stream) const override { stream << static_cast<int>(verb); }

 private:
  holdfast::Command command_;
};

void RcStateCore(benchmark::State& state) {
  const std::unique_ptr<Sut> sut = Loaded("core.v3");
  const auto any_call = [](const Reference& reference) {
    return rc::state::gen::execOneOfWithArgs<
        Call<Verb::kPreserveFile>, Call<Verb::kUnpreserveFile>, Call<Verb::kPreserveDomain>, Call<Verb::kUnpreserveDomain>,
        Call<Verb::kPreserveDevice>, Call<Verb::kUnpreserveDevice>, Call<Verb::kForEachDev>, Call<Verb::kClaimDmaOwner>,
        Call<Verb::kReleaseDmaOwner>, Call<Verb::kAttach>, Call<Verb::kFreeze>, Call<Verb::kKexec>, Call<Verb::kRetrieve>,
        Call<Verb::kFinish>>()(reference);
  };
  rc_commands = 0;
  std::uint64_t seed = 0;
  for (auto _ : state) {
    rc::detail::TestParams params;
    params.seed = ++seed;
    const auto result = rc::detail::checkTestable(
        [&] {
          const Reference reference;
          sut->Reset(reference.topology, reference.profile.luo);
          rc::state::check(reference, *sut, any_call);
        },
        rc::detail::TestMetadata(), params);
    if (!result.template is<rc::detail::SuccessResult>()) state.SkipWithError("diverges");
  }
  Report(state, rc_commands);
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

BENCHMARK(LockstepCore)->Name("Lockstep/core")->Unit(benchmark::kMillisecond);
BENCHMARK(RcStateCore)->Name("RcState/core")->Unit(benchmark::kMillisecond);
BENCHMARK(BareCore)->Name("Bare/core")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace holdfast

BENCHMARK_MAIN();
