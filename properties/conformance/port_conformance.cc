// port_conformance OBJECT LEVEL: holds a driver port against the model up to a level, as
// GoogleTest. What holdfast_conformance_test runs.
//
// Every short sequence in small worlds, a life of several kernels with every request of every op
// denied once, and random sequences; of callers that keep the contract. A port that ends the
// process, or hangs, fails like any other. A divergence of a higher level is passed over. A failure
// has the shortest trace that counts at this level (properties/shrink/minimize.h). The trace and
// its graph are in the test's undeclared outputs.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "model/text/numbers.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/runner.h"
#include "properties/lockstep/effort.h"
#include "properties/search/suite/suite.h"
#include "properties/conformance/three_kernels.h"
#include "properties/conformance/levels.h"
#include "sut/module.h"
#include "properties/shrink/minimize.h"

namespace holdfast {
namespace {

// Of one test of the three. The rest of the time makes a failure short.
constexpr double kDefaultSeconds = 60, kSearching = 0.75;

class Conformance {
 public:
  Conformance(Sut& sut, Level level, double seconds)
      : sut_(sut),
        level_(level),
        seconds_(seconds),
        profile_(*FindProfile(sut.profile())),
        runner_(sut, Runner::Where::kInChild) {}

  void EveryShortSequence() {
    std::vector<NamedWorld> worlds = SmallWorlds(sut_, Effort(10) < 10 ? 3 : 4);
    const Deadline deadline = Begin();
    std::size_t left = worlds.size();
    for (NamedWorld& named : worlds) {
      named.world = WithHalfDoneOps(std::move(named.world));
      const Deadline share = deadline.Share(1.0 / static_cast<double>(left--));
      if (!Passes(RunSmallWorld(Context(share), named, /*teardown=*/true))) return;
    }
  }

  void EveryRequestDenied() { Passes(RunFaultSweep(Context(Begin()), Generations(profile_))); }

  // All that was asked for, in its time.
  bool finished() const { return finished_; }

  void RandomSequences() {
    const auto all = static_cast<std::uint64_t>(Effort(10000));
    const PartContext context = Context(Begin());
    RandomOptions options = {.modes = {Mode::kContract}};
    // Past a divergence that is passed over the campaign goes on with the next case.
    while (options.first_case < all && !context.deadline.passed()) {
      options.cases = all - options.first_case;
      const PartResult result = RunRandom(context, options);
      if (!Passes(result) || !result.counterexample) return;
      options.first_case = result.case_index + 1;
    }
  }

 private:
  // The end of the search.
  Deadline Begin() {
    deadline_ = Deadline::In(seconds_);
    return deadline_.Share(kSearching);
  }

  PartContext Context(const Deadline& deadline) {
    return {.runner = runner_, .profile = profile_, .deadline = deadline};
  }

  // True also where the divergence is of a higher level: it is passed over.
  bool Passes(const PartResult& part) {
    if (!part.finished) {
      finished_ = false;
      std::printf("not finished: %s (%s of %s %ss); --time=SECONDS gives it more\n",
                  part.name.c_str(), Grouped(part.cases).c_str(),
                  part.total == 0 ? "?" : Grouped(part.total).c_str(), part.unit.c_str());
    }
    if (!part.counterexample) return true;
    const Counterexample& found = *part.counterexample;
    const Counts counts = [this](const Scenario& scenario, const Divergence& divergence) {
      return LevelOf(scenario, divergence) <= level_;
    };
    if (!counts(found.scenario, found.divergence)) return true;
    Minimized minimized = Minimize(runner_, found, {.deadline = deadline_, .counts = counts});
    const std::string error = LeaveBehind(minimized, DefaultOutputDirectory(), sut_.name());
    const auto& [scenario, divergence] = minimized.minimal;
    ADD_FAILURE() << "The port fails at level " << LevelName(LevelOf(scenario, divergence))
                  << ".\n\n"
                  << minimized.minimal_trace() << "\n"
                  << minimized.report << "shortest: " << minimized.proof << "\n"
                  << "replay: " << minimized.replay << "\n"
                  << error;
    return false;
  }

  Sut& sut_;
  const Level level_;
  const double seconds_;
  const Profile profile_;
  Deadline deadline_;
  Runner runner_;
  bool finished_ = true;
};

class OneTest : public testing::Test {
 public:
  OneTest(Conformance& conformance, void (Conformance::*body)())
      : conformance_(conformance), body_(body) {}
  void TestBody() override { (conformance_.*body_)(); }

 private:
  Conformance& conformance_;
  void (Conformance::*body_)();
};

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  using namespace holdfast;
  testing::InitGoogleTest(&argc, argv);
  const std::optional<Level> level = argc >= 3 ? FindLevel(argv[2]) : std::nullopt;
  double seconds = kDefaultSeconds;
  const bool timed = argc == 4 && std::sscanf(argv[3], "--time=%lf", &seconds) == 1 && seconds > 0;
  if (!level || (argc != 3 && !timed)) {
    std::fprintf(stderr,
                 "usage: port_conformance OBJECT LEVEL [--time=SECONDS]: expected returns, state, "
                 "faults, pages, handover or continuity; the time is of each of three tests, %g if "
                 "not given\n",
                 kDefaultSeconds);
    return 2;
  }
  auto loaded = LoadModule(argv[1]);
  if (const std::string* error = std::get_if<std::string>(&loaded)) {
    std::fprintf(stderr, "port_conformance: %s\n", error->c_str());
    return 2;
  }
  Conformance conformance(*std::get<Module>(loaded).sut, *level, seconds);
  const std::pair<const char*, void (Conformance::*)()> tests[] = {
      {"EveryShortSequence", &Conformance::EveryShortSequence},
      {"EveryRequestDenied", &Conformance::EveryRequestDenied},
      {"RandomSequences", &Conformance::RandomSequences}};
  for (const auto& [name, body] : tests) {
    testing::RegisterTest(
        argv[2], name, nullptr, nullptr, __FILE__, __LINE__,
        [&conformance, body = body]() -> OneTest* { return new OneTest(conformance, body); });
  }
  const int status = RUN_ALL_TESTS();
  // With a filter (--gtest_filter, or TESTBRIDGE_TEST_ONLY of Bazel) a level is not reached.
  const testing::UnitTest& run = *testing::UnitTest::GetInstance();
  if (run.test_to_run_count() < run.total_test_count()) {
    std::printf("level %s not judged: %d of %d tests left out\n", argv[2],
                run.total_test_count() - run.test_to_run_count(), run.total_test_count());
  } else if (status == 0) {
    std::printf("level reached: %s%s\n", argv[2], conformance.finished() ? "" : ", not finished");
  }
  return status;
}
