// How long it takes to find one order that explains several callers' calls (callers/linearizer.h),
// beside the same calls taken by the model one after the other.
//
//   Linearizer/CALLERS/CALLS  each caller calls CALLS times, all callers at once in every round.
//                             The calls take effect from the last caller to the first
//   InTurn/CALLERS/CALLS      the same calls by the model alone, whose order is known
//
// The longest histories are 2 callers of 100 calls, 4 callers of 12.

#include <cstddef>
#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

#include "model/step.h"
#include "properties/callers/linearizer.h"
#include "properties/lockstep/loaded_sut.h"

namespace holdfast {
namespace {

// One file and one preserved domain, and a device for each caller.
struct Start {
  Topology topology = MakeTopology(1, 4, 1);
  Profile profile = On("v3");
  State state = InitialState(topology);

  Start() {
    Outcome outcome;
    StepInPlace(topology, profile, state, PreserveFile(), outcome);
    StepInPlace(topology, profile, state, PreserveDomain(0), outcome);
  }
};

// Device 0 is that of caller 0. Devices are preserved in one round and unpreserved in the next.
Command CallOf(std::size_t caller, int round) {
  const auto device = static_cast<std::uint8_t>(caller);
  return round % 2 == 0 ? PreserveDevice(0, device) : UnpreserveDevice(0, device);
}

// `begin` of each caller, a step of each from the last to the first, `end` of each caller.
template <typename Begin, typename End>
void Rounds(benchmark::State& state, const Start& start, State model, Begin begin, End end) {
  const auto callers = static_cast<std::size_t>(state.range(0));
  std::vector<Outcome> outcomes(callers);
  for (int round = 0; round < state.range(1); ++round) {
    for (std::size_t caller = 0; caller < callers; ++caller) begin(caller, CallOf(caller, round));
    for (std::size_t caller = callers; caller-- > 0;)
      StepInPlace(start.topology, start.profile, model, CallOf(caller, round), outcomes[caller]);
    for (std::size_t caller = 0; caller < callers; ++caller) end(caller, outcomes[caller]);
  }
  benchmark::DoNotOptimize(model);
}

void LinearizerRounds(benchmark::State& state) {
  const Start start;
  for (auto _ : state) {
    Linearizer linearizer(start.topology, start.profile, start.state);
    Rounds(
        state, start, start.state,
        [&](std::size_t caller, const Command& command) {
          linearizer.Begin(static_cast<int>(caller), command);
        },
        [&](std::size_t caller, const Outcome& outcome) {
          if (!linearizer.End(static_cast<int>(caller), outcome))
            state.SkipWithError("not explained");
        });
  }
}

void InTurnRounds(benchmark::State& state) {
  const Start start;
  for (auto _ : state) {
    Rounds(
        state, start, start.state, [](std::size_t, const Command&) {},
        [](std::size_t, Outcome outcome) { benchmark::DoNotOptimize(outcome); });
  }
}

BENCHMARK(LinearizerRounds)
    ->Name("Linearizer")
    ->Args({2, 100})
    ->Args({4, 12})
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(InTurnRounds)
    ->Name("InTurn")
    ->Args({2, 100})
    ->Args({4, 12})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace holdfast
