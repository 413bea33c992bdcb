// Commands a second of one implementation (core.v3) under several drivers. All but
// ProductOnAllCores use one thread:
//
//   Lockstep  this suite's campaign: generated topologies and scenarios of both modes, both sides,
//             all that lockstep checks after each command, teardown, coverage and hazards
//   Isolated  the same campaign, with each 20,000 cases in a child process, as the runner does it
//             (runner.h)
//   RcState   the same job done with RapidCheck's own stateful testing (rc_state.h)
//   Product   the whole of a world by ExploreProduct. Each edge is a restore, a command in
//             lockstep, a look at all of memory and, if the memory changed, a canonical state. The
//             time is processor time of one process
//   ProductOnAllCores  the same by one process for each processor, in wall-clock time
//   Bare      no checks: the implementation's Run alone, on scenarios made beforehand
//
// The first two count the commands that were run and checked, those of the teardown included.
//
//   bazel run -c opt //properties:benchmark

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

#include "properties/lockstep/flight_recorder.h"
#include "properties/search/campaign.h"
#include "properties/generate/generate.h"
#include "properties/lockstep/loaded_sut.h"
#include "properties/lockstep/mode.h"
#include "properties/search/product/product.h"
#include "properties/study/rc_state.h"
#include "sut/child.h"

namespace holdfast {
namespace {

void Report(benchmark::State& state, std::uint64_t commands) {
  state.counters["commands_per_second"] =
      benchmark::Counter(static_cast<double>(commands), benchmark::Counter::kIsRate);
}

// --- Lockstep ------------------------------------------------------------------------------------

void LockstepCore(benchmark::State& state) {
  const std::unique_ptr<Sut> sut = Loaded("core.v3");
  CampaignOptions options = {.profile = On("v3"), .cases = 1000};
  std::uint64_t commands = 0;
  for (auto _ : state) {
    const CampaignResult result = RunCampaign(*sut, options);
    if (result.counterexample) state.SkipWithError("diverges");
    commands += result.tally.commands;
    ++options.seed;
  }
  Report(state, commands);
}

// --- Product -------------------------------------------------------------------------------------

// A whole world: a restore, a command in lockstep and a canonical state for each edge.
void WholeWorld(benchmark::State& state, int jobs) {
  const std::unique_ptr<Sut> sut = Loaded("core.v3");
  const ProductOptions options = {
      .profile = On("v3"),
      .world = MakeWorld({.devices = static_cast<int>(state.range(0)),
                          .iommus = static_cast<int>(state.range(1)),
                          .domains = static_cast<int>(state.range(2))}),
      .jobs = jobs,
  };
  std::uint64_t edges = 0, commands = 0;
  for (auto _ : state) {
    const ProductResult result = ExploreProduct(*sut, options);
    if (result.ending != ProductResult::Ending::kComplete) state.SkipWithError("not complete");
    edges += result.edges;
    commands += result.tally.commands;
    state.counters["states"] = static_cast<double>(result.states);
  }
  state.counters["edges_per_second"] =
      benchmark::Counter(static_cast<double>(edges), benchmark::Counter::kIsRate);
  Report(state, commands);
}

void ProductCore(benchmark::State& state) { WholeWorld(state, 1); }

void ProductOnAllCores(benchmark::State& state) {
  const int jobs = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  state.counters["jobs"] = jobs;
  WholeWorld(state, jobs);
}

// --- Isolated ------------------------------------------------------------------------------------

// The children do the work, so the wall clock counts.
void IsolatedCore(benchmark::State& state) {
  const std::unique_ptr<Sut> sut = Loaded("core.v3");
  Shared<FlightRecorder> recorder;
  CampaignOptions options = {.profile = On("v3"), .cases = 20'000, .recorder = &*recorder};
  std::uint64_t commands = 0;
  for (auto _ : state) {
    const Ending ending = RunInChild([&] {
      if (RunCampaign(*sut, options).counterexample) std::abort();
    });
    if (ending.kind != Ending::Kind::kReturned) state.SkipWithError("diverges");
    commands += recorder->tally().commands;
    ++options.seed;
  }
  Report(state, commands);
}

// --- RcState -------------------------------------------------------------------------------------

void RcStateCore(benchmark::State& state) {
  const std::unique_ptr<Sut> sut = Loaded("core.v3");
  std::uint64_t commands = 0, seed = 0;
  for (auto _ : state) {
    const RcStateResult result = CheckRcState(*sut, On("v3"), ++seed);
    if (result.failed) state.SkipWithError("diverges");
    commands += result.commands;
  }
  Report(state, commands);
}

// --- Bare ----------------------------------------------------------------------------------------

void BareCore(benchmark::State& state) {
  const std::unique_ptr<Sut> sut = Loaded("core.v3");
  std::vector<Scenario> scenarios;
  Cases contract(On("v3"), Mode::kContract, 1), hostile(On("v3"), Mode::kHostile, 1);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    scenarios.push_back((i % 2 == 0 ? contract : hostile).Next());
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
BENCHMARK(ProductCore)
    ->Name("Product")
    ->Args({2, 1, 2})
    ->Args({3, 2, 2})
    ->Args({4, 2, 3})
    ->Unit(benchmark::kMillisecond);
BENCHMARK(ProductOnAllCores)
    ->Name("ProductOnAllCores")
    ->Args({4, 2, 3})
    ->Args({5, 2, 3})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(IsolatedCore)->Name("Isolated/core")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(RcStateCore)->Name("RcState/core")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BareCore)->Name("Bare/core")->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace holdfast

BENCHMARK_MAIN();
