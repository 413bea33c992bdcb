// The report of a divergence shows only the parts that differ, with both sides aligned. A person
// reads this report first, and often nothing else.
#include "properties/lockstep/counterexample.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "model/layout.h"
#include "model/text/text.h"
#include "model/text/trace.h"
#include "sut/source_line.h"
#include "sut/surroundings.h"
#include "sut/sut.h"

namespace holdfast {
namespace {

std::string Padded(std::string_view text, std::size_t width) {
  std::string padded(text);
  padded.resize(std::max(width, padded.size()), ' ');
  return padded;
}

std::string OrNone(std::string text) { return text.empty() ? "-" : text; }

// The parts of a report under its first line, each with one line for a side.
class Parts {
 public:
  void Line(std::string_view part, std::string_view side, std::string_view text) {
    text_ += "  " + Padded(part, 11) + Padded(side, 7) + CutOff(FoldedSlots(text)) + "\n";
  }
  void Differ(std::string_view part, const std::string& model, const std::string& sut) {
    if (model == sut) return;
    Line(part, "model", OrNone(model));
    Line("", "sut", OrNone(sut));
  }
  void Both(std::string_view part, const std::string& text) {
    if (!text.empty()) Line(part, "both", text);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string ValueOf(const std::vector<StateSection>& sections, std::string_view name) {
  const auto found = std::ranges::find(sections, name, &StateSection::name);
  return found == sections.end() ? "" : found->value;
}

void AddStates(const Topology& topology, const State& model, const State& sut, Parts& parts) {
  const std::vector<StateSection> model_sections = PrintSections(model, topology);
  const std::vector<StateSection> sut_sections = PrintSections(sut, topology);
  for (const auto& [name, value] : model_sections)
    parts.Differ(name, value, ValueOf(sut_sections, name));
  for (const auto& [name, value] : sut_sections) {
    if (ValueOf(model_sections, name).empty()) parts.Differ(name, "", value);
  }
}

// The answers of the queries on which the sides differ, as this side gives them.
std::string Answers(const Topology& topology, const Queries& queries, const Queries& other) {
  std::string text;
  for (std::size_t i = 0; i < topology.devices.size(); ++i) {
    if (queries.device[i] == other.device[i]) continue;
    text +=
        (text.empty() ? "dev" : " dev") + std::to_string(i) + "=" + PrintSlotRef(queries.device[i]);
  }
  for (std::size_t i = 0; i < topology.iommus.size(); ++i) {
    if (queries.iommu[i] == other.iommu[i]) continue;
    text += (text.empty() ? "iommu" : " iommu") + std::to_string(i) + "=" +
            PrintSlotRef(queries.iommu[i]);
  }
  return text;
}

// Where DMA goes, if the rules about that are broken.
void AddReach(const Topology& topology, const Divergence& divergence, Parts& parts) {
  const Reach& reach = divergence.reach;
  if (!reach.walked ||
      !(divergence.rules & (RuleBit(Rule::kHandover) | RuleBit(Rule::kContinuity))))
    return;
  std::string at, adopted;
  for (std::size_t i = 0; i < topology.devices.size(); ++i) {
    at += (i == 0 ? "dev" : ", dev") + std::to_string(i) + " reaches " +
          PrintReached(reach.device[i]);
    if (reach.adopted[i] != kNone) {
      adopted += (adopted.empty() ? "dev" : ", dev") + std::to_string(i) + " with dom" +
                 std::to_string(reach.adopted[i]);
    }
  }
  if (!at.empty()) parts.Line("dma", "sut", at);
  if (!adopted.empty()) parts.Line("adopted", "sut", adopted);
  for (const Astray& astray : divergence.astray) {
    parts.Line("owed", "model",
               "dev" + std::to_string(astray.device) + " reaches " + PrintReached(astray.owed));
    for (const std::string& request : astray.requests) parts.Line("request", "sut", request);
    if (!astray.requests.empty()) continue;
    parts.Line("request", "sut",
               "each of its own ends there, but its domain's id in the unit is that of another "
               "domain");
  }
}

void AddDetail(const Detail& detail, Parts& parts) {
  if (detail.text.empty()) return;
  parts.Line("detail", "sut", detail.text);
  if (const std::string line = SourceLine({detail.code}); !line.empty())
    parts.Line("write", "sut", line);
}

std::string RuleTitle(Rule rule) {
  const RuleInfo& info = InfoOf(rule);
  return std::string(info.id) + " " + std::string(info.name);
}

std::string FirstLine(const Divergence& divergence) {
  std::string what;
  switch (divergence.moment) {
    case Divergence::Moment::kBegin: what = divergence.ending.empty() ? "layout" : "reset"; break;
    case Divergence::Moment::kCommand: what = PrintCommand(divergence.command); break;
    case Divergence::Moment::kTeardown:
      what = "teardown: " + PrintCommand(divergence.command);
      break;
    case Divergence::Moment::kEnd: what = "after teardown"; break;
  }
  return what + "        " + RuleTitle(divergence.rule) + "\n";
}

std::string AllRules(RuleSet rules) {
  std::string text;
  for (const RuleInfo& info : Rules()) {
    if ((rules & RuleBit(info.rule)) == 0) continue;
    text += (text.empty() ? "" : ", ") + RuleTitle(info.rule);
  }
  return text;
}

// What a caller sees, with the record that the out-parameter names where the sides differ in it.
std::string Result(const Outcome& outcome, const Outcome& other) {
  std::string text = PrintOutcome(outcome);
  if (outcome.out != other.out) text += " out=" + PrintSlotRef(outcome.out);
  if (outcome.fault_fired != other.fault_fired)
    text += outcome.fault_fired ? " (fault fired)" : " (fault not reached)";
  return text;
}

// Between two parts of an answer.
constexpr char kBetween = '\t';

std::vector<std::string> Split(const std::string& answer) {
  std::vector<std::string> parts(1);
  for (const char c : answer) {
    if (c == kBetween) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

// The step of a variation.
std::string StepOf(const Divergence& divergence, std::size_t commands) {
  switch (divergence.moment) {
    case Divergence::Moment::kBegin: return "the reset";
    case Divergence::Moment::kCommand:
      return "call " + std::to_string(divergence.step + 1) + ", " +
             PrintCommand(divergence.command);
    case Divergence::Moment::kTeardown:
    case Divergence::Moment::kEnd:
      return "call " + std::to_string(divergence.step + 1 - commands) + " of the teardown";
  }
  return "";
}

std::string DescribeVariation(const Divergence& divergence, std::size_t commands) {
  constexpr std::string_view kNames[] = {"outcome", "calls", "state", "queries", "dma"};
  const Variation& variation = *divergence.variation;
  std::vector<std::string> first = Split(variation.first), second = Split(variation.second);
  first.resize(std::size(kNames));
  second.resize(std::size(kNames));
  std::string text = StepOf(divergence, commands) + "        not deterministic\n";
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    if (first[i] == second[i]) continue;
    text += "  " + Padded(kNames[i], 11) + Padded("once", 13) + OrNone(first[i]) + "\n";
    text += "  " + Padded("", 11) + Padded(variation.how, 13) + OrNone(second[i]) + "\n";
  }
  return text;
}

}  // namespace

std::string FoldedSlots(std::string_view text) {
  constexpr std::size_t kFewest = 8;
  std::string folded;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (text.substr(end, 2) == "x ") end += 2;
    if (text.substr(end, 2) == "x]" || text.substr(end) == "x") ++end;
    const std::size_t count = (end - at + 1) / 2;
    const bool begins = at == 0 || text[at - 1] == ' ' || text[at - 1] == '[';
    if (!begins || count < kFewest) {
      folded += text[at++];
      continue;
    }
    folded += "x*" + std::to_string(count);
    at = text[end - 1] == ' ' ? end - 1 : end;
  }
  return folded;
}

std::string CutOff(std::string text) {
  constexpr std::size_t kMost = 20'000;
  if (text.size() <= kMost) return text;
  const std::size_t more = text.size() - kMost;
  text.resize(kMost);
  return text + "... (" + std::to_string(more) + " more characters)";
}

std::string PrintReached(std::uint8_t reach) {
  switch (reach) {
    case Reach::kBlocked: return "nothing";
    case Reach::kOff: return "all memory (the unit is off)";
    case Reach::kGone: return "a table that is gone";
    case Reach::kOther: return "something else";
    default: return "dom" + std::to_string(reach);
  }
}

std::string PrintQueries(const Topology& topology, const Queries& queries) {
  std::string text;
  for (std::size_t i = 0; i < topology.devices.size(); ++i)
    text += " dev" + std::to_string(i) + "=" + PrintSlotRef(queries.device[i]);
  for (std::size_t i = 0; i < topology.iommus.size(); ++i)
    text += " iommu" + std::to_string(i) + "=" + PrintSlotRef(queries.iommu[i]);
  return text.empty() ? text : text.substr(1);
}

std::string PrintReach(const Topology& topology, const Reach& reach) {
  if (!reach.walked) return "";
  std::string text;
  for (std::size_t i = 0; i < topology.devices.size(); ++i) {
    text += (i == 0 ? "dev" : ", dev") + std::to_string(i) + " reaches " +
            PrintReached(reach.device[i]);
    if (reach.adopted[i] != kNone) text += " with dom" + std::to_string(reach.adopted[i]);
  }
  return text;
}

std::string PrintAnswer(const Topology& topology, const Outcome& outcome, const State& state,
                        const Queries& queries, const Reach& reach) {
  std::string text = PrintOutcome(outcome) + " out=" + PrintSlotRef(outcome.out);
  if (outcome.fault_fired) text += " (fault fired)";
  if (outcome.findings != 0) text += " " + PrintFindings(outcome.findings);
  text += kBetween + PrintCalls(outcome);
  if (outcome.crashed()) return text;
  return text + kBetween + PrintState(state, topology) + kBetween +
         PrintQueries(topology, queries) + kBetween + PrintReach(topology, reach);
}

std::string PrintVariation(const Divergence& divergence, std::size_t commands) {
  return "two runs differ at " + StepOf(divergence, commands);
}

std::string NameOf(const Sut& sut) { return Printable(sut.name()); }

std::string Describe(const Scenario& scenario, const Divergence& divergence) {
  if (divergence.variation) return DescribeVariation(divergence, scenario.commands.size());
  const Outcome& model = divergence.model_outcome;
  const Outcome& sut = divergence.sut_outcome;
  const bool ran = divergence.moment == Divergence::Moment::kCommand ||
                   divergence.moment == Divergence::Moment::kTeardown;
  Parts parts;
  if (divergence.sides_differ) {
    if (divergence.moment == Divergence::Moment::kBegin) {
      const Layout &ours = divergence.model_layout, &theirs = divergence.sut_layout;
      parts.Differ("layout", PrintDifference(ours, theirs), PrintDifference(theirs, ours));
    }
    if (ran) {
      parts.Differ("outcome", Result(model, sut), Result(sut, model));
      parts.Differ("calls", PrintCalls(model), PrintCalls(sut));
      if (!model.crashed() && !sut.crashed()) {
        AddStates(scenario.topology, divergence.model_state, divergence.sut_state, parts);
        parts.Differ("queries",
                     Answers(scenario.topology, divergence.model_queries, divergence.sut_queries),
                     Answers(scenario.topology, divergence.sut_queries, divergence.model_queries));
      }
      AddReach(scenario.topology, divergence, parts);
      if (!divergence.ending.empty()) parts.Line("process", "sut", "ended: " + divergence.ending);
      if (sut.findings != 0) parts.Line("findings", "sut", PrintFindings(sut.findings));
      AddDetail(divergence.detail, parts);
    }
  } else {
    // Nothing differs: the profile itself breaks a rule that is owed here.
    if (ran) parts.Both("outcome", PrintOutcome(model));
    if (ran) parts.Both("calls", PrintCalls(model));
    parts.Both("state", PrintState(divergence.model_state, scenario.topology));
  }
  if (const std::string line = SourceLine({divergence.entry}); !line.empty())
    parts.Line("entry", "sut", line);
  if (const std::string line = SourceLine(divergence.fault); !line.empty()) {
    parts.Line(sut.crashed() ? "crash" : "WARN", "sut", line);
  }
  parts.Line("rules", divergence.sides_differ ? "sut" : "both", AllRules(divergence.rules));
  return FirstLine(divergence) + parts.text();
}

std::string PrintCounterexample(const Counterexample& counterexample, std::string_view claim) {
  const auto& [scenario, divergence] = counterexample;
  return PrintScenario(scenario, claim) + Describe(scenario, divergence);
}

std::string ShellWord(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,@%+";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos)
    return std::string(text);
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string ReplayCommand(const std::string& trace_file, const std::string& sut, bool hardened) {
  return std::string("./holdfast replay ") + (hardened ? "--hardened " : "") +
         (sut.empty() ? "" : "--sut=" + ShellWord(sut) + " ") +
         (trace_file.starts_with('-') ? "./" : "") + ShellWord(trace_file);
}

}  // namespace holdfast
