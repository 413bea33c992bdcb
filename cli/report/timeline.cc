#include "cli/report/timeline.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/report/records_json.h"
#include "model/rules/contract.h"
#include "model/rules/rules.h"
#include "model/step.h"
#include "model/text/text.h"
#include "properties/lockstep/deadline.h"
#include "properties/lockstep/lockstep.h"

namespace holdfast {
namespace {

// Of a long scenario.
constexpr std::size_t kFirstSteps = 8, kLastSteps = 40;
constexpr std::size_t kMostOfText = 4'000;

std::string Shortened(std::string_view text) {
  std::string folded = FoldedSlots(text);
  if (folded.size() <= kMostOfText) return folded;
  const std::size_t more = folded.size() - kMostOfText;
  folded.resize(kMostOfText);
  return folded + "... (" + std::to_string(more) + " more characters)";
}

Json Ids(RuleSet rules) {
  Json ids = Json::array();
  for (const RuleInfo& info : Rules()) {
    if (rules & RuleBit(info.rule)) ids.push_back(info.id);
  }
  return ids;
}

// What one side did, and how it stands afterwards.
struct Side {
  const Outcome& outcome;
  const State& state;
  const Queries& queries;

  bool operator==(const Side& other) const {
    if (outcome.crashed() && other.outcome.crashed()) return outcome == other.outcome;
    return outcome == other.outcome && state == other.state && queries == other.queries;
  }
};

Json StateJson(const Topology& topology, const State& state) {
  Json sections = Json::object();
  for (const auto& [name, value] : PrintSections(state, topology))
    sections[std::string(name)] = Shortened(value);
  return sections;
}

// After a crash nobody looks at the records.
void AddStanding(const Topology& topology, const State& state, const Queries& queries, Json& json) {
  json["state"] = StateJson(topology, state);
  json["queries"] = PrintQueries(topology, queries);
  json["records"] = RecordsJson(state.flb);
  if (!state.incoming.flb.devices.empty() || !state.incoming.flb.iommus.empty() ||
      !state.incoming.flb.domains.empty())
    json["incoming_records"] = RecordsJson(state.incoming.flb);
}

Json SideJson(const Topology& topology, const Side& side) {
  Json json = {{"outcome", PrintOutcome(side.outcome)}};
  if (side.outcome.out != kNull) json["out"] = PrintSlotRef(side.outcome.out);
  if (side.outcome.fault_fired) json["fault_fired"] = true;
  if (side.outcome.findings != 0) json["findings"] = PrintFindings(side.outcome.findings);
  json["calls"] = Json::array();
  for (std::uint8_t i = 0; i < side.outcome.call_count; ++i) {
    Outcome one;
    one.AddCall(side.outcome.calls[i]);
    json["calls"].push_back(PrintCalls(one));
  }
  if (!side.outcome.crashed()) AddStanding(topology, side.state, side.queries, json);
  return json;
}

// The step of a call, or of a check that no call belongs to. The implementation's side is there
// only where it differs.
Json StepJson(const Topology& topology, std::string_view moment, const std::string& command,
              const Side& model, const Side& sut, const Reach& reach) {
  Json step = {{"moment", moment}, {"command", command}, {"model", SideJson(topology, model)}};
  if (!(model == sut)) step["sut"] = SideJson(topology, sut);
  if (const std::string dma = PrintReach(topology, reach); !dma.empty()) step["dma"] = dma;
  return step;
}

Json StepOf(const Topology& topology, const Divergence& divergence) {
  using Moment = Divergence::Moment;
  std::string_view moment = "call";
  std::string command = PrintCommand(divergence.command);
  switch (divergence.moment) {
    case Moment::kCommand: break;
    case Moment::kTeardown: moment = "teardown"; break;
    case Moment::kEnd: moment = "end", command = "after the teardown"; break;
    case Moment::kBegin:
      moment = "begin";
      command = divergence.ending.empty() ? "the layout of the records" : "the reset";
      break;
  }
  Json step = StepJson(topology, moment, command,
                       {divergence.model_outcome, divergence.model_state, divergence.model_queries},
                       {divergence.sut_outcome, divergence.sut_state, divergence.sut_queries},
                       divergence.reach);
  if (!divergence.ending.empty()) step["ended"] = divergence.ending;
  for (const Astray& astray : divergence.astray) {
    step["astray"].push_back({{"device", "dev" + std::to_string(astray.device)},
                              {"owed", PrintReached(astray.owed)},
                              {"requests", astray.requests}});
  }
  step["rules"] = Ids(divergence.rules);
  step["sides_differ"] = divergence.sides_differ;
  return step;
}

// The sentences of the rules that the steps name. For the standard library of gcc 14 a Json is no
// range.
Json AboutRulesOf(const Json& steps) {
  Json about = Json::array();
  const auto names = [](const Json& step, const char* member, std::string_view id) {
    if (!step.contains(member)) return false;
    const Json& ids = step[member];
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  for (const RuleInfo& info : Rules()) {
    const bool named = std::any_of(steps.begin(), steps.end(), [&](const Json& step) {
      return names(step, "rules", info.id) || names(step, "hazards", info.id);
    });
    if (named)
      about.push_back({{"rule", info.id}, {"name", info.name}, {"statement", info.statement}});
  }
  return about;
}

}  // namespace

Json Timelines::Of(Runner& runner, const Scenario& scenario, const Divergence& divergence) {
  if (divergence.variation) return nullptr;
  const bool after_calls = divergence.moment != Divergence::Moment::kCommand;
  // What ended its process once would end it again.
  return Record(runner, scenario, &divergence, after_calls && divergence.ending.empty());
}

Json Timelines::Of(Runner& runner, const Scenario& scenario, bool with_teardown) {
  return Record(runner, scenario, nullptr, with_teardown);
}

Json Timelines::Record(Runner& runner, const Scenario& scenario, const Divergence* divergence,
                       bool with_teardown) {
  const Deadline deadline = Deadline::In(seconds_);
  const Topology& topology = scenario.topology;
  const bool at_call = divergence && divergence->moment == Divergence::Moment::kCommand;
  const std::size_t calls = at_call ? divergence->step : scenario.commands.size();
  const bool none =
      divergence && divergence->moment == Divergence::Moment::kBegin && !divergence->ending.empty();
  std::size_t count = 0;  // of the steps that were run
  Breaches clauses = 0;   // of the caller's contract, broken until then
  std::vector<Json> first;
  std::deque<Json> last;
  const auto job = [&] {
    count = 0;
    first.clear();
    last.clear();
    Lockstep lockstep(runner.sut());
    lockstep.set_recorder(runner.recorder());
    lockstep.set_hardened(runner.hardened());
    lockstep.set_deadline(deadline);
    bool tearing_down = false;
    const auto keep = [&](Json step) {
      step["number"] = count;
      if (lockstep.hazards() != 0) step["hazards"] = Ids(lockstep.hazards());
      if (lockstep.breaches() != 0) step["clauses"] = PrintBreaches(lockstep.breaches());
      (count <= kFirstSteps ? first.emplace_back() : last.emplace_back()) = std::move(step);
      if (last.size() > kLastSteps) last.pop_front();
    };
    lockstep.set_listener(
        [&](const Command& command, const Outcome& outcome, const Observation& seen) {
          if (divergence && count == divergence->step) return;
          ++count;
          // A step that nobody will see is not told. A long teardown is as good as none.
          const bool told = count <= kFirstSteps || count + kLastSteps > calls;
          if (!told) return;
          const Queries queries = AnswerQueries(topology, scenario.profile, lockstep.state());
          Json step = StepJson(topology, tearing_down ? "teardown" : "call", PrintCommand(command),
                               {lockstep.outcome(), lockstep.state(), queries},
                               {outcome, seen.state, seen.queries}, seen.reach);
          if (lockstep.replaced()) step["profile_outcome"] = PrintOutcome(*lockstep.replaced());
          keep(std::move(step));
        });
    clauses = 0;
    try {
      lockstep.Begin(topology, scenario.profile);
      for (std::size_t i = 0; i < calls; ++i) {
        if (!lockstep.Run(scenario.commands[i])) return;
      }
      clauses = lockstep.breaches();
      if (at_call) clauses |= BreachesOf(topology, lockstep.state(), divergence->command);
      tearing_down = true;
      if (!with_teardown || !lockstep.TearDown() || divergence || lockstep.state().crashed) return;
      ++count;
      const Outcome nothing;
      const Queries queries = AnswerQueries(topology, scenario.profile, lockstep.state());
      const Side both = {nothing, lockstep.state(), queries};
      keep(StepJson(topology, "end", "after the teardown", both, both, Reach()));
    } catch (const Exhausted&) {
      // the steps so far
    } catch (const OutOfTime&) {
      // the steps so far
    }
  };
  if (!none && runner.Contain(scenario.profile, job)) {
    first.clear();
    last.clear();
  }
  seconds_ = deadline.left();
  if (divergence) {
    Json step = StepOf(topology, *divergence);
    step["number"] = none ? 0 : divergence->step + 1;
    if (clauses != 0) step["clauses"] = PrintBreaches(clauses);
    last.push_back(std::move(step));
  }
  Json timeline = {{"topology", PrintTopology(topology)}};
  const State initial = InitialState(topology);
  AddStanding(topology, initial, AnswerQueries(topology, scenario.profile, initial), timeline);
  timeline["steps"] = Json::array();
  for (Json& step : first) timeline["steps"].push_back(std::move(step));
  for (Json& step : last) timeline["steps"].push_back(std::move(step));
  timeline["about"] = AboutRulesOf(timeline["steps"]);
  return Fitting(std::move(timeline));
}

// Steps of the middle go first. Each timeline leaves half of the space to those behind it.
Json Timelines::Fitting(Json timeline) {
  const Json& steps = timeline["steps"];
  if (steps.empty()) return nullptr;
  std::vector<std::size_t> sizes;
  std::size_t bytes = 1'000;
  for (const Json& step : steps) {
    sizes.push_back(step.dump().size());
    bytes += sizes.back();
  }
  std::size_t begin = steps.size() / 2, end = begin;  // the steps that go
  const std::size_t most = bytes_ / 2;
  while (bytes > most && (begin > 0 || end + 1 < steps.size())) {
    const bool from_front = begin > 0 && (end + 1 >= steps.size() || begin >= steps.size() - end);
    bytes -= sizes[from_front ? --begin : end++];
  }
  if (bytes > most) return nullptr;
  bytes_ -= bytes;
  if (begin == end) return timeline;
  Json kept = Json::array();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (i < begin || i >= end) kept.push_back(steps[i]);
  }
  timeline["steps"] = std::move(kept);
  return timeline;
}

}  // namespace holdfast
