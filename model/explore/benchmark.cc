// Edges a second of an exhaustive search of the model, one thread, beside SPIN on the same worlds
// and the same states:
//
//   Explore           Explore() with the default aspects: every rule, both statements of the
//                     dependency rule, shortest paths
//   ExploreSymmetry   the same with one state of each orbit: `states` and edges are those of the
//                     representatives
//   ExploreEveryStep  Explore with Step and the rules run anew on every edge: what the footprints
//                     save (footprint.h)
//   Spin              pan of model/promela/preservation.pml, its rules as assertions after every
//                     command that does something: depth first, states exact, with the options that
//                     were found fastest (model/promela/defs.bzl)
//   SpinUnchecked     the same without a rule: what its search alone costs
//
// The numbers are D/I/M. Explore's worlds grow a hundred-thousandfold, and time_per_edge is the
// curve. All times are of the processor, of pan's process for the last two: the machine may be
// shared. `states` is the same on every line of a world, as //model/promela:spin_test says too.
// Explore's edges_per_second by Spin's is the ratio.
//
//   bazel run -c opt //model/explore:benchmark
#include <sys/resource.h>

#include <cstdint>
#include <cstdio>
#include <optional>
#include <regex>
#include <string>

#include <benchmark/benchmark.h>

#include "model/explore/explore.h"
#include "model/profile.h"
#include "model/explore/world.h"

namespace holdfast {
namespace {

void Report(benchmark::State& state, std::uint64_t states, std::uint64_t edges_of_all_runs) {
  state.counters["time_per_edge"] =
      benchmark::Counter(static_cast<double>(edges_of_all_runs),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["states"] = static_cast<double>(states);
  state.counters["edges_per_second"] =
      benchmark::Counter(static_cast<double>(edges_of_all_runs), benchmark::Counter::kIsRate);
}

void ExploreWorld(benchmark::State& state, const ExploreOptions& options) {
  const World world = MakeWorld({.devices = static_cast<int>(state.range(0)),
                                 .iommus = static_cast<int>(state.range(1)),
                                 .domains = static_cast<int>(state.range(2))});
  std::uint64_t edges = 0, states = 0;
  for (auto _ : state) {
    const ExploreResult result = Explore(world, *FindProfile("v3"), options);
    if (!result.finished || !result.holds()) state.SkipWithError("does not hold");
    edges += result.edges;
    states = result.states;
  }
  Report(state, states, edges);
}

struct Walk {
  std::uint64_t states = 0, transitions = 0;
  double seconds = 0;  // of the processor
};

// Of the processor, in seconds, by the child processes that have ended.
double ChildrenTime() {
  rusage usage;
  getrusage(RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::optional<std::uint64_t> Number(const std::string& report, const char* pattern) {
  std::smatch match;
  if (!std::regex_search(report, match, std::regex(pattern))) return std::nullopt;
  return std::stoull(match[1]);
}

// What pan says of its walk; nothing if it cannot be run, found an error (a path that is too deep
// is one) or did not finish.
std::optional<Walk> RunPan(const std::string& pan) {
  const double before = ChildrenTime();
  // how deep a path may be; 2^22 heads in the table of states
  FILE* pipe = popen((pan + " -n -m1000000 -w22 2>&1").c_str(), "r");
  if (!pipe) return std::nullopt;
  std::string report;
  for (int c; (c = std::fgetc(pipe)) != EOF;) report += static_cast<char>(c);
  if (pclose(pipe) != 0 || report.find(", errors: 0\n") == std::string::npos) return std::nullopt;
  const auto states = Number(report, "([0-9]+) states, stored");
  const auto transitions = Number(report, "([0-9]+) transitions ");
  if (!states || !transitions) return std::nullopt;
  return Walk{.states = *states, .transitions = *transitions, .seconds = ChildrenTime() - before};
}

// `pan`: below model/promela, from the runfiles, where `bazel run` starts.
void SpinWorld(benchmark::State& state, const std::string& pan) {
  std::uint64_t transitions = 0, states = 0;
  for (auto _ : state) {
    const std::optional<Walk> walk = RunPan("model/promela/" + pan);
    if (!walk) {
      state.SkipWithError(
          "pan did not finish; start with: bazel run -c opt //model/explore:benchmark");
      return;
    }
    transitions += walk->transitions;
    states = walk->states;
    state.SetIterationTime(walk->seconds);
  }
  Report(state, states, transitions);
}

void ExploreFast(benchmark::State& state) { ExploreWorld(state, {}); }
void ExploreSymmetry(benchmark::State& state) { ExploreWorld(state, {.symmetry = true}); }
void ExplorePlain(benchmark::State& state) { ExploreWorld(state, {.plain = true}); }

BENCHMARK(ExploreFast)
    ->Name("Explore")
    ->Args({2, 1, 2})
    ->Args({3, 2, 2})
    ->Args({4, 2, 3})
    ->Args({5, 2, 3})
    ->Args({6, 2, 3})
    ->Unit(benchmark::kMillisecond);
BENCHMARK(ExploreSymmetry)
    ->Args({4, 2, 3})
    ->Args({6, 2, 4})
    ->Args({8, 2, 3})
    ->Unit(benchmark::kMillisecond);
BENCHMARK(ExplorePlain)
    ->Name("ExploreEveryStep")
    ->Args({3, 2, 2})
    ->Args({4, 2, 3})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(SpinWorld, 4_2_3, "fast_pan_4_2_3.bin")
    ->Name("Spin/4/2/3")
    ->Unit(benchmark::kMillisecond)
    ->UseManualTime();
BENCHMARK_CAPTURE(SpinWorld, 5_2_3, "fast_pan_5_2_3.bin")
    ->Name("Spin/5/2/3")
    ->Unit(benchmark::kMillisecond)
    ->UseManualTime();
BENCHMARK_CAPTURE(SpinWorld, 4_2_3_unchecked, "fast_pan_4_2_3_unchecked.bin")
    ->Name("SpinUnchecked/4/2/3")
    ->Unit(benchmark::kMillisecond)
    ->UseManualTime();

}  // namespace
}  // namespace holdfast

BENCHMARK_MAIN();
