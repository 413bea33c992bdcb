#include "properties/search/suite/suite.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "properties/lockstep/keeps_contract.h"
#include "properties/lockstep/lockstep.h"
#include "properties/search/campaign.h"
#include "properties/search/endurance.h"
#include "properties/search/fault_sweep.h"
#include "properties/search/product/product.h"
#include "properties/shrink/repeat.h"
#include "sut/child.h"
#include "sut/surroundings.h"

namespace holdfast {
namespace {

// Of a product. Sound code has less than a fifth of these states in any world of the suite. One
// that counts its calls has a state for each number, and would fill the memory of the machine.
constexpr std::uint64_t kMostStates = 100'000, kMostBytes = std::uint64_t{1} << 30;

// Where a case comes from, by its number.
using Origin = std::function<std::string(std::uint64_t)>;

// The scenario can be asked of the implementation.
bool Fits(const Sut& sut, const Scenario& scenario) {
  const bool restores =
      std::any_of(scenario.commands.begin(), scenario.commands.end(),
                  [](const Command& command) { return IsOfRestoring(command.verb); });
  return (!restores || sut.restores()) && (!sut.contract_only() || KeepsContract(scenario));
}

void Report(const PartContext& context, const std::string& part, double done,
            std::uint64_t commands) {
  if (context.progress) context.progress(part, done, commands);
}

double Fraction(std::uint64_t done, std::uint64_t total) {
  return total == 0 ? 0 : static_cast<double>(done) / static_cast<double>(total);
}

void Take(PartResult& part, const Tally& tally) {
  part.tally = tally;
  part.cases = tally.cases;
}

// Runs the job of a part, which fills in the part. If the job ends its process, the part is left as
// it was, and the death is the counterexample.
PartResult Contained(const PartContext& context, PartResult part, const Origin& origin,
                     const std::function<void(PartResult&)>& job) {
  using Clock = std::chrono::steady_clock;
  Report(context, part.name, 0, 0);
  const Clock::time_point start = Clock::now();
  const std::uint64_t first = part.case_index;
  const std::optional<EndedJob> ended = context.runner.Contain(context.profile, [&] { job(part); });
  part.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (ended) {
    Take(part, ended->tally);
    part.case_index = first + ended->tally.cases;
    // What is found when the last case has been counted is told of the last case.
    if (part.total > 0) part.case_index = std::min(part.case_index, first + part.total - 1);
    part.counterexample = ended->found;
  }
  if (part.counterexample)
    part.origin = ended && ended->late ? part.name + ", noticed later" : origin(part.case_index);
  return part;
}

std::string TitleOf(const World& world) {
  const Topology& topology = world.topology;
  return fmt::format("memory {},{},{}{}", topology.devices.size(), topology.iommus.size(),
                     topology.domains.size(),
                     world.Has(Aspect::kRestore)    ? " restoring"
                     : world.Has(Aspect::kHandover) ? " handover"
                     : world.allowed == 0           ? ""
                                                    : " hostile");
}

// One caller's calls in the worlds, one after the other, are what the profile says.
bool OneCallerConforms(Sut& sut, std::vector<CallersWorld> worlds, const Deadline& deadline) {
  for (CallersWorld& world : worlds) world.callers = 1;
  const CallersSearch search = FindRace(sut, worlds, deadline);
  return !search.race && !search.setup_differs;
}

}  // namespace

void PartResult::Add(PartResult more) {
  cases += more.cases;
  finished = finished && more.finished;
  seconds += more.seconds;
  tally.Add(more.tally);
  coverage.Add(more.coverage);
  hazards.Add(more.hazards);
  counterexample = std::move(more.counterexample);
  race = std::move(more.race);
  origin = std::move(more.origin);
  case_index = more.case_index;
  skips_crashes = skips_crashes || more.skips_crashes;
  output.append(more.output, 0, StandardStreams::kMostKept - output.size());
}

PartResult RunCorpus(const PartContext& context, std::vector<CorpusScenario> corpus) {
  Sut& sut = context.runner.sut();
  const auto fits = [&](const CorpusScenario& each) { return Fits(sut, each.scenario); };
  std::erase_if(corpus, std::not_fn(fits));
  const Origin origin = [&](std::uint64_t i) { return fmt::format("corpus, {}", corpus[i].file); };
  const auto job = [&](PartResult& part) {
    Lockstep lockstep(sut);
    lockstep.set_hardened(context.runner.hardened());
    lockstep.set_recorder(context.runner.recorder());
    lockstep.set_deadline(context.deadline);
    try {
      for (const CorpusScenario& each : corpus) {
        const Scenario& scenario = each.scenario;
        const auto visit = [&](std::size_t i) {
          part.coverage.Add(scenario.commands[i], lockstep.outcome());
        };
        const bool conforms = RunCommands(lockstep, scenario, visit) && lockstep.TearDown();
        if (!conforms) {
          part.case_index = lockstep.tally().cases;
          part.counterexample = {scenario, *lockstep.divergence()};
        }
        lockstep.CountCase();
        if (!conforms) break;
      }
    } catch (const OutOfTime&) {
      part.finished = false;
    }
    Take(part, lockstep.tally());
  };
  return Contained(context, {.name = "corpus", .unit = "trace", .total = corpus.size()}, origin,
                   job);
}

PartResult RunCorpusAgain(const PartContext& context, const std::vector<CorpusScenario>& corpus) {
  PartResult part = {.name = "corpus again", .unit = std::string(kCheck), .cases = 1, .total = 1};
  std::vector<Scenario> scenarios;
  for (const CorpusScenario& each : corpus) {
    if (Fits(context.runner.sut(), each.scenario)) scenarios.push_back(each.scenario);
  }
  context.runner.set_deadline(context.deadline);
  part.counterexample = FirstVarying(context.runner, scenarios);
  context.runner.set_deadline({});
  if (part.counterexample) part.origin = "corpus, run again";
  return part;
}

std::vector<NamedWorld> SmallWorlds(const Sut& sut, int depth) {
  std::vector<NamedWorld> worlds = {{"one IOMMU", OneIommuWorld()},
                                    {"two IOMMUs", TwoIommuWorld()},
                                    {"handover", HandoverWorld()}};
  if (sut.restores()) worlds.push_back({"restoring", RestoringWorld()});
  for (NamedWorld& each : worlds) {
    each.name += fmt::format(", depth {}", depth);
    each.world.depth = depth;
  }
  return worlds;
}

PartResult RunSmallWorld(const PartContext& context, const NamedWorld& named, bool teardown) {
  Sut& sut = context.runner.sut();
  const Origin origin = [&](std::uint64_t) { return fmt::format("exhaustive, {}", named.name); };
  const auto job = [&](PartResult& part) {
    ExhaustiveResult result = Exhaust(
        sut, {.profile = context.profile,
              .world = named.world,
              .hardened = context.runner.hardened(),
              .contract_only = sut.contract_only(),
              .recorder = context.runner.recorder(),
              .teardown = teardown,
              .deadline = context.deadline,
              .progress = [&](const ExhaustiveProgress& now) {
                Report(context, named.name, Fraction(now.sequences, now.total), now.sequences);
              }});
    Take(part, result.tally);
    part.total = result.total;
    part.finished = result.finished || result.counterexample;
    part.coverage = std::move(result.coverage);
    part.hazards = std::move(result.hazards);
    part.counterexample = std::move(result.counterexample);
  };
  return Contained(context, {.name = named.name, .unit = "sequence"}, origin, job);
}

PartResult RunFaultSweep(const PartContext& context, const Scenario& base) {
  const Origin origin = [](std::uint64_t i) { return fmt::format("fault sweep, run {}", i); };
  const auto job = [&](PartResult& part) {
    FaultSweepResult result =
        SweepFaults(context.runner.sut(), base,
                    {.recorder = context.runner.recorder(), .deadline = context.deadline});
    Take(part, result.tally);
    part.case_index = result.runs;
    part.finished = result.finished || result.counterexample;
    part.coverage = std::move(result.coverage);
    part.counterexample = std::move(result.counterexample);
  };
  return Contained(context, {.name = "fault sweep", .unit = "run"}, origin, job);
}

std::vector<World> ProductWorlds(const Sut& sut) {
  World kernels = MakeWorld({1, 1, 1}, AspectBit(Aspect::kAttach) | AspectBit(Aspect::kFaults) |
                                           AspectBit(Aspect::kHandover));
  World hostile = MakeWorld({2, 1, 1}, AspectBit(Aspect::kFaults), kHostile);
  std::vector<World> worlds = {MakeWorld({3, 2, 2})};
  if (sut.restores()) {
    worlds.push_back(MakeWorld({2, 1, 1}, AspectBit(Aspect::kFaults) |
                                              AspectBit(Aspect::kHandover) |
                                              AspectBit(Aspect::kRestore)));
    worlds.back().bounds.files = 1;
  }
  worlds.push_back(sut.contract_only() ? std::move(kernels) : std::move(hostile));
  return worlds;
}

PartResult RunProduct(const PartContext& context, const World& world, std::uint64_t max_edges) {
  const std::string title = TitleOf(world);
  const Origin origin = [&](std::uint64_t) { return fmt::format("product, {}", title); };
  const auto job = [&](PartResult& part) {
    ProductResult result =
        ExploreProduct(context.runner.sut(),
                       {.profile = context.profile,
                        .world = world,
                        .hardened = context.runner.hardened(),
                        .recorder = context.runner.recorder(),
                        .max_edges = max_edges,
                        .max_states = kMostStates,
                        .max_bytes = kMostBytes,
                        .deadline = context.deadline,
                        .progress = [&](const ProductProgress& now) {
                          Report(context, title, Fraction(now.expanded, now.states), now.edges);
                        }});
    part.skipped = result.ending == ProductResult::Ending::kBlackBox;
    part.finished = result.ending != ProductResult::Ending::kUnfinished;
    Take(part, result.tally);
    part.cases = result.states;
    part.coverage = std::move(result.coverage);
    part.hazards = std::move(result.hazards);
    part.counterexample = std::move(result.counterexample);
  };
  return Contained(context, {.name = title, .unit = "state"}, origin, job);
}

PartResult RunEndurance(const PartContext& context) {
  const Origin origin = [](std::uint64_t) { return "endurance"; };
  const auto job = [&](PartResult& part) {
    EnduranceResult result =
        Endure(context.runner.sut(), {.profile = context.profile,
                                      .hardened = context.runner.hardened(),
                                      .recorder = context.runner.recorder(),
                                      .deadline = context.deadline,
                                      .progress = [&](double done, std::uint64_t commands) {
                                        Report(context, "endurance", done, commands);
                                      }});
    Take(part, result.tally);
    part.cases = result.turns;
    part.total = result.total;
    part.finished = result.finished || result.counterexample;
    part.counterexample = std::move(result.counterexample);
  };
  return Contained(context, {.name = "endurance", .unit = "turn"}, origin, job);
}

namespace {

// Such a version looks at what is preserved before it takes the lock. What it owes callers who
// break the contract at once, no profile says.
bool LooksAhead(const Profile& profile) {
  return LiesBetween(profile) || profile.double_device_by_pointer ||
         profile.quiet_unpreserve_device || profile.quiet_unpreserve_domain;
}

}  // namespace

PartResult RunCallers(const PartContext& context, const CallersOptions& options) {
  constexpr int kCallsInAll = 3;
  PartResult part = {.name = "callers at once", .unit = "move"};
  Sut& sut = context.runner.sut();
  std::vector<CallersWorld> worlds = DefaultCallersWorlds(context.profile);
  part.not_checked = options.callers < 2        ? "one caller"
                     : sut.contract_only()      ? "a driver port"
                     : sut.callers() == nullptr ? "no points in a call"
                     : worlds.empty()           ? "no file side"
                                                : "";
  if (!part.not_checked.empty()) return part;
  for (CallersWorld& world : worlds) {
    world.callers = options.callers;
    world.calls_in_all = kCallsInAll;
    world.preemptions = options.preemptions;
  }
  Shared<ScheduleRecord> record;
  const auto job = [&](PartResult& part) {
    if (sut.profile_is_detected() &&
        (LooksAhead(context.profile) || !OneCallerConforms(sut, worlds, context.deadline))) {
      part.not_checked = "answers of its own";
      return;
    }
    CallersSearch search = FindRace(sut, worlds, context.deadline, &*record);
    part.cases = search.moves;
    part.tally.commands = search.calls;
    part.finished = search.complete || search.race;
    part.race = std::move(search.race);
  };
  const std::string name = part.name;
  part = Contained(context, std::move(part), [&](std::uint64_t) { return name; }, job);
  // The runner knows no schedule.
  if (part.counterexample && !part.counterexample->divergence.noticed_later) {
    part.race = EndedRace(*record, worlds, part.counterexample->divergence.ending);
    part.counterexample.reset();
  }
  if (part.race) part.origin = name;
  return part;
}

PartResult RunDamagedImage(const PartContext& context) {
  Sut& sut = context.runner.sut();
  PartResult part = {.name = "damaged image", .unit = "damage"};
  const Origin origin = [](std::uint64_t) { return "damaged image"; };
  if (!sut.damaged_image()) {
    part.not_checked = sut.contract_only() ? "a driver port" : "no image in memory";
    return part;
  }
  const auto job = [&](PartResult& part) {
    part.damaged = DamageImages(sut, {.profile = context.profile,
                                      .hardened = context.runner.hardened(),
                                      .in_process = context.runner.recorder() == nullptr,
                                      .recorder = context.runner.recorder(),
                                      .deadline = context.deadline});
    part.cases = part.damaged->damages;
    part.finished = part.damaged->finished;
    part.not_checked = part.damaged->not_checked;
    part.counterexample = std::move(part.damaged->counterexample);
  };
  part = Contained(context, std::move(part), origin, job);
  if (part.damaged && part.damaged->divergence()) part.origin = part.name;
  return part;
}

PartResult RunRandom(const PartContext& context, const RandomOptions& options) {
  CampaignOptions campaign = {.profile = context.profile,
                              .modes = options.modes,
                              .seed = options.seed,
                              .first_case = options.first_case,
                              .cases = options.cases,
                              .deadline = context.deadline,
                              .hardened = context.runner.hardened(),
                              .recorder = context.runner.recorder()};
  std::string title = "random";
  for (const Mode mode : campaign.modes) title += fmt::format(", {}", ModeName(mode));
  const double time = context.deadline.left();
  campaign.progress = [&](const CampaignProgress& now) {
    const double by_time =
        options.cases == 0 && std::isfinite(time) ? 1 - context.deadline.left() / time : 0;
    Report(context, title, std::max(Fraction(now.cases, options.cases), by_time), now.commands);
  };
  const Origin origin = [&](std::uint64_t i) {
    return fmt::format("random, {}, case {} of seed {}", ModeName(ModeOfCase(campaign, i)), i,
                       options.seed);
  };
  const auto job = [&](PartResult& part) {
    CampaignResult result = RunCampaign(context.runner.sut(), campaign);
    Take(part, result.tally);
    part.case_index = result.case_index;
    part.finished = result.counterexample || options.cases == 0 || result.cases == options.cases;
    for (const Coverage& coverage : result.coverage) part.coverage.Add(coverage);
    part.hazards = std::move(result.hazards);
    part.counterexample = std::move(result.counterexample);
  };
  return Contained(
      context,
      {.name = title, .unit = "scenario", .total = options.cases, .case_index = options.first_case},
      origin, job);
}

std::size_t RandomBlocks(const RandomOptions& options) {
  constexpr std::uint64_t kBlock = RandomOptions::kBlock;
  return options.cases == 0 ? kEndless : options.cases / kBlock + (options.cases % kBlock != 0);
}

PartResult RunRandomBlock(const PartContext& context, RandomOptions options, std::uint64_t block) {
  const std::uint64_t total = options.cases, before = block * RandomOptions::kBlock;
  const bool endless = total == 0;
  options.first_case += before;
  options.cases = endless ? RandomOptions::kBlock : std::min(RandomOptions::kBlock, total - before);
  PartResult part = RunRandom(context, options);
  part.total = total;
  part.finished = part.finished || endless;
  return part;
}

PartResult RunLayout(const PartContext& context) {
  PartResult part = {.name = "layout", .unit = std::string(kCheck), .cases = 1, .total = 1};
  const Scenario nothing = {.profile = context.profile, .topology = {}, .commands = {}};
  if (const std::optional<Divergence> divergence = context.runner.Run(nothing)) {
    part.counterexample = {nothing, *divergence};
    part.origin = "the layout of the records";
  }
  return part;
}

}  // namespace holdfast
