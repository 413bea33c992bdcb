#include "cli/certificate.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "model/text/numbers.h"
#include "model/rules/contract.h"
#include "model/explore/symmetry.h"
#include "model/text/text.h"
#include "model/version.h"

namespace holdfast {
namespace {

std::string Size(const WorldSize& size) {
  return fmt::format("{},{},{}", size.devices, size.iommus, size.domains);
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

// What is alike but for the past is one state; what the implementation has more than the model
// hides something.
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

std::string Pumping(const Certificate& certificate) {
  const PumpResult& pumped = certificate.pumped;
  std::string text = fmt::format(
      "pumping    {}, {} turns each, by callers who keep the contract; {} closed by no way back\n",
      Count(pumped.loops, "loop"), certificate.pump->turns, Count(pumped.open, "edge"));
  for (const Loop& loop : pumped.growing) {
    text += fmt::format("  a turn leaves {}: {} ({}){}\n", PrintGrowth(loop.growth),
                        OneLine(loop.turn), Count(loop.alike, "loop"),
                        loop.growth.leaks() ? "  LEAK" : "  accepted: slots are never used again");
  }
  return text;
}

std::string Sentence(const Certificate& certificate) {
  const ProductResult& result = certificate.result;
  const ProductOptions& options = certificate.options;
  const std::string where = fmt::format(
      "world {} with {}, {} callers{}", Size(certificate.size), PrintAspects(options.world.aspects),
      PrintCallers(options.world.allowed),
      options.shard.count > 1
          ? fmt::format(", shard {} of {}", options.shard.index + 1, options.shard.count)
          : "");
  const std::string profile = PrintProfile(options.profile);
  if (certificate.counterexample) {
    const RuleInfo& info = InfoOf(certificate.counterexample->divergence.rule);
    return fmt::format("refuted: {} breaks {} {} of {} in {}: {}\n", certificate.sut, info.id,
                       info.name, profile, where,
                       Count(certificate.counterexample->shrunk.commands.size(), "command"));
  }
  if (certificate.pumped.leak) {
    return fmt::format("refuted: {} leaks in {}: each turn of a loop leaves {}\n", certificate.sut,
                       where, PrintGrowth(certificate.pumped.leak->growth));
  }
  if (result.ending == ProductResult::Ending::kUnfinished) {
    return fmt::format(
        "unfinished: {} states of {} were found in {} when the budget ended; nothing is proved\n",
        Grouped(result.states), certificate.sut, where);
  }
  return fmt::format(
      "proved: every implementation state of {} reachable in {} within the bounds{} agrees with "
      "{}: {}, {}, digest {:016x}\n",
      certificate.sut, where, result.memory_cuts == 0 ? "" : " and the simulated memory", profile,
      Count(result.states, "state"), Count(result.edges, "edge"), result.digest);
}

std::string Sentence(const BlackBoxCertificate& certificate) {
  const BlackBoxResult& result = certificate.result;
  const std::string where = fmt::format("world {} with {}, {} callers", Size(certificate.size),
                                        PrintAspects(certificate.options.world.aspects),
                                        PrintCallers(certificate.options.world.allowed));
  const std::string profile = PrintProfile(certificate.options.profile);
  if (result.failing) {
    return fmt::format(
        "refuted: {} answers otherwise than {} in {}: {}\n", certificate.sut, profile, where,
        Count(certificate.counterexample ? certificate.counterexample->shrunk.commands.size()
                                         : result.failing->commands.size(),
              "command"));
  }
  const std::uint64_t most =
      result.told_apart + static_cast<std::uint64_t>(certificate.options.extra_states);
  const std::string alike =
      result.told_apart == result.states
          ? ""
          : fmt::format(", and what no {} commands tell apart is one state", kSeparatingCommands);
  return fmt::format(
      "proved: {} answers as {} does in {} within the bounds, if it is a machine of at most {} "
      "there{}: {}, {}\n",
      certificate.sut, profile, where, Count(most, "state"), alike, Count(result.tests, "test"),
      Count(result.commands, "command"));
}

std::string Sentence(const ModelCertificate& certificate) {
  const ExploreResult& result = certificate.result;
  const std::string where =
      fmt::format("world {} with {}, {} callers", Size(certificate.size),
                  PrintAspects(certificate.world.aspects), PrintCallers(certificate.world.allowed));
  const std::string profile = PrintProfile(certificate.profile);
  if (certificate.refuted()) {
    std::string rules;
    for (const Violation& violation : result.violations) {
      if (violation.owed || certificate.hardened)
        rules += fmt::format(" {}", InfoOf(violation.rule).id);
    }
    return fmt::format("refuted: the model breaks{} of {} in {}\n", rules, profile, where);
  }
  if (!result.finished) {
    return fmt::format(
        "unfinished: {} states of the model were found in {} when the budget ended; nothing is "
        "proved\n",
        Grouped(result.states), where);
  }
  return fmt::format(
      "proved: every rule that is owed holds in every state of the model that is reachable in {} "
      "within the bounds, "
      "under profile {}: {}{}, {}, digest {:016x}\n",
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

// The rules whose premise was met, or was not.
std::string Premises(const ExploreResult& result, bool met) {
  std::string text;
  for (const RuleInfo& info : Rules()) {
    if (((result.rules.checked & RuleBit(info.rule)) != 0) == met)
      text += (text.empty() ? "" : " ") + std::string(info.id);
  }
  return text;
}

}  // namespace

std::string PrintCertificate(const ModelCertificate& certificate) {
  const ExploreResult& result = certificate.result;
  std::string text =
      fmt::format("holdfast {} explore: the model, profile {}{}\n\n", kVersion,
                  PrintProfile(certificate.profile), certificate.hardened ? ", hardened" : "");
  const auto line = [&text](std::string_view what, const std::string& value) {
    text += fmt::format("{:<10} {}\n", what, value);
  };
  line("topology", PrintTopology(certificate.world.topology));
  line("with", PrintAspects(certificate.world.aspects));
  line("caller", Caller(certificate.world.allowed));
  line("bounds", PrintBounds(certificate.world));
  line("past", "states are canonical: no DELETED record, no order of live ones");
  line("symmetry", Symmetries(certificate));
  text += '\n';
  line("states", fmt::format("{} of {} bits", Grouped(result.states), result.state_bits));
  line("edges", Grouped(result.edges));
  line("cut", Count(result.cuts, "edge") + " by the bounds; judged, but not followed");
  line("steps", Grouped(result.steps) +
                    ": what an edge does was computed once for each footprint that it has");
  line("depth", fmt::format("{}{}", Count(static_cast<std::uint64_t>(result.depth), "command"),
                            result.finished ? ": no state is farther" : ""));
  line("premises",
       fmt::format("met: {}; never met: {}", Premises(result, true), Premises(result, false)));
  text += fmt::format("witnesses  {} of outcome, each by a shortest sequence of\n",
                      Count(result.sightings.size(), "kind"));
  for (const Sighting& seen : result.sightings) {
    text += fmt::format("  {:<60} = {:<11} {:>3}  {}\n", PrintCommand(seen.command),
                        PrintOutcome(seen.outcome), seen.path.size(), Count(seen.edges, "edge"));
  }
  for (const Violation& violation : result.violations) {
    text += fmt::format("{:<10} {} {}, callers who break {}: {}\n",
                        violation.owed || certificate.hardened ? "broken" : "hazard",
                        InfoOf(violation.rule).id, InfoOf(violation.rule).name,
                        violation.breaches == 0 ? "nothing" : PrintCallers(violation.breaches),
                        OneLine(violation.path));
  }
  return text + "\n" + Sentence(certificate);
}

std::string CertificateJson(const ModelCertificate& certificate) {
  using Json = nlohmann::ordered_json;
  const ExploreResult& result = certificate.result;
  std::string sentence = Sentence(certificate);
  sentence.pop_back();
  Json json = {{"version", kVersion},
               {"model_only", true},
               {"profile", PrintProfile(certificate.profile)},
               {"hardened", certificate.hardened},
               {"verdict", certificate.refuted()  ? "refuted"
                           : certificate.proved() ? "proved"
                                                  : "unfinished"},
               {"sentence", sentence},
               {"topology", PrintTopology(certificate.world.topology)},
               {"with", PrintAspects(certificate.world.aspects)},
               {"callers", PrintCallers(certificate.world.allowed)},
               {"bounds", PrintBounds(certificate.world)},
               {"symmetries", certificate.symmetry ? Likeness(certificate.world).order() : 1},
               {"states", result.states},
               {"edges", result.edges},
               {"cuts", result.cuts},
               {"steps", result.steps},
               {"depth", result.depth},
               {"digest", fmt::format("{:016x}", result.digest)}};
  json["violations"] = Json::array();
  for (const Violation& violation : result.violations) {
    json["violations"].push_back(
        {{"rule", InfoOf(violation.rule).id},
         {"owed", violation.owed || certificate.hardened},
         {"clauses", violation.breaches == 0 ? "" : PrintCallers(violation.breaches)},
         {"commands", OneLine(violation.path)}});
  }
  return json.dump(2) + "\n";
}

std::string PrintCertificate(const Certificate& certificate) {
  const ProductResult& result = certificate.result;
  const ProductOptions& options = certificate.options;
  std::string text =
      fmt::format("holdfast {} explore: {} against profile {}{}\n\n", kVersion, certificate.sut,
                  PrintProfile(options.profile), options.hardened ? ", hardened" : "");
  const auto line = [&text](std::string_view what, const std::string& value) {
    text += fmt::format("{:<10} {}\n", what, value);
  };
  line("world", fmt::format("{}, {}, {}",
                            Count(static_cast<std::uint64_t>(certificate.size.devices), "device"),
                            Count(static_cast<std::uint64_t>(certificate.size.iommus), "IOMMU"),
                            Count(static_cast<std::uint64_t>(certificate.size.domains), "domain")));
  line("topology", PrintTopology(options.world.topology));
  line("with", PrintAspects(options.world.aspects));
  line("caller", Caller(options.world.allowed));
  line("bounds", PrintBounds(options.world));
  line("slots", Slots(options));
  line("past", std::string(PastText(options.past)));
  line("symmetry", "not used: every naming of every object was walked");
  if (options.shard.count > 1) {
    line("shard", fmt::format("{} of {}: the edges out of its states only", options.shard.index + 1,
                              options.shard.count));
  }
  text += '\n';
  line("states", fmt::format("{}, over {} of the model ({} canonical)", Grouped(result.states),
                             Grouped(result.known_states), Grouped(result.model_states)));
  line("hidden", Hidden(result));
  line("edges", fmt::format("{}; a fault fired on {}; {} into a crash", Grouped(result.edges),
                            Grouped(result.faults), Grouped(result.crashes)));
  line("cut", fmt::format("{} by the bounds, {} by the slots; not followed, but checked",
                          Count(result.cuts, "edge"), Grouped(result.slot_cuts)));
  if (result.memory_cuts != 0) {
    line("memory",
         fmt::format(
             "{} at which the simulated machine had no memory left; neither followed nor checked",
             Count(result.memory_cuts, "command")));
  }
  line("checked", fmt::format("{} in lockstep; and {} whose fault cannot fire",
                              Count(result.tally.commands, "command"), Grouped(result.unfired)));
  line("depth", fmt::format("{}{}", Count(static_cast<std::uint64_t>(result.depth), "command"),
                            certificate.proved() ? ": no state is farther" : ""));
  line("hazards", fmt::format("{}", Count(result.hazards.List().size(), "hazard")));
  if (certificate.pump) text += Pumping(certificate);
  if (result.conflict) {
    text += fmt::format(
        "conflict   it reads DELETED records: without --kept, states that go apart would be taken "
        "for one\n  {}\n",
        OneLine(result.conflict->commands));
  }
  text += '\n';
  if (certificate.counterexample) {
    text += PrintCounterexample(*certificate.counterexample,
                                "explore, a shortest sequence of its world", certificate.replay) +
            "\n";
  }
  return text + Sentence(certificate);
}

std::string CertificateJson(const Certificate& certificate) {
  using Json = nlohmann::ordered_json;
  const ProductResult& result = certificate.result;
  const ProductOptions& options = certificate.options;
  const std::string_view verdict = certificate.refuted()  ? "refuted"
                                   : certificate.proved() ? "proved"
                                                          : "unfinished";
  std::string sentence = Sentence(certificate);
  sentence.pop_back();
  Json json = {{"version", kVersion},
               {"sut", certificate.sut},
               {"profile", PrintProfile(options.profile)},
               {"hardened", options.hardened},
               {"verdict", verdict},
               {"sentence", sentence},
               {"world",
                {{"devices", certificate.size.devices},
                 {"iommus", certificate.size.iommus},
                 {"domains", certificate.size.domains},
                 {"topology", PrintTopology(options.world.topology)},
                 {"with", PrintAspects(options.world.aspects)},
                 {"callers", PrintCallers(options.world.allowed)},
                 {"bounds", PrintBounds(options.world)},
                 {"slots", Slots(options)},
                 {"past", PastText(options.past)}}},
               {"shard", {{"index", options.shard.index + 1}, {"count", options.shard.count}}},
               {"symmetry", "none"},
               {"states", result.states},
               {"known_states", result.known_states},
               {"model_states", result.model_states},
               {"edges", result.edges},
               {"faults", result.faults},
               {"crashes", result.crashes},
               {"cuts", result.cuts},
               {"slot_cuts", result.slot_cuts},
               {"memory_cuts", result.memory_cuts},
               {"unfired", result.unfired},
               {"commands", result.tally.commands},
               {"depth", result.depth},
               {"hazards", result.hazards.List().size()},
               {"digest", fmt::format("{:016x}", result.digest)}};
  if (certificate.pump) {
    json["pumping"] = {{"loops", certificate.pumped.loops},
                       {"turns", certificate.pump->turns},
                       {"open", certificate.pumped.open}};
    json["pumping"]["growing"] = Json::array();
    for (const Loop& loop : certificate.pumped.growing) {
      json["pumping"]["growing"].push_back({{"growth", PrintGrowth(loop.growth)},
                                            {"loop", OneLine(loop.turn)},
                                            {"alike", loop.alike},
                                            {"leaks", loop.growth.leaks()}});
    }
  }
  if (result.conflict) json["conflict"] = OneLine(result.conflict->commands);
  if (certificate.counterexample) {
    json["divergence"] = {{"rule", InfoOf(certificate.counterexample->divergence.rule).id},
                          {"shrunk_trace", certificate.counterexample->shrunk_text},
                          {"report", certificate.counterexample->report},
                          {"replay", certificate.replay}};
  }
  return json.dump(2) + "\n";
}

std::string PrintCertificate(const BlackBoxCertificate& certificate) {
  const BlackBoxResult& result = certificate.result;
  const BlackBoxOptions& options = certificate.options;
  std::string text = fmt::format("holdfast {} explore: {} against profile {}, as a black box\n\n",
                                 kVersion, certificate.sut, PrintProfile(options.profile));
  const auto line = [&text](std::string_view what, const std::string& value) {
    text += fmt::format("{:<10} {}\n", what, value);
  };
  line("topology", PrintTopology(options.world.topology));
  line("with", PrintAspects(options.world.aspects));
  line("caller", Caller(options.world.allowed) + "; to tell states apart every call may be made");
  line("bounds", PrintBounds(options.world));
  text += '\n';
  line("states", fmt::format("{} of the model, {} told apart by outcomes", Grouped(result.states),
                             Grouped(result.told_apart)));
  line("inputs", Grouped(result.inputs));
  line("suite", fmt::format("H-method, {}: {}, {}",
                            Count(static_cast<std::uint64_t>(options.extra_states), "extra state"),
                            Count(result.tests, "test"), Count(result.commands, "command")));
  line("not seen",
       fmt::format("what takes more than {}, and what no outcome shows",
                   Count(static_cast<std::uint64_t>(options.extra_states), "extra state")));
  text += '\n';
  if (certificate.counterexample) {
    text += PrintCounterexample(*certificate.counterexample,
                                "explore, a test of the black-box suite", certificate.replay) +
            "\n";
  } else if (result.failing) {
    text += fmt::format("failing test: {}\n\n", OneLine(result.failing->commands));
  }
  return text + Sentence(certificate);
}

std::string CertificateJson(const BlackBoxCertificate& certificate) {
  using Json = nlohmann::ordered_json;
  const BlackBoxResult& result = certificate.result;
  std::string sentence = Sentence(certificate);
  sentence.pop_back();
  Json json = {{"version", kVersion},
               {"sut", certificate.sut},
               {"black_box", true},
               {"profile", PrintProfile(certificate.options.profile)},
               {"verdict", result.failing ? "refuted" : "proved"},
               {"sentence", sentence},
               {"topology", PrintTopology(certificate.options.world.topology)},
               {"with", PrintAspects(certificate.options.world.aspects)},
               {"callers", PrintCallers(certificate.options.world.allowed)},
               {"bounds", PrintBounds(certificate.options.world)},
               {"method", "H"},
               {"extra_states", certificate.options.extra_states},
               {"states", result.states},
               {"told_apart", result.told_apart},
               {"inputs", result.inputs},
               {"tests", result.tests},
               {"commands", result.commands}};
  if (result.failing) json["failing"] = OneLine(result.failing->commands);
  return json.dump(2) + "\n";
}

}  // namespace holdfast
