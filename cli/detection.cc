#include "cli/detection.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/corpus.h"
#include "model/command.h"
#include "model/profile.h"
#include "model/text/text.h"
#include "model/topology.h"
#include "model/explore/world.h"
#include "properties/search/campaign.h"
#include "properties/search/exhaustive.h"
#include "properties/generate/generate.h"
#include "properties/conformance/levels.h"
#include "properties/lockstep/keeps_contract.h"
#include "properties/lockstep/lockstep.h"
#include "properties/search/product.h"
#include "properties/lockstep/runner.h"
#include "properties/shrink/minimize.h"
#include "properties/shrink/shortest.h"
#include "properties/shrink/simplify.h"

namespace holdfast {
namespace {

using Clock = std::chrono::steady_clock;

double Since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double ProcessorSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

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

// Each fault of an op once more, when the op is half done.
void AddHalfDoneOps(std::vector<Command>& alphabet) {
  const std::size_t plain = alphabet.size();
  for (std::size_t i = 0; i < plain; ++i) {
    if (!alphabet[i].fault.armed()) continue;
    alphabet.push_back(alphabet[i]);
    alphabet.back().fault.depth = 2;
  }
}

class Detector {
 public:
  Detector(const Mutant& mutant, Sut& sut, const DetectionOptions& options)
      : mutant_(mutant),
        sut_(sut),
        runner_(sut),
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

  void Enter(Found& found, PartDetection& part, const Counterexample& counterexample,
             std::uint64_t commands, double seconds) {
    ++part.caught;
    found.commands.push_back(commands);
    found.seconds.push_back(seconds);
    if (!searched_) {
      const double start = ProcessorSeconds();
      searched_ = SearchFor(runner_, counterexample);
      search_seconds_ = ProcessorSeconds() - start;
    }
    const double start = ProcessorSeconds();
    Minimized minimized = Minimize(runner_, counterexample, {}, *searched_);
    result_.shrink_seconds.push_back(search_seconds_ + ProcessorSeconds() - start);
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

  void Corpus() {
    const auto start = Clock::now();
    PartDetection& part = result_.corpus;
    part.runs = 1;
    Found found;
    Lockstep lockstep(sut_);
    for (const auto& [file, scenario] : CorpusOf(profile_)) {
      if (sut_.contract_only() && !KeepsContract(scenario)) continue;
      lockstep.Begin(scenario.topology, scenario.profile);
      for (const Command& command : scenario.commands) {
        if (!lockstep.Run(command)) break;
      }
      lockstep.TearDown();
      if (!lockstep.divergence()) continue;
      Enter(found, part, {scenario, *lockstep.divergence()}, lockstep.tally().commands,
            Since(start));
      break;
    }
    Close(found, part);
  }

  void Exhaustive() {
    const auto start = Clock::now();
    PartDetection& part = result_.exhaustive;
    part.runs = 1;
    Found found;
    std::uint64_t commands = 0;
    for (const SmallWorld& world : {OneIommuWorld(), TwoIommuWorld(), HandoverWorld()}) {
      const bool of_port = sut_.contract_only();
      ExhaustiveOptions exhaustive = {.profile = profile_,
                                      .world = world,
                                      .contract_only = of_port,
                                      .teardown = of_port,
                                      .progress = nullptr};
      exhaustive.world.depth = options_.depth;
      if (of_port) AddHalfDoneOps(exhaustive.world.alphabet);
      const ExhaustiveResult result = Exhaust(sut_, exhaustive);
      commands += result.tally.commands;
      if (!result.counterexample) continue;
      Enter(found, part, *result.counterexample, commands, Since(start));
      break;
    }
    Close(found, part);
  }

  void Random() {
    PartDetection& part = result_.random;
    Found found;
    for (int seed = 1; seed <= options_.seeds; ++seed) {
      ++part.runs;
      const std::vector<Mode> both = {Mode::kContract, Mode::kHostile};
      const CampaignResult result =
          RunCampaign(sut_, {.profile = profile_,
                             .modes = sut_.contract_only() ? std::vector{Mode::kContract} : both,
                             .seed = static_cast<std::uint64_t>(seed),
                             .cases = options_.cases,
                             .seconds = options_.seconds,
                             .progress = nullptr});
      if (result.counterexample)
        Enter(found, part, *result.counterexample, result.tally.commands, result.seconds);
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
      const ProductResult result = ExploreProduct(
          sut_,
          {.profile = profile_, .world = proof.world, .max_edges = 500'000, .progress = nullptr});
      if (result.ending == ProductResult::Ending::kDiverged) {
        Found found;
        Enter(found, result_.exhaustive, *result.counterexample, result.tally.commands, 0);
        return Close(found, result_.exhaustive);
      }
      if (result.ending != ProductResult::Ending::kComplete) return;
      worlds +=
          fmt::format("{}{} ({} states)", worlds.empty() ? "" : "; ", proof.name, result.states);
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
  Runner runner_;  // here: a mutant of the core ends no process
  const DetectionOptions& options_;
  const Profile& profile_;
  Detection result_;
  std::optional<Shortest> searched_;  // of the implementation, whatever found that it diverges
  double search_seconds_ = 0;         // for it
  std::optional<Minimized> best_;
  std::set<std::string> texts_;  // of all parts
};

}  // namespace

Detection Detect(const Mutant& mutant, Sut& sut, const DetectionOptions& options) {
  return Detector(mutant, sut, options).Run();
}

}  // namespace holdfast
