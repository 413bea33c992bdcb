#include "model/explore/explore.h"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "model/explore/canonical.h"
#include "model/step.h"
#include "model/explore/symmetry.h"
#include "model/text/text.h"

namespace holdfast {
namespace {

const Profile& V3() { return *FindProfile("v3"); }
const Profile& V5() { return *FindProfile("v5"); }

constexpr Aspects kFaultsOnly = AspectBit(Aspect::kFaults);

std::uint64_t Power(std::uint64_t base, int exponent) {
  std::uint64_t product = 1;
  while (exponent-- > 0) product *= base;
  return product;
}

std::string Text(const std::vector<Command>& path) {
  std::string text;
  for (const Command& command : path) text += (text.empty() ? "" : "; ") + PrintCommand(command);
  return text;
}

// Worlds small enough to be walked with every step computed anew, and between them every aspect,
// caller and profile.
struct Case {
  const char* name;
  World world;
  Profile profile;
};
std::vector<Case> Cases() {
  const auto on = [](Profile profile, Luo luo) {
    profile.luo = luo;
    return profile;
  };
  World group = MakeWorld({2, 1, 1}, kFaultsOnly, kHostile);
  group.topology = std::get<Topology>(ParseTopology("iommu0(dev0 dev1:group=dev0) dom0"));
  World odd = MakeWorld({3, 2, 2}, kFaultsOnly, BreachBit(Clause::kC4));
  odd.topology = std::get<Topology>(
      ParseTopology("iommu0(dev0 dev1:nonpci) iommu1:no-unpreserve(dev2) dom0 dom1:no-ops"));
  return {
      {"contract", MakeWorld({3, 2, 2}), V3()},
      {"contract_v5", MakeWorld({3, 2, 2}), V5()},
      {"hostile", MakeWorld({2, 1, 1}, kFaultsOnly, kHostile), V3()},
      {"hostile_v5", MakeWorld({2, 1, 1}, kFaultsOnly, kHostile), V5()},
      {"owners", MakeWorld({2, 2, 1}, AspectBit(Aspect::kOwners), BreachBit(Clause::kC5)), V3()},
      {"handover", MakeWorld({1, 1, 1}, kAllAspects, 0), V5()},
      {"handover_hostile",
       MakeWorld({1, 1, 1}, AspectBit(Aspect::kHandover),
                 BreachBit(Clause::kC4) | BreachBit(Clause::kC6)),
       V3()},
      {"group_of_two", group, V5()},
      {"traits", odd, V3()},
      {"pairing_leaks", MakeWorld({1, 1, 1}, 0, kHostile), on(V3(), Luo::kStageC)},
      {"pairing_puts", MakeWorld({1, 1, 1}, 0, kHostile), on(V5(), Luo::kStageA)},
      {"off", MakeWorld({2, 1, 1}, kAllAspects, kHostile), *FindProfile("off")},
  };
}

std::string Summary(const ExploreResult& result) {
  std::string text = std::to_string(result.states) + " states, " + std::to_string(result.edges) +
                     " edges, " + std::to_string(result.cuts) + " cuts, depth " +
                     std::to_string(result.depth) + ", digest " + std::to_string(result.digest) +
                     ", checked " + std::to_string(result.rules.checked) + "\n";
  for (const Violation& violation : result.violations) {
    text += std::string(InfoOf(violation.rule).id) + (violation.owed ? " owed: " : ": ") +
            Text(violation.path) + "\n";
  }
  for (const Sighting& seen : result.sightings) {
    text += PrintCommand(seen.command) + " = " + PrintOutcome(seen.outcome) + " x" +
            std::to_string(seen.edges) + ": " + Text(seen.path) + "\n";
  }
  return text;
}

// The footprints' proof: what is remembered is what Step and the rules say, on every edge.
TEST(ExploreTest, MemoryChangesNothing) {
  for (const Case& each : Cases()) {
    SCOPED_TRACE(each.name);
    const ExploreResult fast = Explore(each.world, each.profile, {.audit = 3});
    const ExploreResult plain = Explore(each.world, each.profile, {.plain = true});
    ASSERT_TRUE(fast.finished && plain.finished);
    EXPECT_EQ(Summary(fast), Summary(plain));
    EXPECT_LT(fast.steps, plain.steps);
    EXPECT_EQ(plain.steps, plain.edges + plain.cuts);
  }
}

TEST(ExploreTest, ThreadsChangeNothing) {
  std::vector<Case> cases = Cases();
  // More states than a round, and than the first table has room for.
  cases.push_back({"larger", MakeWorld({4, 2, 3}), V3()});
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    for (const bool symmetry : {false, true}) {
      // The order of the states too: it decides which of several shortest paths is told.
      std::vector<State> order, order_of_three;
      ExploreOptions options = {.symmetry = symmetry};
      options.visit = [&](const State& state) { order.push_back(state); };
      const std::string summary = Summary(Explore(each.world, each.profile, options));
      options.threads = 3;
      options.visit = [&](const State& state) { order_of_three.push_back(state); };
      EXPECT_EQ(Summary(Explore(each.world, each.profile, options)), summary);
      EXPECT_TRUE(order_of_three == order);
    }
  }
}

// Every state that a plain search with Step and Canonical alone meets, and no other.
TEST(ExploreTest, StatesAreThoseThatStepReaches) {
  for (const Case& each : Cases()) {
    SCOPED_TRACE(each.name);
    std::map<std::string, State> seen;
    std::vector<State> open = {InitialState(each.world.topology)};
    const auto name = [&](const State& state) { return PrintState(state, each.world.topology); };
    seen.emplace(name(open.front()), open.front());
    while (!open.empty() && seen.size() < 20'000) {
      const State before = open.back();
      open.pop_back();
      if (before.crashed) continue;
      for (const Command& command : Alphabet(each.world)) {
        if (!Calls(each.world, before, command)) continue;
        const StepResult step = Step(each.world.topology, each.profile, before, command);
        if (!step.state.crashed && !Within(each.world, step.state)) continue;
        const State after = Canonical(step.state);
        if (seen.emplace(name(after), after).second) open.push_back(after);
      }
    }
    ASSERT_TRUE(open.empty());
    std::uint64_t visited = 0;
    Explore(each.world, each.profile, {.visit = [&](const State& state) {
              ++visited;
              const auto found = seen.find(name(state));
              ASSERT_NE(found, seen.end()) << name(state);
              EXPECT_TRUE(found->second == state) << name(state);
            }});
    EXPECT_EQ(visited, seen.size());
  }
}

TEST(ExploreTest, ACallerWhoKeepsTheContractBreaksNoRule) {
  for (const Profile& profile : {V3(), V5()}) {
    const ExploreResult result = Explore(MakeWorld({4, 2, 3}), profile);
    EXPECT_TRUE(result.finished);
    EXPECT_TRUE(result.holds());
    EXPECT_TRUE(result.violations.empty());
    // Each rule that is asked of a state or a step had its premise met somewhere.
    for (const Rule rule :
         {Rule::kHeld, Rule::kCounted, Rule::kClosed, Rule::kUnique, Rule::kAtomic, Rule::kPaired,
          Rule::kAppendOnly, Rule::kPages, Rule::kNoGhosts, Rule::kLocks, Rule::kBalanced,
          Rule::kQuiet, Rule::kVisible}) {
      EXPECT_TRUE(result.rules.checked & RuleBit(rule)) << InfoOf(rule).name;
    }
  }
}

TEST(ExploreTest, CountsOfWorldsWithoutAttachAreTheClosedForm) {
  // Every device is attached to dom0. F files: without one a single state; with one to F files,
  // 2^(M-1) for the other domains, times 1 if dom0 is not preserved, and 2^D if it is.
  for (const auto& [size, files] : {std::pair<WorldSize, int>{{1, 1, 1}, 2},
                                    {{2, 1, 1}, 2},
                                    {{3, 2, 2}, 1},
                                    {{4, 2, 3}, 2},
                                    {{6, 2, 4}, 1}}) {
    World world = MakeWorld(size, kFaultsOnly);
    world.bounds.files = files;
    const ExploreResult result = Explore(world, V3());
    const std::uint64_t with_file = Power(2, size.domains - 1) * (1 + Power(2, size.devices));
    EXPECT_EQ(result.states, 1 + static_cast<std::uint64_t>(files) * with_file)
        << PrintBounds(world);
    EXPECT_TRUE(result.holds());
  }
}

// Where the numbers come from: without a file there is a state for each attachment, M^D. With one,
// k of the M domains are preserved. Each device is attached to any of the M domains. Each device is
// also either not preserved, or preserved with one of the k: C1 is asked at the preserve, and the
// device may be attached elsewhere afterwards. So F files give M^D + F * sum over k of (M choose k)
// * (M * (1 + k))^D.
std::uint64_t CountWithAttach(const WorldSize& size, int files) {
  const int domains = size.domains;
  std::uint64_t with_file = 0, choose = 1;
  for (int k = 0; k <= domains; ++k) {
    with_file += choose * Power(static_cast<std::uint64_t>(domains * (1 + k)), size.devices);
    choose = choose * static_cast<std::uint64_t>(domains - k) / static_cast<std::uint64_t>(k + 1);
  }
  return Power(static_cast<std::uint64_t>(domains), size.devices) +
         static_cast<std::uint64_t>(files) * with_file;
}

TEST(ExploreTest, CountsOfWorldsWithAttachAreTheClosedForm) {
  for (const WorldSize& size : {WorldSize{1, 1, 1}, {2, 1, 2}, {3, 2, 2}, {2, 2, 4}, {4, 2, 3}}) {
    const ExploreResult result = Explore(MakeWorld(size), V3());
    EXPECT_EQ(result.states, CountWithAttach(size, 2))
        << size.devices << "," << size.iommus << "," << size.domains;
  }
  EXPECT_EQ(CountWithAttach({4, 2, 3}, 2), 88'857u);
}

// The certificate's numbers of the world that the benchmark compares with SPIN's.
TEST(ExploreTest, NumbersOfTheWorldOfFourDevicesArePinned) {
  const ExploreResult result = Explore(MakeWorld({4, 2, 3}), V3());
  EXPECT_EQ(result.states, 88'857u);
  EXPECT_EQ(result.edges, 3'171'960u);
  EXPECT_EQ(result.cuts, 44'388u);  // one a state with two files: a third
  EXPECT_EQ(result.depth, 17);
}

// Every orbit is met, and no other: the sizes of the orbits of the representatives sum to the
// number of states. The same rules are met and broken and the same outcomes seen, each after as
// many commands.
TEST(ExploreTest, OrbitsSumToTheFullCount) {
  World walk = MakeWorld({3, 1, 2}, AspectBit(Aspect::kWalk) | AspectBit(Aspect::kOwners) |
                                        AspectBit(Aspect::kFaults));
  walk.bounds.files = 1;
  std::vector<Case> cases = Cases();
  cases.push_back({"walk", walk, V3()});
  cases.push_back({"two_iommus", MakeWorld({4, 2, 2}), V5()});
  cases.push_back(
      {"double_records", MakeWorld({2, 1, 1}, kFaultsOnly, BreachBit(Clause::kC2)), V3()});
  cases.push_back({"handover_of_two", MakeWorld({2, 2, 1}, AspectBit(Aspect::kHandover), 0), V3()});
  std::uint64_t saved = 0;
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    const std::vector<Symmetry> all = Likeness(each.world).All();
    std::uint64_t sum = 0;
    const ExploreResult reduced =
        Explore(each.world, each.profile,
                {.symmetry = true, .visit = [&](const State& state) {
                   std::set<std::string> orbit;
                   for (const Symmetry& symmetry : all) {
                     const State image =
                         state.crashed ? state : Renamed(symmetry, each.world.topology, state);
                     orbit.insert(PrintState(image, each.world.topology));
                   }
                   sum += orbit.size();
                 }});
    const ExploreResult full = Explore(each.world, each.profile);
    ASSERT_TRUE(reduced.finished);
    EXPECT_EQ(sum, full.states);
    EXPECT_LE(reduced.depth, full.depth);
    EXPECT_EQ(reduced.rules.checked, full.rules.checked);
    EXPECT_EQ(reduced.rules.broken, full.rules.broken);
    ASSERT_EQ(reduced.violations.size(), full.violations.size());
    for (std::size_t i = 0; i < full.violations.size(); ++i) {
      EXPECT_EQ(reduced.violations[i].path.size(), full.violations[i].path.size());
    }
    ASSERT_EQ(reduced.sightings.size(), full.sightings.size());
    for (std::size_t i = 0; i < full.sightings.size(); ++i) {
      EXPECT_EQ(PrintOutcome(reduced.sightings[i].outcome),
                PrintOutcome(full.sightings[i].outcome));
      EXPECT_EQ(reduced.sightings[i].path.size(), full.sightings[i].path.size());
    }
    saved += full.states - reduced.states;
  }
  EXPECT_GT(saved, 1000u);
}

// A path of representatives is given as one of the world itself: it breaks the rule when it is
// walked.
TEST(ExploreTest, PathsUnderSymmetryAreReal) {
  const World world = MakeWorld({2, 2, 2}, AspectBit(Aspect::kAttach),
                                BreachBit(Clause::kC2) | BreachBit(Clause::kC4));
  const ExploreResult result = Explore(world, V3(), {.symmetry = true});
  EXPECT_FALSE(result.violations.empty());
  for (const Violation& violation : result.violations) {
    State state = InitialState(world.topology);
    Ledger ledger;
    RuleSet broken = 0;
    for (const Command& command : violation.path) {
      EXPECT_EQ(broken & RuleBit(violation.rule), 0u) << "a shorter one";
      EXPECT_TRUE(Calls(world, state, command)) << Text(violation.path);
      const StepResult step = Step(world.topology, V3(), state, command);
      broken |=
          ledger.Check({world.topology, V3(), state, command, step.outcome, step.state}).broken;
      broken |= CheckState(world.topology, V3(), step.state).broken;
      state = step.state;
    }
    EXPECT_TRUE(broken & RuleBit(violation.rule))
        << InfoOf(violation.rule).id << ": " << Text(violation.path);
  }
}

TEST(ExploreTest, HazardsComeWithTheirShortestPath) {
  const ExploreResult result = Explore(MakeWorld({1, 1, 1}, 0, kHostile), V3());
  std::map<Rule, std::string> paths;
  for (const Violation& violation : result.violations) {
    EXPECT_FALSE(violation.owed) << InfoOf(violation.rule).id;
    EXPECT_NE(violation.breaches, 0);
    paths[violation.rule] = Text(violation.path);
  }
  EXPECT_EQ(
      paths[Rule::kUnique],
      "preserve_file; preserve_domain dom0; preserve_device dom0 dev0; preserve_device dom0 dev0");
  EXPECT_EQ(paths[Rule::kNoGhosts], "preserve_file; preserve_domain dom0; unpreserve_file");
  EXPECT_TRUE(result.holds());
}

TEST(ExploreTest, AWrongPairingBreaksWhatIsOwed) {
  Profile profile = V3();
  profile.luo = Luo::kStageC;
  const ExploreResult result = Explore(MakeWorld({1, 1, 1}, 0), profile);
  EXPECT_FALSE(result.holds());
  const auto leak =
      std::find_if(result.violations.begin(), result.violations.end(),
                   [](const Violation& violation) { return violation.rule == Rule::kBalanced; });
  ASSERT_NE(leak, result.violations.end());
  EXPECT_TRUE(leak->owed);
  EXPECT_EQ(Text(leak->path), "preserve_file; preserve_domain dom0");
}

TEST(ExploreTest, BoundsCutAndAreCounted) {
  World world = MakeWorld({1, 1, 1}, 0, kHostile);
  const ExploreResult wide = Explore(world, V3());
  world.bounds.files = 1;
  const ExploreResult narrow = Explore(world, V3());
  EXPECT_LT(narrow.states, wide.states);
  EXPECT_GT(narrow.cuts, 0u);
}

TEST(ExploreTest, ASearchThatGivesUpIsNotFinished) {
  EXPECT_FALSE(Explore(MakeWorld({4, 2, 3}), V3(), {.max_states = 10}).finished);
  EXPECT_FALSE(Explore(MakeWorld({4, 2, 3}), V3(),
                       {.progress = [](std::uint64_t, std::uint64_t) { return false; }})
                   .finished);
}

}  // namespace
}  // namespace holdfast
