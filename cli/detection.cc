#include "cli/detection.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "model/profile.h"
#include "model/text/text.h"
#include "model/topology.h"
#include "model/explore/world.h"
#include "properties/conformance/levels.h"
#include "properties/lockstep/runner.h"
#include "properties/search/suite/suite.h"
#include "properties/shrink/minimize.h"
#include "properties/shrink/shortest.h"
#include "properties/shrink/simplify.h"

namespace holdfast {
namespace {

template <typename T>
T Median(std::vector<T> values) {
  if (values.empty()) return T();
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

// Where a survivor is proved, with every fault. Not where the FLB goes under what is preserved
// (C4): there memory is never the same again, because a page that a stale pointer names is never
// given out again.
struct ProofWorld {
  std::string name;
  World world;
};

std::vector<ProofWorld> ProofWorlds() {
  Topology odd = MakeTopology(1, 2, 2);
  odd.devices[1].bus = Bus::kPlatform;
  odd.domains[1].missing_ops = OpBit(Op::kPtUnpreserve);
  std::vector<ProofWorld> worlds = {
      {"two devices",
       MakeWorld({.devices = 2, .iommus = 1, .domains = 1}, AspectBit(Aspect::kFaults))},
      {"a caller who may break all but C4",
       {.topology = MakeTopology(1, 1, 1),
        .aspects = AspectBit(Aspect::kFaults),
        .allowed = kHostile & ~BreachBit(Clause::kC4),
        .bounds = {}}},
      {"handover", MakeWorld({.devices = 1, .iommus = 1, .domains = 1},
                             AspectBit(Aspect::kFaults) | AspectBit(Aspect::kHandover))},
      {"the restoring side", MakeWorld({.devices = 1, .iommus = 1, .domains = 1},
                                       AspectBit(Aspect::kFaults) | AspectBit(Aspect::kHandover) |
                                           AspectBit(Aspect::kRestore))},
  };
  for (const Op op : {Op::kIommuPreserve, Op::kIommuUnpreserve, Op::kIommuPreserveDevice,
                      Op::kIommuUnpreserveDevice}) {
    World world = {.topology = MakeTopology(1, 1, 1),
                   .aspects = AspectBit(Aspect::kFaults),
                   .allowed = 0,
                   .bounds = {}};
    world.topology.iommus[0].missing_ops = OpBit(op);
    worlds.push_back({fmt::format("no {}", OpName(op)), world});
  }
  worlds.push_back(
      {"odd traits",
       {.topology = odd, .aspects = AspectBit(Aspect::kFaults), .allowed = 0, .bounds = {}}});
  return worlds;
}

class Detector {
 public:
  Detector(const Mutant& mutant, Sut& sut, const DetectionOptions& options)
      : mutant_(mutant),
        sut_(sut),
        runner_(sut, Runner::Where::kInChild),
        options_(options),
        profile_(*FindProfile(mutant.profile)) {}

  Detection Run() {
    Corpus();
    Exhaustive();
    Random();
    if (!result_.caught()) Prove();
    if (best_) {
      for (const std::string& text : texts_)
        result_.trace += (result_.trace.empty() ? "" : "\n") + text;
      const auto& [scenario, divergence] = best_->minimal;
      result_.shortest = scenario.commands.size();
      result_.proved = best_->proof;
      if (mutant_.of_port()) result_.level = LevelName(LevelOf(scenario, divergence));
    }
    std::sort(result_.shrink_seconds.rbegin(), result_.shrink_seconds.rend());
    result_.failure = Failure();
    return std::move(result_);
  }

 private:
  // The runs of one part, and what they found.
  struct Found {
    std::vector<std::uint64_t> commands;
    std::vector<double> seconds;
    std::set<std::string> texts;
    std::set<Rule> rules;
  };

  // `commands` are all that were checked until then.
  void Enter(Found& found, PartDetection& part, const PartResult& result, std::uint64_t commands,
             double seconds) {
    using Clock = std::chrono::steady_clock;
    ++part.caught;
    found.commands.push_back(commands);
    found.seconds.push_back(seconds);
    const Clock::time_point start = Clock::now();
    if (!searched_) searched_ = SearchFor(runner_, *result.counterexample);
    Minimized minimized = Minimize(runner_, *result.counterexample, {}, *searched_);
    result_.shrink_seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    const auto& [scenario, divergence] = minimized.minimal;
    texts_.insert(minimized.minimal_trace());
    part.shrunk = std::max(part.shrunk, scenario.commands.size());
    found.texts.insert(minimized.minimal_trace());
    found.rules.insert(divergence.rule);
    if (!best_ || Complexity(scenario) < Complexity(best_->minimal.scenario))
      best_ = std::move(minimized);
  }

  static void Close(const Found& found, PartDetection& part) {
    part.commands = Median(found.commands);
    part.seconds = Median(found.seconds);
    part.texts = found.texts.size();
    part.rules.assign(found.rules.begin(), found.rules.end());
  }

  PartContext Context(const Deadline& deadline = {}) {
    return {.runner = runner_, .profile = profile_, .deadline = deadline};
  }

  void Corpus() {
    PartDetection& part = result_.corpus;
    part.runs = 1;
    Found found;
    const PartResult result = RunCorpus(Context(), CorpusOf(profile_));
    if (result.counterexample) Enter(found, part, result, result.tally.commands, result.seconds);
    Close(found, part);
  }

  void Exhaustive() {
    PartDetection& part = result_.exhaustive;
    part.runs = 1;
    Found found;
    std::uint64_t commands = 0;
    double seconds = 0;
    const bool of_port = sut_.contract_only();
    for (NamedWorld& named : SmallWorlds(sut_, options_.depth)) {
      if (of_port) named.world = WithHalfDoneOps(std::move(named.world));
      const PartResult result = RunSmallWorld(Context(), named, /*teardown=*/of_port);
      commands += result.tally.commands;
      seconds += result.seconds;
      if (!result.counterexample) continue;
      Enter(found, part, result, commands, seconds);
      break;
    }
    Close(found, part);
  }

  void Random() {
    PartDetection& part = result_.random;
    Found found;
    RandomOptions random = {.cases = options_.cases};
    if (sut_.contract_only()) random.modes = {Mode::kContract};
    for (int seed = 1; seed <= options_.seeds; ++seed) {
      ++part.runs;
      random.seed = static_cast<std::uint64_t>(seed);
      const PartResult result = RunRandom(Context(Deadline::In(options_.seconds)), random);
      if (result.counterexample) Enter(found, part, result, result.tally.commands, result.seconds);
      // What two seeds have not seen, and the other parts neither, others will not: the rest is for
      // the proof.
      if (seed == 2 && !result_.caught()) break;
    }
    Close(found, part);
  }

  // What nothing caught is walked whole: every memory that it can be in, within the worlds.
  void Prove() {
    std::string worlds;
    for (const ProofWorld& proof : ProofWorlds()) {
      const PartResult result = RunProduct(Context(), proof.world, /*max_edges=*/500'000);
      if (result.counterexample) {
        Found found;
        Enter(found, result_.exhaustive, result, result.tally.commands, 0);
        return Close(found, result_.exhaustive);
      }
      if (!result.finished || result.skipped) return;
      worlds +=
          fmt::format("{}{} ({} states)", worlds.empty() ? "" : "; ", proof.name, result.cases);
    }
    result_.proof = worlds;
  }

  std::string Failure() const {
    if (mutant_.equivalent()) {
      if (result_.caught()) return "caught, and listed as one that nobody can tell from the core";
      return result_.proof.empty() ? "not caught, and not proved equivalent" : "";
    }
    if (!result_.caught()) return "not caught";
    for (const PartDetection* part : {&result_.corpus, &result_.exhaustive, &result_.random}) {
      for (const Rule rule : part->rules) {
        if (rule != mutant_.rule)
          return fmt::format("caught by {} and not by {}", InfoOf(rule).id,
                             InfoOf(mutant_.rule).id);
      }
    }
    if (texts_.size() != 1) return fmt::format("{} different counterexamples", texts_.size());
    if (mutant_.depth && result_.shortest != *mutant_.depth) {
      return fmt::format("the shortest trace has {} commands, the table says {}", result_.shortest,
                         *mutant_.depth);
    }
    return "";
  }

  const Mutant& mutant_;
  Sut& sut_;
  Runner runner_;
  const DetectionOptions& options_;
  const Profile& profile_;
  Detection result_;
  std::optional<Shortest> searched_;  // of the implementation, whatever found that it diverges
  std::optional<Minimized> best_;
  std::set<std::string> texts_;  // of all parts
};

}  // namespace

Detection Detect(const Mutant& mutant, Sut& sut, const DetectionOptions& options) {
  return Detector(mutant, sut, options).Run();
}

}  // namespace holdfast
