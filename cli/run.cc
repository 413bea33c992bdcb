// `holdfast run`, the main job: the corpus, every sequence in small worlds, and random scenarios,
// in lockstep.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/corpus.h"
#include "cli/progress.h"
#include "cli/run_report.h"
#include "cli/select_sut.h"
#include "model/rules/contract.h"
#include "model/rules/rules.h"
#include "model/text/text.h"
#include "model/explore/world.h"
#include "properties/search/campaign.h"
#include "properties/search/exhaustive.h"
#include "properties/generate/generate.h"
#include "properties/generate/rapidcheck.h"
#include "properties/lockstep/keeps_contract.h"
#include "properties/search/product.h"
#include "properties/lockstep/runner.h"
#include "properties/shrink/minimize.h"
#include "properties/shrink/shrink.h"
#include "model/text/trace_file.h"

namespace holdfast {
namespace {

struct Options {
  SutOptions subject;
  std::uint64_t seed = 1;
  std::optional<std::uint64_t> cases;
  double seconds = 0;
  int depth = 5;
  ShrinkBudget budget;
  bool hostile = false, contract = false, hardened = false, in_process = false;
  std::string json, out;
};

// Enough for every (command, outcome) pair of every profile many times over, and a matter of
// seconds.
constexpr std::uint64_t kDefaultCases = 250'000;

// RapidCheck's own way to say the seed and the number of cases; the command line goes before it.
void ReadEnvironment(Options& options) {
  const char* text = std::getenv("RC_PARAMS");
  if (text == nullptr) return;
  RcParams defaults;
  defaults.seed = options.seed;
  defaults.maxSuccess = 0;
  try {
    const RcParams params = ReadRcParams(text, defaults);
    options.seed = params.seed;
    if (params.maxSuccess > 0) options.cases = static_cast<std::uint64_t>(params.maxSuccess);
  } catch (const std::invalid_argument& error) {
    throw BadArgument("RC_PARAMS", text, fmt::format("RapidCheck parameters: {}", error.what()));
  }
}

// One run: the parts in order, until one of them diverges. Each is contained: if the implementation
// ends the process, the run goes on in the one before it.
class Job {
 public:
  Job(SelectedSut& subject, const Options& options)
      : sut_(*subject.module.sut),
        options_(options),
        profile_(subject.profile),
        progress_(true),
        runner_(sut_, options.in_process ? Runner::Where::kHere : Runner::Where::kInChild,
                options.hardened) {
    report_.sut = sut_.name();
    report_.profile = profile_;
    report_.seed = options.seed;
    report_.hardened = options.hardened;
    report_.allowed = AllowedWitnesses(
        profile_, options.contract || sut_.contract_only() ? Mode::kContract : Mode::kHostile);
    for (Witness& witness : AllowedWitnesses(profile_, Mode::kContract))
      report_.allowed.push_back(witness);
    std::sort(report_.allowed.begin(), report_.allowed.end());
    report_.allowed.erase(std::unique(report_.allowed.begin(), report_.allowed.end()),
                          report_.allowed.end());
  }

  RunReport Run() {
    if (Corpus() && Exhaustive() && Product() && Random() && Records()) ShrinkHazards();
    report_.skips_crashes = runner_.skips_crashes();
    progress_.Clear();
    return std::move(report_);
  }

 private:
  // A part: what a case of it is called, where case i of it comes from, and the job, which is false
  // if it diverges.
  bool Contained(const std::string& name, const std::string& unit,
                 const std::function<std::string(std::uint64_t)>& origin,
                 const std::function<bool(RunPart&)>& job) {
    progress_.Begin(name);
    report_.parts.push_back({.name = name, .unit = unit});
    bool conforms = false;
    const std::optional<EndedJob> ended =
        runner_.Contain(profile_, [&] { conforms = job(report_.parts.back()); });
    if (!ended) return conforms;
    Add(report_.parts.back(), ended->tally);
    return Diverged(ended->found,
                    ended->late ? name + ", noticed later" : origin(ended->tally.cases));
  }

  void Add(RunPart& part, const Tally& tally) {
    part.cases = tally.cases;
    part.commands = tally.commands;
    report_.tally.Add(tally);
  }

  bool Diverged(const Counterexample& found, std::string origin) {
    report_.parts.back().diverged = true;
    progress_.Begin("shrinking");
    report_.counterexample = Minimize(runner_, found, {.budget = options_.budget});
    report_.origin = std::move(origin);
    return false;
  }

  // The traces that come with the suite and were written for this profile on this orchestrator.
  bool Corpus() {
    std::vector<CorpusScenario> cases = CorpusOf(profile_);
    if (sut_.contract_only()) {
      std::erase_if(cases,
                    [](const CorpusScenario& each) { return !KeepsContract(each.scenario); });
    }
    const auto origin = [&](std::uint64_t i) { return fmt::format("corpus, {}", cases[i].file); };
    return Contained("corpus", "trace", origin, [&](RunPart& part) {
      Lockstep lockstep(sut_);
      lockstep.set_hardened(options_.hardened);
      lockstep.set_recorder(runner_.recorder());
      bool conforms = true;
      for (std::size_t i = 0; conforms && i < cases.size(); ++i) {
        const Scenario& scenario = cases[i].scenario;
        lockstep.Begin(scenario.topology, scenario.profile);
        conforms = !lockstep.divergence();
        for (const Command& command : scenario.commands) {
          if (!conforms || !(conforms = lockstep.Run(command))) break;
          report_.coverage.Add(command, lockstep.outcome());
        }
        conforms = conforms && lockstep.TearDown();
        lockstep.CountCase();
        if (!conforms) Diverged({scenario, *lockstep.divergence()}, origin(i));
      }
      Add(part, lockstep.tally());
      return conforms;
    });
  }

  bool Exhaustive() {
    const std::pair<const char*, SmallWorld> worlds[] = {{"one IOMMU", OneIommuWorld()},
                                                         {"two IOMMUs", TwoIommuWorld()},
                                                         {"handover", HandoverWorld()}};
    for (const auto& [name, world] : worlds) {
      const std::string title = fmt::format("{}, depth {}", name, options_.depth);
      const auto origin = [&](std::uint64_t) { return fmt::format("exhaustive, {}", title); };
      ExhaustiveOptions exhaustive = {.profile = profile_,
                                      .world = world,
                                      .hardened = options_.hardened,
                                      .contract_only = sut_.contract_only(),
                                      .recorder = runner_.recorder(),
                                      .progress = {}};
      exhaustive.world.depth = options_.depth;
      exhaustive.progress = [&](const ExhaustiveProgress& progress) {
        progress_.Update(
            static_cast<double>(progress.sequences) / static_cast<double>(progress.total),
            progress.sequences);
        return true;
      };
      const bool conforms = Contained(title, "sequence", origin, [&](RunPart& part) {
        const ExhaustiveResult result = Exhaust(sut_, exhaustive);
        Add(part, result.tally);
        report_.coverage.Add(result.coverage);
        hazards_.Add(result.hazards);
        return !result.counterexample || Diverged(*result.counterexample, origin(result.sequences));
      });
      if (!conforms) return false;
    }
    return true;
  }

  // Every memory within two worlds, sequences of any length: one by callers who keep the contract,
  // with faults, one by hostile ones.
  bool Product() {
    std::vector<World> worlds = {MakeWorld({3, 2, 2})};
    if (sut_.contract_only()) {  // a driver port, which goes through kexecs
      worlds.push_back(MakeWorld({1, 1, 1}, AspectBit(Aspect::kAttach) |
                                                AspectBit(Aspect::kFaults) |
                                                AspectBit(Aspect::kHandover)));
    } else {
      worlds.push_back(MakeWorld({2, 1, 1}, AspectBit(Aspect::kFaults), kHostile));
    }
    for (const World& world : worlds) {
      const Topology& topology = world.topology;
      const std::string title = fmt::format("memory {},{},{}{}", topology.devices.size(),
                                            topology.iommus.size(), topology.domains.size(),
                                            world.Has(Aspect::kHandover) ? " handover"
                                            : world.allowed == 0         ? ""
                                                                         : " hostile");
      const auto origin = [&](std::uint64_t) { return fmt::format("product, {}", title); };
      bool black_box = false;
      const bool conforms = Contained(title, "state", origin, [&](RunPart& part) {
        const ProductResult result = ExploreProduct(sut_, {.profile = profile_,
                                                           .world = world,
                                                           .hardened = options_.hardened,
                                                           .recorder = runner_.recorder(),
                                                           .progress = {}});
        black_box = result.ending == ProductResult::Ending::kBlackBox;
        Add(part, result.tally);
        part.cases = result.states;
        report_.coverage.Add(result.coverage);
        hazards_.Add(result.hazards);
        return !result.counterexample || Diverged(*result.counterexample, origin(0));
      });
      if (!conforms) return false;
      if (black_box) {  // an implementation that has no canonical state
        report_.parts.pop_back();
        return true;
      }
    }
    return true;
  }

  bool Random() {
    CampaignOptions campaign = {.profile = profile_,
                                .seed = options_.seed,
                                .hardened = options_.hardened,
                                .recorder = runner_.recorder(),
                                .progress = {}};
    if (options_.hostile) campaign.modes = {Mode::kHostile};
    if (options_.contract || sut_.contract_only()) campaign.modes = {Mode::kContract};
    campaign.seconds = options_.seconds;
    campaign.cases = options_.cases.value_or(options_.seconds > 0 ? 0 : kDefaultCases);
    if (options_.cases == std::uint64_t{0}) return true;
    std::string title = "random";
    for (const Mode mode : campaign.modes) title += fmt::format(", {}", ModeName(mode));
    campaign.progress = [&](const CampaignProgress& progress) {
      const double by_cases = campaign.cases > 0 ? static_cast<double>(progress.cases) /
                                                       static_cast<double>(campaign.cases)
                                                 : 0;
      const double by_time = campaign.seconds > 0 ? progress.seconds / campaign.seconds : 0;
      progress_.Update(std::max(by_cases, by_time), progress.commands);
      return true;
    };
    const auto origin = [&](std::uint64_t i) {
      return fmt::format("random, {}, case {} of seed {}", ModeName(ModeOfCase(campaign, i)), i,
                         options_.seed);
    };
    return Contained(title, "scenario", origin, [&](RunPart& part) {
      const CampaignResult result = RunCampaign(sut_, campaign);
      Add(part, result.tally);
      for (const Coverage& coverage : result.coverage) report_.coverage.Add(coverage);
      hazards_.Add(result.hazards);
      return !result.counterexample || Diverged(*result.counterexample, origin(result.case_index));
    });
  }

  // R14, last (Lockstep::CheckRecords).
  bool Records() {
    const Scenario nothing = {.profile = profile_, .topology = {}, .commands = {}};
    const std::optional<Divergence> divergence = runner_.Run(nothing);
    if (!divergence) return true;
    report_.parts.push_back({.name = "layout", .cases = 1, .unit = "check"});
    return Diverged({nothing, *divergence}, "the layout of the records");
  }

  // The clauses that the scenario breaks if it shows a hazard of the rule, 0 if it does not.
  Breaches ClausesShowing(const Scenario& scenario, Rule rule, bool after_teardown) {
    Lockstep lockstep(sut_);
    lockstep.set_recorder(runner_.recorder());
    lockstep.Begin(scenario.topology, scenario.profile);
    RuleSet hazards = 0;
    for (const Command& command : scenario.commands) {
      if (!lockstep.Run(command)) return 0;
      hazards = lockstep.hazards();
    }
    if (after_teardown) {
      if (!lockstep.TearDown()) return 0;
      hazards = lockstep.hazards();
    }
    return hazards & RuleBit(rule) ? lockstep.breaches() : Breaches{0};
  }

  // Each hazard by a sequence that no single edit makes simpler and that breaks no other clause;
  // then without those that are another one's in disguise.
  void ShrinkHazards() {
    progress_.Begin("shrinking");
    const std::optional<EndedJob> ended = runner_.Contain(profile_, [&] {
      Hazards shrunk;
      for (const Hazard& hazard : hazards_.List()) {
        const auto shows = [&](const Scenario& scenario) {
          const Breaches clauses = ClausesShowing(scenario, hazard.rule, hazard.after_teardown);
          return clauses != 0 && (clauses & ~hazard.clauses) == 0;
        };
        const Shrunk result = Shrink(hazard.scenario, OneByOne(shows), options_.budget);
        shrunk.Add(RuleBit(hazard.rule),
                   ClausesShowing(result.scenario, hazard.rule, hazard.after_teardown),
                   result.scenario, result.scenario.commands.size(), hazard.after_teardown);
      }
      report_.hazards = shrunk.List();
    });
    if (ended) Diverged(ended->found, "the shrinking of a hazard");
  }

  Sut& sut_;
  const Options& options_;
  const Profile profile_;
  Progress progress_;
  Runner runner_;
  RunReport report_;
  Hazards hazards_;
};

int Run(const Options& options) {
  auto selected = SelectSut(options.subject, options.in_process);
  if (const std::string* error = std::get_if<std::string>(&selected)) {
    fmt::print(stderr, "holdfast: {}\n", *error);
    return kBadInput;
  }
  RunReport report = Job(std::get<SelectedSut>(selected), options).Run();
  if (report.counterexample) {
    KeepOrComplain(*report.counterexample, options.out, options.subject, report.profile,
                   options.hardened);
  }
  if (!options.json.empty()) {
    const std::string error = WriteFileAtomically(options.json, RunReportJson(report));
    if (!error.empty()) {
      fmt::print(stderr, "holdfast: {}\n", error);
      return kBadInput;
    }
  }
  fmt::print("{}", PrintRunReport(report));
  return report.counterexample ? kDiverges : kConforms;
}

}  // namespace

void AddRun(CommandLine& line) {
  const Subcommand command =
      line.Add("run", "Hold an implementation against its profile: corpus, small worlds, random",
               "Example: holdfast run --sut=core.v5 --seed=7 --time=30\nRC_PARAMS=\"seed=7 "
               "max_success=1000\" is honoured.");
  auto options = std::make_shared<Options>();
  options->subject.AddTo(command);
  const Option seed = command.Count(
      "--seed", options->seed, "of the random part; the same seed gives the same bytes", kAnyCount);
  command.Count("--cases", options->cases,
                fmt::format("random scenarios, 0 for none; {} if not given", kDefaultCases),
                kAnyCount);
  command.Seconds("--time", options->seconds,
                  "bound the random part by time instead, or as well; 0 for no bound");
  command.Count("--depth", options->depth, "commands in a sequence of the exhaustive part", {1, 8});
  const Option hostile =
      command.Flag("--hostile", options->hostile,
                   "random part: only callers that break the contract (default: both)");
  command.Flag("--contract", options->contract, "random part: only callers that keep the contract")
      .Excludes(hostile);
  command.Flag("--hardened", options->hardened,
               "owe every rule on every sequence: a hazard is a divergence");
  AddShrinkSeconds(command, options->budget);
  AddInProcess(command, options->in_process);
  command.Text("--json", options->json, "also write the report there", "FILE");
  command.Text("--out", options->out,
               "where a divergence leaves its traces and graph; holdfast-out if not given", "DIR");
  command.Runs([options, seed] {
    Options chosen = *options;
    Options from_environment = chosen;
    ReadEnvironment(from_environment);
    if (!seed.given()) chosen.seed = from_environment.seed;
    if (!chosen.cases) chosen.cases = from_environment.cases;
    return Run(chosen);
  });
}

}  // namespace holdfast
