#include "cli/report/certificate.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

#include "model/text/numbers.h"
#include "model/rules/contract.h"
#include "model/explore/symmetry.h"
#include "model/text/text.h"
#include "model/version.h"
#include "properties/search/product/merge.h"

namespace holdfast {
namespace {

std::string Where(const WorldSize& size, const World& world) {
  return fmt::format("world {},{},{} with {}, {} callers", size.devices, size.iommus, size.domains,
                     PrintAspects(world.aspects), PrintCallers(world.allowed));
}

std::string Caller(Breaches allowed) {
  if (allowed == 0) return "keeps the contract";
  if (allowed == kHostile) return "may break every clause of the contract";
  return fmt::format("may break {}", PrintCallers(allowed));
}

std::string Slots(const ProductOptions& options) {
  if (options.past == Past::kWhole)
    return fmt::format("at most {} a chain, DELETED ones included", options.slots);
  return "a page of each chain, but for its last slot";
}

std::string_view PastText(Past past) {
  switch (past) {
    case Past::kForgotten:
      return "DELETED records that nothing points to, and the order of live ones, make no state";
    case Past::kOrder: return "DELETED records that nothing points to make no state";
    case Past::kWhole: return "every record makes a state, DELETED ones too";
  }
  return "";
}

// More states than the model knows are hidden state of the implementation.
std::string Hidden(const ProductResult& result) {
  if (result.states <= result.known_states) return "none: one memory for each state of the model";
  return fmt::format("{} more than states of the model, each followed",
                     Count(result.states - result.known_states, "state"));
}

std::string OneLine(const std::vector<Command>& commands) {
  std::string text;
  for (const Command& command : commands)
    text += (text.empty() ? "" : "; ") + PrintCommand(command);
  return text;
}

std::string NotDeterministic(const std::string& sut, const Minimized& found,
                             const std::string& where) {
  const auto& [scenario, divergence] = found.minimal;
  return fmt::format("refuted: not deterministic {} in {}: {}", sut, where,
                     PrintVariation(divergence, scenario.commands.size()));
}

// What of the hidden state was taken for a counter, and how that was checked; empty: nothing.
std::string CountersOf(const ProductResult& result) {
  if (result.counters_matter) {
    return "none: behaviour depends on the value, as after " +
           OneLine(result.counters_matter->commands);
  }
  if (result.counters == 0) return "";
  return fmt::format(
      "{}: each value a state up to {} edges, then {} values a state, which go on alike",
      Count(result.counters, "counter"), Grouped(ProductMerge::kFollowed), ProductMerge::kSampled);
}

std::string Sentence(const Certificate& certificate) {
  const ProductResult& result = certificate.result;
  const ProductOptions& options = certificate.options;
  std::string where = Where(certificate.size, options.world);
  if (options.shard.count > 1)
    where += fmt::format(", shard {} of {}", options.shard.index + 1, options.shard.count);
  const std::string profile = PrintProfile(options.profile);
  if (certificate.counterexample && certificate.counterexample->varies())
    return NotDeterministic(certificate.sut, *certificate.counterexample, where);
  if (certificate.counterexample) {
    const RuleInfo& info = InfoOf(certificate.counterexample->minimal.divergence.rule);
    return fmt::format(
        "refuted: {} breaks {} {} of {} in {}: {}", certificate.sut, info.id, info.name, profile,
        where, Count(certificate.counterexample->minimal.scenario.commands.size(), "command"));
  }
  if (certificate.pumped.leak) {
    return fmt::format("refuted: {} leaks in {}: each turn of a loop leaves {}", certificate.sut,
                       where, PrintGrowth(certificate.pumped.leak->growth));
  }
  if (result.ending == ProductResult::Ending::kUnfinished) {
    return fmt::format(
        "unfinished: {} states of {} were found in {} when the budget ended; nothing is proved",
        Grouped(result.states), certificate.sut, where);
  }
  if (!certificate.pumped.finished) {
    return fmt::format(
        "unfinished: {} states of {} in {} agree, and {} were turned when the time ran out; "
        "nothing "
        "is proved",
        Grouped(result.states), certificate.sut, where, Count(certificate.pumped.loops, "loop"));
  }
  return fmt::format(
      "proved: every implementation state of {} reachable in {} within the bounds{}{} agrees with "
      "{}: {}, {}, digest {:016x}",
      certificate.sut, where, result.memory_cuts == 0 ? "" : " and the simulated memory",
      result.counters == 0 ? "" : ", at the values of its counters that were followed,", profile,
      Count(result.states, "state"), Count(result.edges, "edge"), result.digest);
}

std::string Sentence(const BlackBoxCertificate& certificate) {
  const BlackBoxResult& result = certificate.result;
  const std::string where = Where(certificate.size, certificate.options.world);
  const std::string profile = PrintProfile(certificate.options.profile);
  if (certificate.counterexample && certificate.counterexample->varies())
    return NotDeterministic(certificate.sut, *certificate.counterexample, where);
  if (result.failing) {
    return fmt::format("refuted: {} answers otherwise than {} in {}: {}", certificate.sut, profile,
                       where,
                       Count(certificate.counterexample
                                 ? certificate.counterexample->minimal.scenario.commands.size()
                                 : result.failing->commands.size(),
                             "command"));
  }
  if (!result.finished) {
    return fmt::format(
        "unfinished: {} of {} were run in {} when the time ran out; nothing is proved",
        Grouped(result.done), Count(result.tests, "test"), where);
  }
  const std::uint64_t most =
      result.told_apart + static_cast<std::uint64_t>(certificate.options.extra_states);
  const std::string alike =
      result.told_apart == result.states
          ? ""
          : fmt::format(", and what no {} commands tell apart is one state", kSeparatingCommands);
  return fmt::format(
      "proved: {} answers as {} does in {} within the bounds, if it is a machine of at most {} "
      "there{}: {}, {}",
      certificate.sut, profile, where, Count(most, "state"), alike, Count(result.tests, "test"),
      Count(result.commands, "command"));
}

std::string Sentence(const ModelCertificate& certificate) {
  const ExploreResult& result = certificate.result;
  const std::string where = Where(certificate.size, certificate.world);
  const std::string profile = PrintProfile(certificate.profile);
  if (certificate.refuted()) {
    std::string rules;
    for (const Violation& violation : result.violations) {
      if (violation.owed || certificate.hardened)
        rules += fmt::format(" {}", InfoOf(violation.rule).id);
    }
    return fmt::format("refuted: the model breaks{} of {} in {}", rules, profile, where);
  }
  if (!result.finished) {
    return fmt::format(
        "unfinished: {} states of the model were found in {} when the budget ended; nothing is "
        "proved",
        Grouped(result.states), where);
  }
  return fmt::format(
      "proved: every rule that is owed holds in every state of the model that is reachable in {} "
      "within the bounds, "
      "under profile {}: {}{}, {}, digest {:016x}",
      where, profile, Count(result.states, "state"), certificate.symmetry ? " up to symmetry" : "",
      Count(result.edges, "edge"), result.digest);
}

std::string Symmetries(const ModelCertificate& certificate) {
  if (!certificate.symmetry) return "not used: every naming of every object was walked";
  return fmt::format(
      "{} that rename like devices, IOMMUs and domains; of states that they map to each other one "
      "was walked",
      Grouped(Likeness(certificate.world).order()));
}

std::string Depth(int depth, bool is_all) {
  return Count(static_cast<std::uint64_t>(depth), "command") +
         (is_all ? ": no state is farther" : "");
}

// The rules whose premise was met, or those whose premise was not.
std::string Premises(const ExploreResult& result, bool met) {
  std::string text;
  for (const RuleInfo& info : Rules()) {
    if (((result.rules.checked & RuleBit(info.rule)) != 0) == met)
      text += (text.empty() ? "" : " ") + std::string(info.id);
  }
  return text;
}

template <typename AnyCertificate>
std::string_view Verdict(const AnyCertificate& certificate) {
  return certificate.refuted() ? "refuted" : certificate.proved() ? "proved" : "unfinished";
}

// A certificate as it grows. Each fact is said once: as a line of the text and, where a machine
// asks for it, as members of the JSON.
struct Facts {
  // The JSON begins with the version, `names` and the answer, the text ends with the answer.
  template <typename AnyCertificate>
  Facts(const AnyCertificate& certificate, const std::string& title, const Json& names)
      : text(fmt::format("holdfast {} explore: {}\n\n", kVersion, title)),
        json(JsonReport("explore")),
        sentence(Sentence(certificate)) {
    json.update(names);
    json["verdict"] = Verdict(certificate);
    json["sentence"] = sentence;
  }

  void Line(std::string_view name, std::string_view value, const Json& members = Json::object()) {
    text += fmt::format("{:<10} {}\n", name, value);
    json.update(members);
  }
  RenderedCertificate Done() { return {text + sentence + "\n", json}; }

  std::string text;
  Json json;
  std::string sentence;
};

void AddWorld(const World& world, std::string_view caller, Facts& facts, Json& json) {
  const std::string topology = PrintTopology(world.topology), with = PrintAspects(world.aspects);
  const std::string bounds = PrintBounds(world);
  facts.Line("topology", topology);
  facts.Line("with", with);
  facts.Line("caller", caller);
  facts.Line("bounds", bounds);
  json.update({{"topology", topology},
               {"with", with},
               {"callers", PrintCallers(world.allowed)},
               {"bounds", bounds}});
}

void AddCounts(const Certificate& certificate, Facts& facts) {
  const ProductResult& result = certificate.result;
  facts.Line("states",
             fmt::format("{}, over {} of the model ({} canonical)", Grouped(result.states),
                         Grouped(result.known_states), Grouped(result.model_states)),
             {{"states", result.states},
              {"known_states", result.known_states},
              {"model_states", result.model_states}});
  facts.Line("hidden", Hidden(result));
  if (const std::string counters = CountersOf(result); !counters.empty())
    facts.Line("counters", counters, {{"counters", result.counters}});
  facts.Line("edges",
             fmt::format("{}; a fault fired on {}; {} into a crash", Grouped(result.edges),
                         Grouped(result.faults), Grouped(result.crashes)),
             {{"edges", result.edges}, {"faults", result.faults}, {"crashes", result.crashes}});
  facts.Line("cut",
             fmt::format("{} by the bounds, {} by the slots; not followed, but checked",
                         Count(result.cuts, "edge"), Grouped(result.slot_cuts)),
             {{"cuts", result.cuts},
              {"slot_cuts", result.slot_cuts},
              {"memory_cuts", result.memory_cuts}});
  if (result.memory_cuts != 0) {
    facts.Line("memory", Count(result.memory_cuts, "command") +
                             " at which the simulated machine had no memory left; neither followed "
                             "nor checked");
  }
  facts.Line("checked",
             fmt::format("{} in lockstep; and {} whose fault cannot fire",
                         Count(result.tally.commands, "command"), Grouped(result.unfired)),
             {{"unfired", result.unfired}, {"commands", result.tally.commands}});
  facts.Line("depth", Depth(result.depth, certificate.proved()), {{"depth", result.depth}});
  const std::size_t hazards = result.hazards.List().size();
  facts.Line("hazards", Count(hazards, "hazard"),
             {{"hazards", hazards}, {"digest", fmt::format("{:016x}", result.digest)}});
}

void AddPumping(const Certificate& certificate, Facts& facts) {
  const PumpResult& pumped = certificate.pumped;
  const int turns = certificate.pump->turns;
  facts.Line("pumping",
             fmt::format("{}, {} turns each, by callers who keep the contract; {} closed by no way "
                         "back",
                         Count(pumped.loops, "loop"), turns, Count(pumped.open, "edge")));
  Json growing = Json::array();
  for (const Loop& loop : pumped.growing) {
    const std::string growth = PrintGrowth(loop.growth), turn = OneLine(loop.turn);
    const bool leaks = loop.growth.leaks();
    facts.text +=
        fmt::format("  a turn leaves {}: {} ({}){}\n", growth, turn, Count(loop.alike, "loop"),
                    leaks ? "  LEAK" : "  accepted: slots are never used again");
    growing.push_back(
        {{"growth", growth}, {"loop", turn}, {"alike", loop.alike}, {"leaks", leaks}});
  }
  facts.json["pumping"] = {
      {"loops", pumped.loops}, {"turns", turns}, {"open", pumped.open}, {"growing", growing}};
}

}  // namespace

RenderedCertificate Render(const ModelCertificate& certificate) {
  const ExploreResult& result = certificate.result;
  const std::string profile = PrintProfile(certificate.profile);
  Facts facts(
      certificate,
      fmt::format("the model, profile {}{}", profile, certificate.hardened ? ", hardened" : ""),
      {{"model_only", true}, {"profile", profile}, {"hardened", certificate.hardened}});
  AddWorld(certificate.world, Caller(certificate.world.allowed), facts, facts.json);
  facts.Line("past", "states are canonical: no DELETED record, no order of live ones");
  facts.Line("symmetry", Symmetries(certificate),
             {{"symmetries", certificate.symmetry ? Likeness(certificate.world).order() : 1}});
  facts.text += '\n';
  facts.Line("states", fmt::format("{} of {} bits", Grouped(result.states), result.state_bits),
             {{"states", result.states}});
  facts.Line("edges", Grouped(result.edges), {{"edges", result.edges}});
  facts.Line("cut", Count(result.cuts, "edge") + " by the bounds; judged, but not followed",
             {{"cuts", result.cuts}});
  facts.Line("steps",
             Grouped(result.steps) +
                 ": what an edge does was computed once for each footprint that it has",
             {{"steps", result.steps}});
  facts.Line("depth", Depth(result.depth, result.finished), {{"depth", result.depth}});
  facts.Line("premises", fmt::format("met: {}; never met: {}", Premises(result, true),
                                     Premises(result, false)));
  facts.json["digest"] = fmt::format("{:016x}", result.digest);
  facts.Line("witnesses", Count(result.sightings.size(), "kind") +
                              " of outcome, each by a shortest sequence of");
  for (const Sighting& seen : result.sightings) {
    facts.text +=
        fmt::format("  {:<60} = {:<11} {:>3}  {}\n", PrintCommand(seen.command),
                    PrintOutcome(seen.outcome), seen.path.size(), Count(seen.edges, "edge"));
  }
  facts.json["violations"] = Json::array();
  for (const Violation& violation : result.violations) {
    const RuleInfo& rule = InfoOf(violation.rule);
    const bool owed = violation.owed || certificate.hardened;
    const std::string clauses = violation.breaches == 0 ? "" : PrintCallers(violation.breaches);
    const std::string path = OneLine(violation.path);
    facts.Line(owed ? "broken" : "hazard",
               fmt::format("{} {}, callers who break {}: {}", rule.id, rule.name,
                           clauses.empty() ? "nothing" : clauses, path));
    facts.json["violations"].push_back(
        {{"rule", rule.id}, {"owed", owed}, {"clauses", clauses}, {"commands", path}});
  }
  facts.text += '\n';
  return facts.Done();
}

RenderedCertificate Render(const Certificate& certificate) {
  const ProductResult& result = certificate.result;
  const ProductOptions& options = certificate.options;
  const WorldSize& size = certificate.size;
  const std::string profile = PrintProfile(options.profile);
  Facts facts(certificate,
              fmt::format("{} against profile {}{}", certificate.sut, profile,
                          options.hardened ? ", hardened" : ""),
              {{"sut", certificate.sut}, {"profile", profile}, {"hardened", options.hardened}});
  Json world = {{"devices", size.devices}, {"iommus", size.iommus}, {"domains", size.domains}};
  facts.Line("world",
             fmt::format("{}, {}, {}", Count(static_cast<std::uint64_t>(size.devices), "device"),
                         Count(static_cast<std::uint64_t>(size.iommus), "IOMMU"),
                         Count(static_cast<std::uint64_t>(size.domains), "domain")));
  AddWorld(options.world, Caller(options.world.allowed), facts, world);
  world.update({{"slots", Slots(options)}, {"past", PastText(options.past)}});
  facts.Line("slots", Slots(options));
  facts.Line("past", PastText(options.past),
             {{"world", world},
              {"shard", {{"index", options.shard.index + 1}, {"count", options.shard.count}}}});
  facts.Line("symmetry", "not used: every naming of every object was walked",
             {{"symmetry", "none"}});
  if (options.shard.count > 1) {
    facts.Line("shard", fmt::format("{} of {}: the edges out of its states only",
                                    options.shard.index + 1, options.shard.count));
  }
  facts.text += '\n';
  if (result.ending == ProductResult::Ending::kDied) {
    facts.Line("ended",
               fmt::format("the implementation ended its process; {} in lockstep until then",
                           Count(result.tally.commands, "command")),
               {{"process_ended", true}, {"commands", result.tally.commands}});
  } else {
    AddCounts(certificate, facts);
  }
  if (certificate.pump) AddPumping(certificate, facts);
  if (result.conflict) {
    const std::string conflict = OneLine(result.conflict->commands);
    facts.Line("conflict",
               "it reads DELETED records: without --kept, states that go apart would be taken for "
               "one\n  " +
                   conflict,
               {{"conflict", conflict}});
  }
  facts.text += '\n';
  if (certificate.counterexample) {
    facts.text +=
        PrintMinimized(*certificate.counterexample, "explore, a shortest sequence of its world") +
        "\n";
    facts.json["divergence"] =
        DivergenceOf(*certificate.counterexample, "explore", certificate.timeline);
  }
  return facts.Done();
}

RenderedCertificate Render(const BlackBoxCertificate& certificate) {
  const BlackBoxResult& result = certificate.result;
  const BlackBoxOptions& options = certificate.options;
  const std::string profile = PrintProfile(options.profile);
  const std::string extra = Count(static_cast<std::uint64_t>(options.extra_states), "extra state");
  Facts facts(certificate,
              fmt::format("{} against profile {}, as a black box", certificate.sut, profile),
              {{"sut", certificate.sut}, {"black_box", true}, {"profile", profile}});
  AddWorld(options.world,
           Caller(options.world.allowed) + "; to tell states apart every call may be made", facts,
           facts.json);
  facts.json.update({{"method", "H"}, {"extra_states", options.extra_states}});
  facts.text += '\n';
  facts.Line("states",
             fmt::format("{} of the model, {} told apart by outcomes", Grouped(result.states),
                         Grouped(result.told_apart)),
             {{"states", result.states}, {"told_apart", result.told_apart}});
  facts.Line("inputs", Grouped(result.inputs), {{"inputs", result.inputs}});
  facts.Line("suite",
             fmt::format("H-method, {}: {}, {}", extra, Count(result.tests, "test"),
                         Count(result.commands, "command")),
             {{"tests", result.tests}, {"commands", result.commands}});
  facts.Line("not seen", fmt::format("what takes more than {}, and what no outcome shows", extra));
  facts.text += '\n';
  if (result.failing) facts.json["failing"] = OneLine(result.failing->commands);
  if (certificate.counterexample) {
    facts.text +=
        PrintMinimized(*certificate.counterexample, "explore, a test of the black-box suite") +
        "\n";
    facts.json["divergence"] =
        DivergenceOf(*certificate.counterexample, "black box", certificate.timeline);
  } else if (result.failing) {
    facts.text += fmt::format("failing test: {}\n\n", OneLine(result.failing->commands));
  }
  return facts.Done();
}

}  // namespace holdfast
