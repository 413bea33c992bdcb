// The product search: it counts what there is, follows what is hidden, finds the shortest, and says
// what it did not see.

#include "properties/search/product/product.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "model/text/text.h"
#include "model/text/trace.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/lockstep.h"
#include "properties/lockstep/effort.h"
#include "properties/lockstep/loaded_sut.h"
#include "properties/lockstep/model_sut.h"
#include "sut/runfiles.h"

namespace holdfast {
namespace {

using Ending = ProductResult::Ending;

constexpr Aspects kPlain = 0;
constexpr Aspects kFaulted = AspectBit(Aspect::kFaults);
constexpr Aspects kHandedOver = AspectBit(Aspect::kFaults) | AspectBit(Aspect::kHandover);

ProductOptions In(const World& world, const Profile& profile = On("v3"),
                  Past past = Past::kForgotten) {
  return {.profile = profile, .world = world, .past = past, .slots = past == Past::kWhole ? 3 : 0};
}

std::unique_ptr<Sut> Hiding(const std::string& name) {
  return Loaded(Runfile("sut/mutants/" + name + ".so"));
}

ProductResult ExpectProved(Sut& sut, const ProductOptions& options) {
  ProductResult result = ExploreProduct(sut, options);
  EXPECT_EQ(result.ending, Ending::kComplete);
  EXPECT_FALSE(result.counterexample) << PrintCounterexample(*result.counterexample);
  return result;
}

// --- Counts --------------------------------------------------------------------------------------

struct Counted {
  const char* profile;
  World world;
  Past past;
};

std::vector<Counted> Worlds() {
  std::vector<Counted> worlds;
  for (const char* profile : {"v3", "v5"}) {
    worlds.push_back({profile, MakeWorld({1, 1, 1}), Past::kForgotten});
    worlds.push_back({profile, MakeWorld({2, 1, 2}), Past::kForgotten});
    worlds.push_back({profile, MakeWorld({2, 2, 1}, kAllAspects), Past::kForgotten});
    worlds.push_back({profile, MakeWorld({2, 1, 1}, kHandedOver), Past::kOrder});
  }
  return worlds;
}

// As many memories as the model has states: this project's cores hide nothing. And the model, as an
// implementation, has as many, with the same edges between them.
TEST(Product, CoreHasOneMemoryForEachStateOfTheModel) {
  for (const auto& [name, world, past] : Worlds()) {
    const std::string version = name;
    const std::unique_ptr<Sut> core = Loaded("core." + version);
    ModelSut model(On(version));
    const ProductResult found = ExpectProved(*core, In(world, On(version), past));
    const ProductResult expected = ExpectProved(model, In(world, On(version), past));
    EXPECT_EQ(found.states, found.known_states);
    EXPECT_EQ(found.states, expected.states);
    EXPECT_EQ(found.edges, expected.edges);
    EXPECT_EQ(found.digest, expected.digest);
    EXPECT_EQ(found.slot_cuts, 0u);
  }
}

// A hostile caller leaves live records that name dead ones, which the model takes for one; a walk
// from the roots tells them apart.
TEST(Product, HostileCallersMakeMoreMemoriesAndNoDivergence) {
  for (const char* version : {"v3", "v5"}) {
    const std::unique_ptr<Sut> core = Loaded(std::string("core.") + version);
    const ProductResult result =
        ExpectProved(*core, In(MakeWorld({2, 1, 1}, kFaulted, kHostile), On(version)));
    EXPECT_GT(result.states, result.known_states);
    EXPECT_GT(result.crashes, 0u);
    EXPECT_GT(result.cuts, 0u);
  }
}

TEST(Product, CountsArePinned) {
  const std::unique_ptr<Sut> core = Loaded("core.v3");
  const ProductResult none = ExpectProved(*core, In(MakeWorld({1, 1, 1}, kPlain)));
  // Without a file nothing is preserved; with one or two files: nothing, the domain, or the domain
  // and the device.
  EXPECT_EQ(none.states, 1u + 2 * 3);
  // Each of two devices is attached to one of two domains. Each is preserved with one of the n
  // preserved domains or not at all, for it may have been attached elsewhere since. So there is the
  // sum over the sets of preserved domains of (2 * (1 + n))^2, once for each number of files.
  // Without a file there are the attachments alone.
  const ProductResult attached = ExpectProved(*core, In(MakeWorld({2, 1, 2})));
  EXPECT_EQ(attached.states, 2u * 2 + 2 * (2 * 2 + 2 * 4 * 4 + 6 * 6));
}

// The past makes states, and what is the same but for it goes on the same: by the words that say
// so, and by the outcomes.
TEST(Product, ForgettingThePastMergesNothingThatGoesApart) {
  for (const char* version : {"v3", "v5"}) {
    const std::unique_ptr<Sut> core = Loaded(std::string("core.") + version);
    const World world = MakeWorld({2, 1, 1}, kFaulted);
    const ProductResult forgotten = ExpectProved(*core, In(world, On(version)));
    const ProductResult ordered = ExpectProved(*core, In(world, On(version), Past::kOrder));
    const ProductResult whole = ExpectProved(*core, In(world, On(version), Past::kWhole));
    EXPECT_LT(forgotten.states, ordered.states);
    EXPECT_LT(ordered.states, whole.states);
    EXPECT_EQ(forgotten.model_states, whole.model_states);
    EXPECT_GT(whole.slot_cuts, 0u);
    EXPECT_FALSE(whole.conflict);
  }
}

// --- Hidden state --------------------------------------------------------------------------------

struct Hidden {
  const char* name;
  World world;
  Past past;
  std::size_t commands;  // of the shortest sequence
};

void PrintTo(const Hidden& hidden, std::ostream* stream) { *stream << hidden.name; }

class HidingTest : public testing::TestWithParam<Hidden> {};

TEST_P(HidingTest, IsFoundByAShortestSequence) {
  const std::unique_ptr<Sut> sut = Hiding(GetParam().name);
  const ProductOptions options = In(GetParam().world, On("v3"), GetParam().past);
  const ProductResult found = ExploreProduct(*sut, options);
  ASSERT_EQ(found.ending, Ending::kDiverged);
  EXPECT_EQ(found.counterexample->scenario.commands.size(), GetParam().commands)
      << PrintScenario(found.counterexample->scenario);
  const auto again = RunScenario(*sut, found.counterexample->scenario);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->rule, found.counterexample->divergence.rule);
  EXPECT_EQ(ExploreProduct(*sut, options).counterexample->scenario, found.counterexample->scenario);
}

INSTANTIATE_TEST_SUITE_P(
    Planted, HidingTest,
    testing::Values(
        Hidden{"hides_after_hw_failure", MakeWorld({2, 1, 1}, kFaulted), Past::kForgotten, 5},
        Hidden{"hides_behind_the_records", MakeWorld({1, 1, 1}, kFaulted), Past::kForgotten, 4},
        Hidden{"hides_until_the_sixth", MakeWorld({2, 1, 1}, kPlain), Past::kForgotten,
               13},  // the teardown is the sixth
        Hidden{"hides_in_dead_records", MakeWorld({1, 1, 1}, kPlain), Past::kWhole, 7},
        Hidden{"needs_four_devices", MakeWorld({4, 2, 1}, kFaulted), Past::kForgotten, 6}),
    [](const auto& info) { return std::string(info.param.name); });

// The mode that forgets takes the dead records for nothing, and says in its certificate that it
// does.
TEST(Product, DeadRecordsAreSeenOnlyIfTheyAreKept) {
  const std::unique_ptr<Sut> sut = Hiding("hides_in_dead_records");
  EXPECT_EQ(ExploreProduct(*sut, In(MakeWorld({1, 1, 1}, kPlain))).ending, Ending::kComplete);
}

TEST(Product, AnImplementationThatReadsDeadRecordsIsToldByTheConflict) {
  const std::unique_ptr<Sut> sut = Hiding("remembers_dead_records");
  const ProductResult result =
      ExpectProved(*sut, In(MakeWorld({1, 1, 1}, kPlain), On("v3"), Past::kWhole));
  ASSERT_TRUE(result.conflict);
  EXPECT_EQ(result.conflict->commands.size(), 7u) << PrintScenario(*result.conflict);
}

TEST(Product, HiddenStateIsCounted) {
  ModelSut sut(On("v3"), [](const Command& command, Outcome&, ModelSut::Memory& memory) {
    if (command.fault.site == FaultSite::kIommuPreserve) memory.hidden = 1;
  });
  const ProductResult result = ExpectProved(sut, In(MakeWorld({1, 1, 1})));
  EXPECT_GT(result.states, result.known_states);
}

// --- Mutants -------------------------------------------------------------------------------------

TEST(Product, MutantsAreRefutedByAShortestSequence) {
  const struct {
    const char* name;
    const char* profile;
    Breaches allowed;
    Rule rule;
    std::size_t commands;
  } mutants[] = {{"mutant.d1", "v3", 0, Rule::kCounted, 3},
                 {"mutant.d2", "v5", kHostile, Rule::kUnique, 4},
                 {"mutant.d6", "v3", 0, Rule::kPaired, 3},  // by the teardown
                 {"mutant.d7", "v3", kHostile, Rule::kClosed, 2},
                 {"mutant.d15", "v3", 0, Rule::kCounted, 3}};
  for (const auto& mutant : mutants) {
    const std::unique_ptr<Sut> sut = Loaded(mutant.name);
    const ProductResult result = ExploreProduct(
        *sut, In(MakeWorld({2, 1, 1}, kFaulted, mutant.allowed), On(mutant.profile)));
    ASSERT_EQ(result.ending, Ending::kDiverged) << mutant.name;
    EXPECT_EQ(result.counterexample->divergence.rule, mutant.rule) << mutant.name;
    EXPECT_EQ(result.counterexample->scenario.commands.size(), mutant.commands)
        << mutant.name << "\n"
        << PrintScenario(result.counterexample->scenario);
  }
}

TEST(Product, GoesOnToTheRuleThatIsAskedFor) {
  const std::unique_ptr<Sut> sut = Loaded("mutant.d15");
  ProductOptions options = In(MakeWorld({2, 1, 1}, kFaulted));
  options.rule = Rule::kCounted;
  ProductResult result = ExploreProduct(*sut, options);
  ASSERT_EQ(result.ending, Ending::kDiverged);
  EXPECT_EQ(result.counterexample->divergence.rule, Rule::kCounted);
  options.rule = Rule::kLocks;
  result = ExploreProduct(*sut, options);
  EXPECT_EQ(result.ending, Ending::kComplete);
  EXPECT_GT(result.others, 0u);
}

TEST(Product, HazardsComeWithTheirShortestSequence) {
  const std::unique_ptr<Sut> core = Loaded("core.v3");
  const std::vector<Hazard> hazards =
      ExpectProved(*core, In(MakeWorld({1, 1, 1}, kPlain, kHostile))).hazards.List();
  const auto ghost = std::find_if(hazards.begin(), hazards.end(), [](const Hazard& hazard) {
    return hazard.rule == Rule::kNoGhosts;
  });
  ASSERT_NE(ghost, hazards.end());
  EXPECT_EQ(ghost->scenario.commands,
            (std::vector{PreserveFile(), PreserveDomain(0), UnpreserveFile()}));
}

// --- What was not seen ---------------------------------------------------------------------------

TEST(Product, ABudgetThatEndsItIsNoProof) {
  const std::unique_ptr<Sut> core = Loaded("core.v3");
  ProductOptions options = In(MakeWorld({2, 1, 2}));
  const ProductResult all = ExpectProved(*core, options);
  options.max_edges = all.edges - 1;
  EXPECT_EQ(ExploreProduct(*core, options).ending, Ending::kUnfinished);
  options.max_edges = 0;
  options.max_states = 10;
  EXPECT_EQ(ExploreProduct(*core, options).ending, Ending::kUnfinished);
}

TEST(Product, ADeadlineStopsIt) {
  const std::unique_ptr<Sut> core = Loaded("core.v3");
  ProductOptions options = In(MakeWorld({3, 2, 2}));
  const std::uint64_t edges = ExpectProved(*core, options).edges;
  for (const int jobs : {1, 2}) {
    options.jobs = jobs;
    options.deadline = Deadline::In(0);
    const ProductResult result = ExploreProduct(*core, options);
    EXPECT_EQ(result.ending, Ending::kUnfinished);
    EXPECT_FALSE(result.counterexample);
    EXPECT_LT(result.edges, edges);
  }
}

TEST(Product, AnImplementationThatCannotSayIsABlackBox) {
  struct Opaque : ModelSut {
    using ModelSut::ModelSut;
    bool Canonicalize(Past, CanonicalMemory&) override { return false; }
  } sut(On("v3"));
  EXPECT_EQ(ExploreProduct(sut, In(MakeWorld({1, 1, 1}))).ending, Ending::kBlackBox);
}

// --- Shards --------------------------------------------------------------------------------------

TEST(Product, ShardsTogetherAreTheWhole) {
  const std::unique_ptr<Sut> core = Loaded("core.v3");
  for (const auto& [world, past] : {std::pair{MakeWorld({2, 1, 2}), Past::kForgotten},
                                    std::pair{MakeWorld({2, 1, 1}, kHandedOver), Past::kOrder}}) {
    ProductOptions options = In(world, On("v3"), past);
    const ProductResult whole = ExpectProved(*core, options);
    for (const std::uint32_t count : {2u, 3u, 7u}) {
      std::uint64_t edges = 0, digest = 0, crashes = 0, cuts = 0, most = 0;
      for (std::uint32_t index = 0; index < count; ++index) {
        options.shard = {index, count};
        const ProductResult shard = ExpectProved(*core, options);
        EXPECT_EQ(shard.states, whole.states);
        EXPECT_EQ(shard.model_states, whole.model_states);
        edges += shard.edges;
        digest += shard.digest;
        crashes += shard.crashes;
        cuts += shard.cuts;
        most = std::max(most, shard.edges);
      }
      EXPECT_EQ(edges, whole.edges);
      EXPECT_EQ(digest, whole.digest);
      EXPECT_EQ(crashes, whole.crashes);
      EXPECT_EQ(cuts, whole.cuts);
      EXPECT_LT(most, whole.edges);
    }
  }
}

// An implementation that fails for want of simulated memory wherever it would preserve the second
// device.
class SmallMachine : public ModelSut {
 public:
  using ModelSut::ModelSut;
  void Run(const Command& command, Outcome& outcome) override {
    exhausted_ = command.verb == Verb::kPreserveDevice && command.device == 1;
    ModelSut::Run(command, outcome);
    if (exhausted_) outcome.error = -ENOMEM;
  }
  bool Exhausted() override { return exhausted_; }

 private:
  bool exhausted_ = false;
};

// --- Jobs ----------------------------------------------------------------------------------------

std::string Print(const Hazards& hazards) {
  std::string text;
  for (const Hazard& hazard : hazards.List()) {
    text += std::string(InfoOf(hazard.rule).id) + " " + std::to_string(hazard.clauses) +
            (hazard.after_teardown ? " down " : " ") + std::to_string(hazard.count) + ":\n";
    for (const Command& command : hazard.scenario.commands) text += PrintCommand(command) + "\n";
  }
  return text;
}

void ExpectSame(const ProductResult& a, const ProductResult& b) {
  EXPECT_EQ(a.ending, b.ending);
  EXPECT_EQ(a.states, b.states);
  EXPECT_EQ(a.model_states, b.model_states);
  EXPECT_EQ(a.known_states, b.known_states);
  EXPECT_EQ(a.depth, b.depth);
  EXPECT_EQ(a.edges, b.edges);
  EXPECT_EQ(a.faults, b.faults);
  EXPECT_EQ(a.crashes, b.crashes);
  EXPECT_EQ(a.cuts, b.cuts);
  EXPECT_EQ(a.slot_cuts, b.slot_cuts);
  EXPECT_EQ(a.memory_cuts, b.memory_cuts);
  EXPECT_EQ(a.unfired, b.unfired);
  EXPECT_EQ(a.digest, b.digest);
  EXPECT_EQ(a.tally.commands, b.tally.commands);
  EXPECT_EQ(a.tally.checked, b.tally.checked);
  EXPECT_EQ(a.coverage.Seen(), b.coverage.Seen());
  for (const Witness& witness : a.coverage.Seen())
    EXPECT_EQ(a.coverage.CountOf(witness), b.coverage.CountOf(witness));
  EXPECT_EQ(Print(a.hazards), Print(b.hazards));
  ASSERT_EQ(a.counterexample.has_value(), b.counterexample.has_value());
  if (a.counterexample) {
    EXPECT_EQ(a.counterexample->scenario, b.counterexample->scenario);
  }
}

// By one process and by several, with a recorder: a world of faults, one of kexecs, and a hostile
// one, which has hazards.
TEST(Product, SeveralProcessesFindWhatOneFinds) {
  for (const World& world : {MakeWorld({3, 2, 2}), MakeWorld({2, 1, 1}, kHandedOver),
                             MakeWorld({2, 1, 1}, kFaulted, kHostile)}) {
    const std::unique_ptr<Sut> core = Loaded("core.v3");
    ProductOptions options = In(world);
    const ProductResult one = ExpectProved(*core, options);
    const auto recorder = std::make_unique<FlightRecorder>();
    options.recorder = recorder.get();
    for (const int jobs : {1, 2, 3}) {
      options.jobs = jobs;
      const ProductResult several = ExpectProved(*core, options);
      SCOPED_TRACE(std::to_string(jobs) + " jobs, " + std::to_string(one.states) + " states");
      ExpectSame(one, several);
    }
  }
}

// Hidden state is followed, and what diverges does so by the same sequence.
TEST(Product, SeveralProcessesRefuteWhatOneRefutes) {
  for (const char* name : {"hides_after_hw_failure", "needs_four_devices"}) {
    const std::unique_ptr<Sut> sut = Hiding(name);
    ProductOptions options = In(MakeWorld({4, 1, 1}));
    const ProductResult one = ExploreProduct(*sut, options);
    ASSERT_EQ(one.ending, Ending::kDiverged) << name;
    options.jobs = 2;
    ExpectSame(one, ExploreProduct(*sut, options));
  }
}

TEST(Product, SeveralProcessesAreStoppedByABudget) {
  const std::unique_ptr<Sut> core = Loaded("core.v3");
  ProductOptions options = In(MakeWorld({3, 2, 2}));
  options.jobs = 2;
  options.max_states = 500;
  const ProductResult result = ExploreProduct(*core, options);
  EXPECT_EQ(result.ending, Ending::kUnfinished);
  EXPECT_GE(result.states, 500u);
  EXPECT_FALSE(result.counterexample);
}

TEST(Product, TheEndOfTheSimulatedMemoryIsACutAndNoFinding) {
  SmallMachine small(On("v3"));
  ModelSut one(On("v3"));
  const ProductResult cut = ExpectProved(small, In(MakeWorld({2, 1, 1}, kPlain)));
  EXPECT_GT(cut.memory_cuts, 0u);
  // All that is left is what is there with one device, and the other one has nothing to be moved
  // to.
  EXPECT_EQ(cut.states, ExpectProved(one, In(MakeWorld({1, 1, 1}, kPlain))).states);
  EXPECT_EQ(ExpectProved(one, In(MakeWorld({2, 1, 1}, kPlain))).memory_cuts, 0u);
}

// What is hidden is found by the shard that its finder is, whichever that is.
TEST(Product, SomeShardRefutesWhatTheWholeRefutes) {
  const std::unique_ptr<Sut> sut = Hiding("hides_until_the_sixth");
  ProductOptions options = In(MakeWorld({2, 1, 1}, kPlain));
  int refuted = 0;
  for (std::uint32_t index = 0; index < 3; ++index) {
    options.shard = {index, 3};
    refuted += ExploreProduct(*sut, options).ending == Ending::kDiverged;
  }
  EXPECT_GT(refuted, 0);
}

}  // namespace
}  // namespace holdfast
