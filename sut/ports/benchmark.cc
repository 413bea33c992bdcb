// The cost of a kexec, with the check of every device's DMA before and after.
//
//   bazel run -c opt //sut/ports:benchmark
//
// Kexec/mapped:N/given%:M: VT-d in scalable mode with N domains, each with its page tables and a
// preserved device. M percent of memory had been given out and taken back before. `ratio` is the
// time divided by the time of the first line of the same run. The ratio follows the mapped memory,
// and not the amount of memory.
#include <time.h>

#include <cstdint>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include "model/command.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/topology.h"
#include "sut/shipped.h"
#include "sut/sut.h"

namespace holdfast {
namespace {

constexpr int kArenaPages = 1024;  // of the simulated memory
constexpr int kPagesOfAnFlb = 4;

void Do(Sut& sut, const Command& command, benchmark::State& state) {
  Outcome outcome;
  sut.Run(command, outcome);
  if (outcome.crashed() || outcome.failed() || outcome.findings != 0)
    state.SkipWithError("a call failed");
}

// Of this thread: a neighbour on the machine does not count.
double ProcessorSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double g_baseline = 0;  // seconds, of the first line

void KexecOf(benchmark::State& state) {
  const auto mapped = static_cast<std::uint8_t>(state.range(0));
  const int given = static_cast<int>(state.range(1)) * kArenaPages / 100;
  const std::unique_ptr<Sut> loaded = Loaded("port.vtd.scalable");
  Sut& sut = *loaded;
  const Topology topology = MakeTopology(1, mapped, mapped);
  sut.Reset(topology, FindProfile(sut.profile())->luo);
  for (int page = 0; page < given; page += kPagesOfAnFlb) {
    Do(sut, PreserveFile(), state);
    Do(sut, UnpreserveFile(), state);
  }
  Do(sut, PreserveFile(), state);
  for (std::uint8_t i = 0; i < mapped; ++i) {
    Do(sut, PreserveDomain(i), state);
    Do(sut, Attach(i, i), state);
    Do(sut, PreserveDevice(i, i), state);
  }
  Do(sut, Freeze(), state);
  Snapshot frozen;
  sut.Save(frozen);

  Observation seen;
  Outcome outcome;
  double total = 0;
  for (auto _ : state) {
    sut.Restore(frozen);
    const double start = ProcessorSeconds();
    for (const Command& command : {Kexec(), Retrieve(), Finish()}) {
      sut.Run(command, outcome);
      sut.Observe(seen);
    }
    const double seconds = ProcessorSeconds() - start;
    state.SetIterationTime(seconds);
    total += seconds;
  }
  for (std::uint8_t i = 0; i < mapped; ++i) {
    if (seen.reach.device[i] != i) state.SkipWithError("a device does not reach its domain");
  }
  const double each = total / static_cast<double>(state.iterations());
  if (mapped == 1 && given == 0) g_baseline = each;
  state.counters["ratio"] = each / g_baseline;
}

BENCHMARK(KexecOf)
    ->Name("Kexec")
    ->ArgNames({"mapped", "given%"})
    ->Args({1, 0})
    ->Args({1, 40})
    ->Args({1, 80})
    ->Args({2, 0})
    ->Args({4, 0})
    ->Args({8, 0})
    ->Args({8, 60})
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace holdfast

BENCHMARK_MAIN();
