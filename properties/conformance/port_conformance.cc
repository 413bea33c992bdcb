// port_conformance OBJECT LEVEL: holds a driver port against the model up to a level, as
// GoogleTest. What holdfast_conformance_test runs.
//
// Every short sequence in small worlds, a life of several kernels with every request of every op
// denied once, and random sequences; of callers that keep the contract. A divergence of a higher
// level is passed over. A failure has the shortest trace that counts at this level
// (properties/shrink/minimize.h). The trace and its graph are in the test's undeclared outputs.
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "model/text/text.h"
#include "properties/search/campaign.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/runner.h"
#include "properties/lockstep/effort.h"
#include "properties/search/exhaustive.h"
#include "properties/search/fault_sweep.h"
#include "properties/generate/generate.h"
#include "properties/conformance/three_kernels.h"
#include "properties/conformance/levels.h"
#include "sut/module.h"
#include "properties/shrink/minimize.h"

namespace holdfast {
namespace {

class Conformance {
 public:
  Conformance(Sut& sut, Level level)
      : sut_(sut), level_(level), profile_(*FindProfile(sut.profile())) {}

  void EveryShortSequence() {
    for (SmallWorld world : {OneIommuWorld(), TwoIommuWorld(), HandoverWorld()}) {
      world.depth = Effort(10) < 10 ? 3 : 4;
      for (Command command : std::vector<Command>(world.alphabet)) {
        command.fault.depth = 2;
        if (command.fault.armed()) world.alphabet.push_back(command);
      }
      const ExhaustiveResult result = Exhaust(
          sut_, {.profile = profile_, .world = world, .contract_only = true, .teardown = true});
      if (result.counterexample && Fails(*result.counterexample)) return;
    }
  }

  void EveryRequestDenied() {
    const FaultSweepResult result = SweepFaults(sut_, Generations(profile_));
    if (result.counterexample) Fails(*result.counterexample);
  }

  void RandomSequences() {
    CampaignOptions options = {.profile = profile_, .modes = {Mode::kContract}, .seed = 1};
    const auto all = static_cast<std::uint64_t>(Effort(10000));
    // Past a divergence that is passed over the campaign goes on with the next case.
    while (options.first_case < all) {
      options.cases = all - options.first_case;
      const CampaignResult result = RunCampaign(sut_, options);
      if (!result.counterexample || Fails(*result.counterexample)) return;
      options.first_case = result.case_index + 1;
    }
  }

 private:
  // False: the divergence is of a higher level, and is passed over.
  bool Fails(const Counterexample& found) {
    const Counts counts = [this](const Scenario& scenario, const Divergence& divergence) {
      return LevelOf(scenario, divergence) <= level_;
    };
    if (!counts(found.scenario, found.divergence)) return false;
    Runner runner(sut_, Runner::Where::kInChild);
    Minimized minimized =
        Minimize(runner, found, {.budget = {.time = std::chrono::seconds(60)}, .counts = counts});
    const std::string error = LeaveBehind(minimized, DefaultOutputDirectory(), sut_.name());
    const auto& [scenario, divergence] = minimized.minimal;
    ADD_FAILURE() << "The port fails at level " << LevelName(LevelOf(scenario, divergence))
                  << ".\n\n"
                  << minimized.minimal_trace() << "\n"
                  << minimized.report << "shortest: " << minimized.proof << "\n"
                  << error;
    return true;
  }

  Sut& sut_;
  const Level level_;
  const Profile profile_;
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
  const std::optional<Level> level = argc == 3 ? FindLevel(argv[2]) : std::nullopt;
  if (!level) {
    std::fprintf(stderr,
                 "usage: port_conformance OBJECT LEVEL: expected returns, state, faults, pages, "
                 "handover or continuity\n");
    return 2;
  }
  auto loaded = LoadModule(argv[1]);
  if (const std::string* error = std::get_if<std::string>(&loaded)) {
    std::fprintf(stderr, "port_conformance: %s\n", error->c_str());
    return 2;
  }
  Conformance conformance(*std::get<Module>(loaded).sut, *level);
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
    std::printf("level reached: %s\n", argv[2]);
  }
  return status;
}
