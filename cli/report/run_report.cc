#include "cli/report/run_report.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "cli/report/damaged_image.h"
#include "model/text/numbers.h"
#include "model/rules/contract.h"
#include "model/rules/rules.h"
#include "model/text/text.h"
#include "model/version.h"
#include "sut/surroundings.h"

namespace holdfast {
namespace {

std::string ClausesOf(Breaches breaches) { return breaches == 0 ? "-" : PrintBreaches(breaches); }

bool IsHazard(const RunReport& report, Rule rule) {
  for (const Hazard& hazard : report.hazards) {
    if (hazard.rule == rule) return true;
  }
  return false;
}

bool IsBroken(const RunReport& report, Rule rule) {
  const RuleSet broken = report.counterexample ? report.counterexample->minimal.divergence.rules
                         : report.race         ? report.race->verdict.rules
                         : DamageOf(report)    ? RuleBit(Rule::kHandover)
                                               : 0;
  return broken & RuleBit(rule);
}

// The word for a rule, for a machine.
std::string_view StandingOf(const RunReport& report, Rule rule) {
  if (IsBroken(report, rule)) return "broken";
  if (IsHazard(report, rule)) return "hazard";
  return report.tally.checked[static_cast<std::size_t>(rule)] == 0 ? "not checked" : "holds";
}

// The same for a person: a rule that is a hazard alone is kept towards callers who keep the
// contract.
std::string_view WordOf(const RunReport& report, Rule rule) {
  const std::string_view standing = StandingOf(report, rule);
  return standing == "hazard" ? "holds (hazard)" : standing;
}

bool Diverges(const PartResult& part) {
  return part.counterexample || part.race || (part.damaged && part.damaged->divergence());
}

std::string_view WordOf(const PartResult& part) {
  return Diverges(part)              ? "diverges"
         : !part.not_checked.empty() ? "not checked"
         : part.finished             ? "conforms"
                                     : "not finished";
}

// "memory 3,2,2 (41,000 of ? states)", for each part that is not finished.
std::string Unfinished(const RunReport& report) {
  std::string text;
  for (const PartResult& part : report.parts) {
    if (part.finished || Diverges(part)) continue;
    text +=
        fmt::format("{}{} ({} of {} {}s)", text.empty() ? "" : ", ", part.name, Grouped(part.cases),
                    part.total == 0 ? "?" : Grouped(part.total), part.unit);
  }
  return text;
}

std::string RuleTable(const RunReport& report) {
  std::string text = fmt::format("{:<22} {:>22}\n", "rule", "times checked");
  for (const RuleInfo& info : Rules()) {
    text += fmt::format("{:<3} {:<18} {:>22}  {}\n", info.id, info.name,
                        Grouped(report.tally.checked[static_cast<std::size_t>(info.rule)]),
                        WordOf(report, info.rule));
  }
  return text;
}

std::string CoverageTable(const RunReport& report) {
  const std::vector<Witness> missing = report.coverage.Missing(report.allowed);
  std::string text =
      fmt::format("witnessed: {} of {} (command, outcome) pairs that the profile allows\n",
                  report.allowed.size() - missing.size(), report.allowed.size());
  if (report.skips_crashes)
    text +=
        "where the profile says CRASH, the implementation ends its process: it was not run there "
        "again\n";
  if (report.counterexample || report.race || DamageOf(report))
    return text;  // it stopped early: what is missing says nothing
  for (const Witness& witness : missing)
    text += fmt::format("  not witnessed: {}\n", PrintWitness(witness));
  return text;
}

std::string OneLine(const Scenario& scenario) {
  std::string text = fmt::format("[{}]", PrintTopology(scenario.topology));
  const std::size_t shown = std::min<std::size_t>(scenario.commands.size(), 12);
  for (std::size_t i = 0; i < shown; ++i)
    text += (i == 0 ? " " : "; ") + PrintCommand(scenario.commands[i]);
  if (shown < scenario.commands.size())
    text += fmt::format("; ... ({} commands)", scenario.commands.size());
  return text;
}

std::string HazardTable(const RunReport& report) {
  if (report.hazards.empty()) return "";
  std::string text = fmt::format(
      "hazards: rules that {} lets a caller break who breaks the contract, each by its shortest "
      "sequence seen\n"
      "(C1 to C8: docs/model.md, \"The caller's contract\"; --hardened makes hazards failures)\n",
      report.profile.name);
  for (const Hazard& hazard : report.hazards) {
    const RuleInfo& info = InfoOf(hazard.rule);
    text +=
        fmt::format("  {:<3} {:<12} {:<9} {}{}\n", info.id, info.name, ClausesOf(hazard.clauses),
                    OneLine(hazard.scenario), hazard.after_teardown ? "; teardown" : "");
  }
  return text;
}

// What the implementation wrote is its own text. Of the text only the first line is shown.
std::string OutputOf(const RunReport& report) {
  constexpr std::size_t kShown = 60;
  if (report.output.empty()) return "";
  const bool more = report.output.size() >= StandardStreams::kMostKept;
  const std::string line = report.output.substr(0, report.output.find('\n'));
  return fmt::format(
      "output: {} wrote {}{} to its standard output and error, kept apart; first: {}\n", report.sut,
      Count(report.output.size(), "byte"), more ? " or more" : "",
      Printable(line.substr(0, kShown)));
}

// An implementation of another version diverges, and the reader looks for a defect.
std::string NoteOnProfile(const RunReport& report) {
  const std::string& written_to = report.written_to;
  if (!report.counterexample || written_to.substr(0, written_to.find(' ')) == report.profile.name)
    return "";
  return fmt::format("note: {} says that it is of profile {}; it was held against {}\n", report.sut,
                     written_to, PrintProfile(report.profile));
}

std::string AnswerTable(const RunReport& report) {
  if (report.answers.empty()) return "";
  std::string text = fmt::format(
      "answers of its own: {}, each safe because no rule is broken by it in any explored state\n",
      report.answers.size());
  for (const OwnAnswer& answer : report.answers) {
    const bool in_state = answer.answer == answer.v3 && answer.answer == answer.v5;
    text +=
        fmt::format("  {}\n    = {}, v3: {}, v5: {}{}\n    {}\n", answer.question,
                    PrintOutcome(answer.answer), PrintOutcome(answer.v3), PrintOutcome(answer.v5),
                    in_state ? "; the state differs" : "", OneLine(answer.scenario));
  }
  return text;
}

// What damaged images showed; null: they were not tried.
const DamagedImageResult* DamagedOf(const RunReport& report) {
  for (const PartResult& part : report.parts) {
    if (part.damaged && part.not_checked.empty()) return &*part.damaged;
  }
  return nullptr;
}

std::size_t DamageHazards(const RunReport& report) {
  const DamagedImageResult* damaged = DamagedOf(report);
  return damaged ? damaged->wrong_answers.size() : 0;
}

// It conforms to its profile, with answers of its own or without; or it diverges; or nothing can be
// said, because it is not deterministic.
std::string_view VerdictWord(const RunReport& report) {
  if (report.race || DamageOf(report)) return "diverges";
  if (!report.counterexample)
    return report.answers.empty() ? "conforms" : "conforms, with answers of its own";
  return report.counterexample->varies() ? "not deterministic" : "diverges";
}

std::string VerdictLine(const RunReport& report) {
  std::string text = "verdict: ";
  if (report.signal != 0)
    text += fmt::format("interrupted by SIG{}; until then ", sigabbrev_np(report.signal));
  const std::string verdict =
      report.counterexample || report.race || DamageOf(report) || report.answers.empty()
          ? std::string(VerdictWord(report))
          : fmt::format("conforms, with {} of its own:", Count(report.answers.size(), "answer"));
  text += fmt::format("{} {} profile {}", verdict, report.sut, PrintProfile(report.profile));
  if (report.counterexample && report.counterexample->varies()) {
    const auto& [scenario, divergence] = report.counterexample->minimal;
    return fmt::format("{}: {}, seed {}\n", text,
                       PrintVariation(divergence, scenario.commands.size()), report.seed);
  }
  if (report.race) {
    return text + fmt::format(": {}, seed {}\n", SummaryOf(*report.race), report.seed);
  }
  if (const DamagedImageResult* damage = DamageOf(report))
    return text + fmt::format(": {}, seed {}\n", SummaryOf(*damage), report.seed);
  if (report.counterexample) {
    const RuleInfo& info = InfoOf(report.counterexample->minimal.divergence.rule);
    return text +
           fmt::format(": {} {}, {}, seed {}\n", info.id, info.name,
                       Count(report.counterexample->minimal.scenario.commands.size(), "command"),
                       report.seed);
  }
  if (const std::string unfinished = Unfinished(report); !unfinished.empty())
    text += "; not finished: " + unfinished;
  return text + fmt::format(": {}, {}, seed {}\n", Count(report.tally.commands, "checked command"),
                            Count(report.hazards.size() + DamageHazards(report), "hazard"),
                            report.seed);
}

// The timeline of the row that was added last, if it has one.
void AddTimeline(const std::vector<Json>& timelines, Json& rows) {
  const std::size_t i = rows.size() - 1;
  if (i < timelines.size() && !timelines[i].is_null()) rows.back()["timeline"] = timelines[i];
}

// Each pair that was witnessed or could have been.
Json PairsOf(const RunReport& report) {
  std::vector<Witness> all = report.coverage.Seen();
  all.insert(all.end(), report.allowed.begin(), report.allowed.end());
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  Json pairs = Json::array();
  for (const Witness& witness : all) {
    const std::string text = PrintWitness(witness);
    const std::size_t between = text.find(" = ");
    pairs.push_back({{"command", text.substr(0, between)},
                     {"outcome", text.substr(between + 3)},
                     {"times", report.coverage.CountOf(witness)}});
  }
  return pairs;
}

}  // namespace

const DamagedImageResult* DamageOf(const RunReport& report) {
  const DamagedImageResult* damaged = DamagedOf(report);
  return damaged && damaged->divergence() ? damaged : nullptr;
}

std::string PrintHeading(const RunReport& report) {
  return fmt::format("holdfast {} run: {} against profile {}, seed {}{}\n\n", kVersion, report.sut,
                     PrintProfile(report.profile), report.seed,
                     report.hardened ? ", hardened" : "") +
         fmt::format("{:<22} {:>22} {:>20}\n", "part", "cases", "checked commands");
}

std::string PrintPart(const PartResult& part) {
  const std::string more = !part.not_checked.empty() ? part.not_checked
                           : part.damaged            ? CountsOf(*part.damaged)
                                                     : "";
  return fmt::format("{:<22} {:>22} {:>20}  {}{}\n", part.name, Count(part.cases, part.unit),
                     Grouped(part.tally.commands), WordOf(part), more.empty() ? "" : ": " + more);
}

std::string PrintFindings(const RunReport& report) {
  std::string text = "\n" + RuleTable(report) + "\n" + CoverageTable(report) + "\n";
  if (const std::string hazards = HazardTable(report); !hazards.empty()) text += hazards + "\n";
  if (const DamagedImageResult* damaged = DamagedOf(report); DamageHazards(report) != 0)
    text += PrintWrongAnswers(*damaged, report.sut) + "\n";
  if (const std::string answers = AnswerTable(report); !answers.empty()) text += answers + "\n";
  if (report.counterexample) text += PrintMinimized(*report.counterexample, report.origin) + "\n";
  if (report.race) text += PrintRace(*report.race, report.race_text, report.origin) + "\n";
  text += OutputOf(report) + NoteOnProfile(report);
  if (!report.page.empty()) text += fmt::format("page: {}\n", report.page);
  return text + VerdictLine(report);
}

Json RunReportJson(const RunReport& report) {
  Json json = JsonReport("run");
  json.update({{"sut", report.sut},
               {"profile", PrintProfile(report.profile)},
               {"seed", report.seed},
               {"hardened", report.hardened},
               {"verdict", report.signal != 0 ? "interrupted" : VerdictWord(report)},
               {"commands", report.tally.commands}});
  json["parts"] = Json::array();
  for (const PartResult& part : report.parts) {
    json["parts"].push_back({{"name", part.name},
                             {"cases", part.cases},
                             {"unit", part.unit},
                             {"commands", part.tally.commands},
                             {"verdict", WordOf(part)}});
    if (!part.finished && part.total != 0) json["parts"].back()["total"] = part.total;
    if (!part.not_checked.empty()) json["parts"].back()["why"] = part.not_checked;
  }
  json["rules"] = Json::array();
  for (const RuleInfo& info : Rules()) {
    json["rules"].push_back({{"rule", info.id},
                             {"name", info.name},
                             {"checked", report.tally.checked[static_cast<std::size_t>(info.rule)]},
                             {"standing", StandingOf(report, info.rule)},
                             {"statement", info.statement}});
  }
  const std::vector<Witness> missing = report.coverage.Missing(report.allowed);
  json["coverage"] = {{"allowed", report.allowed.size()},
                      {"witnessed", report.allowed.size() - missing.size()}};
  json["coverage"]["missing"] = Json::array();
  for (const Witness& witness : missing)
    json["coverage"]["missing"].push_back(PrintWitness(witness));
  json["coverage"]["pairs"] = PairsOf(report);
  json["hazards"] = Json::array();
  for (const Hazard& hazard : report.hazards) {
    json["hazards"].push_back({{"rule", InfoOf(hazard.rule).id},
                               {"clauses", ClausesOf(hazard.clauses)},
                               {"after_teardown", hazard.after_teardown},
                               {"topology", PrintTopology(hazard.scenario.topology)},
                               {"commands", CommandsOf(hazard.scenario)}});
    AddTimeline(report.hazard_timelines, json["hazards"]);
  }
  json["answers"] = Json::array();
  for (const OwnAnswer& answer : report.answers) {
    json["answers"].push_back({{"question", answer.question},
                               {"answer", PrintOutcome(answer.answer)},
                               {"v3", PrintOutcome(answer.v3)},
                               {"v5", PrintOutcome(answer.v5)},
                               {"topology", PrintTopology(answer.scenario.topology)},
                               {"commands", CommandsOf(answer.scenario)}});
    AddTimeline(report.answer_timelines, json["answers"]);
  }
  if (report.counterexample)
    json["divergence"] = DivergenceOf(*report.counterexample, report.origin, report.timeline);
  if (const DamagedImageResult* damaged = DamagedOf(report))
    json["damaged_image"] = DamagedImageJson(*damaged);
  if (const DamagedImageResult* damage = DamageOf(report))
    json["divergence"] = DivergenceOf(*damage, report.sut, report.origin);
  if (report.race) json["divergence"] = DivergenceOf(*report.race, report.race_text, report.origin);
  return json;
}

}  // namespace holdfast
