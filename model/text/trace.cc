#include "model/text/trace.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "model/step.h"
#include "model/text/repeats.h"
#include "model/text/utf8.h"

namespace holdfast {
namespace {

constexpr std::size_t kOutcomeColumn = 57;  // of the '=' of a call

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

// Reads a file line by line. The first mistake ends it.
class TraceParser {
 public:
  TraceParser(std::string_view text, std::string file, Completeness completeness)
      : text_(text), completeness_(completeness) {
    trace_.file = std::move(file);
    trace_.scenario.profile = Profiles().front();
  }

  std::variant<Trace, std::string> Parse() {
    if (text_.size() > kMaxTraceBytes) {
      return Error(1, "a file of at most " + std::to_string(kMaxTraceBytes) + " bytes");
    }
    if (text_.empty()) return Error(1, "a comment, the claim of the trace; found an empty file");
    std::size_t begin = 0;
    while (begin < text_.size()) {
      const std::size_t end = std::min(text_.find('\n', begin), text_.size());
      trace_.lines.emplace_back().calls = trace_.scenario.commands.size();
      if (!ParseLine(text_.substr(begin, end - begin))) return error_;
      begin = end + 1;
    }
    if (!has_topology_ || repeat_) {
      const char* missing = has_topology_ ? "the `end` of the repeat" : "a topology";
      trace_.lines.emplace_back();
      return Error(1, std::string(missing) + "; found the end of the file");
    }
    if (has_repeat_ && !HasRoom(trace_.scenario)) {
      return trace_.file + ":1:1: expected at most " + std::to_string(kMaxTraceSlots) +
             " slots of a chain or files, and " + std::to_string(kMaxTraceClaims) +
             " claims at one time; the repeats make more";
    }
    return std::move(trace_);
  }

 private:
  std::string Error(std::size_t column, const std::string& expected) {
    return trace_.file + ":" + std::to_string(std::max<std::size_t>(trace_.lines.size(), 1)) + ":" +
           std::to_string(column) + ": expected " + expected;
  }
  bool Fail(std::size_t column, const std::string& expected) {
    error_ = Error(column, expected);
    return false;
  }

  // Stores the value parsed from offset `at` of the line, or fails with the parser's error.
  template <typename T, typename Field>
  bool Store(std::size_t at, Parsed<T> parsed, Field& field) {
    if (const auto* error = std::get_if<TextError>(&parsed))
      return Fail(at + error->column, error->expected);
    field = std::get<T>(std::move(parsed));
    return true;
  }

  TraceLine& line() { return trace_.lines.back(); }

  bool ParseLine(std::string_view text) {
    if (text.size() > kMaxLineBytes)
      return Fail(1, "a line of at most " + std::to_string(kMaxLineBytes) + " bytes");
    if (!CheckCharacters(text)) return false;
    if (trace_.lines.size() == 1) return ParseClaim(text);

    // A comment starts at a '#' with a blank or nothing before it: "dev0:#1" has none.
    std::size_t end = 0;
    while (end < text.size() && !(text[end] == '#' && (end == 0 || IsBlank(text[end - 1])))) ++end;
    line().comment = text.substr(end);
    while (end > 0 && IsBlank(text[end - 1])) --end;
    std::size_t begin = 0;
    while (begin < end && IsBlank(text[begin])) ++begin;
    return begin == end || ParseStatement(text.substr(0, end), begin);
  }

  bool CheckCharacters(std::string_view text) {
    if (trace_.lines.size() == 1 && text.starts_with("\xef\xbb\xbf"))
      return Fail(1, "no byte order mark");
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto c = static_cast<unsigned char>(text[i]);
      if (c == '\r' && i + 1 == text.size())
        return Fail(i + 1, "a line that ends in LF, not in CR LF");
      if ((c < 0x20 && c != '\t') || c == 0x7f)
        return Fail(i + 1, "text; found a control character");
    }
    const std::size_t bad = FirstInvalidUtf8(text);
    if (bad != text.size()) return Fail(bad + 1, "UTF-8");
    const std::size_t hidden = FirstReordering(text);
    return hidden == text.size() ||
           Fail(hidden + 1, "text; found a character that reorders the line on a screen");
  }

  // Unicode's marks, embeddings, overrides and isolates of direction: with one of them a reader
  // sees another line than the parser.
  static std::size_t FirstReordering(std::string_view text) {
    std::size_t first = text.size();
    for (const std::string_view mark :
         {"\u061c", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066",
          "\u2067", "\u2068", "\u2069"}) {
      first = std::min(first, text.find(mark));
    }
    return first;
  }

  bool ParseClaim(std::string_view text) {
    line().comment = text;
    if (!text.starts_with('#')) return Fail(1, "a comment, the claim of the trace: # A sentence.");
    return !trace_.claim().empty() || Fail(text.size() + 1, "the claim of the trace, a sentence");
  }

  bool ParseStatement(std::string_view text, std::size_t begin) {
    std::size_t rest = begin;
    while (rest < text.size() && !IsBlank(text[rest])) ++rest;
    const std::string_view word = text.substr(begin, rest - begin);
    if (has_breaks_) return Fail(begin + 1, "the end of the trace after `breaks`");
    if (word == "profile") return ParseProfileLine(text, begin, rest);
    if (word == "topology") return ParseTopologyLine(text, begin, rest);
    if (!has_topology_)
      return Fail(begin + 1, has_profile_ ? "a topology" : "a profile or a topology");
    if (word == "repeat") return ParseRepeatLine(text, begin, rest);
    if (word == "end") return ParseEndLine(text, begin, rest);
    if (repeat_ && (word == "state" || word == "breaks"))
      return Fail(begin + 1, "a call or the `end` of the repeat");
    if (word == "state") return ParseStateLine(text, rest);
    if (word == "breaks") return ParseBreaksLine(text, rest);
    return ParseCallLine(text);
  }

  bool ParseProfileLine(std::string_view text, std::size_t begin, std::size_t rest) {
    if (has_profile_ || has_topology_)
      return Fail(begin + 1, "the profile once, before the topology");
    has_profile_ = true;
    line().kind = TraceLine::Kind::kProfile;
    return Store(rest, ParseProfile(text.substr(rest)), trace_.scenario.profile);
  }

  bool ParseTopologyLine(std::string_view text, std::size_t begin, std::size_t rest) {
    if (has_topology_) return Fail(begin + 1, "the topology once");
    has_topology_ = true;
    line().kind = TraceLine::Kind::kTopology;
    return Store(rest, ParseTopology(text.substr(rest)), trace_.scenario.topology);
  }

  bool ParseStateLine(std::string_view text, std::size_t rest) {
    line().kind = TraceLine::Kind::kState;
    line().column = rest + 2;
    if (rest == text.size() && completeness_ == Completeness::kToFillIn) return true;
    return Store(rest, ParseState(text.substr(rest), trace_.scenario.topology), line().claim);
  }

  bool ParseRepeatLine(std::string_view text, std::size_t begin, std::size_t rest) {
    if (repeat_) return Fail(begin + 1, "a call or the `end` of the repeat");
    while (rest < text.size() && IsBlank(text[rest])) ++rest;
    const std::string_view number = text.substr(rest);
    std::size_t turns = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), turns);
    if (error != std::errc() || end != number.data() + number.size() || number[0] == '0' ||
        turns < 2 || turns > kMaxRepeatedCalls) {
      return Fail(rest + 1, "a number of turns from 2 to " + std::to_string(kMaxRepeatedCalls));
    }
    line().kind = TraceLine::Kind::kRepeat;
    line().turns = turns;
    repeat_ = trace_.lines.size() - 1;
    has_repeat_ = true;
    return true;
  }

  bool ParseEndLine(std::string_view text, std::size_t begin, std::size_t rest) {
    if (!repeat_) return Fail(begin + 1, "a `repeat` before its `end`");
    if (rest != text.size()) return Fail(rest + 2, "no more here");
    std::vector<Command>& commands = trace_.scenario.commands;
    const std::size_t first = line().calls, turns = trace_.lines[*repeat_].turns;
    const std::size_t from = trace_.lines[*repeat_].calls, calls = first - from;
    if (calls == 0) return Fail(begin + 1, "a call in the repeat");
    if (calls * (turns - 1) > kMaxRepeatedCalls - std::min(first, kMaxRepeatedCalls)) {
      return Fail(begin + 1,
                  "at most " + std::to_string(kMaxRepeatedCalls) + " calls, all turns counted");
    }
    line().kind = TraceLine::Kind::kEnd;
    for (std::size_t at = *repeat_; at < trace_.lines.size(); ++at) {
      trace_.lines[at].turns = turns;
      trace_.lines[at].stride = calls;
    }
    commands.reserve(first + calls * (turns - 1));
    for (std::size_t more = calls * (turns - 1); more != 0; --more)
      commands.push_back(commands[commands.size() - calls]);
    repeat_.reset();
    return true;
  }

  bool ParseBreaksLine(std::string_view text, std::size_t rest) {
    while (rest < text.size() && IsBlank(text[rest])) ++rest;
    line().kind = TraceLine::Kind::kBreaks;
    line().column = rest + 1;
    has_breaks_ = true;
    for (const RuleInfo& info : Rules()) {
      if (info.id != text.substr(rest)) continue;
      line().rule = info.rule;
      return true;
    }
    return Fail(rest + 1, "a rule, R1 to R" + std::to_string(kRuleCount));
  }

  bool ParseCallLine(std::string_view text) {
    std::vector<Command>& commands = trace_.scenario.commands;
    if (written_calls_++ == kMaxTraceCalls)
      return Fail(1, "at most " + std::to_string(kMaxTraceCalls) + " calls");
    // The '=' of the outcome stands alone; that of an option does not.
    std::size_t equals = 1;
    while (equals < text.size() && !(text[equals] == '=' && IsBlank(text[equals - 1]) &&
                                     (equals + 1 == text.size() || IsBlank(text[equals + 1])))) {
      ++equals;
    }
    const std::string_view call = text.substr(0, equals);
    line().kind = TraceLine::Kind::kCall;
    Command command;
    if (!Store(0, ParseCommand(call, trace_.scenario.topology), command)) return false;
    commands.push_back(command);
    const bool has_outcome = equals + 1 < text.size();
    if (!has_outcome && completeness_ == Completeness::kToFillIn) return true;
    if (equals >= text.size()) return Fail(text.size() + 1, "= and the outcome of the call");
    std::size_t at = equals + 1;
    while (at < text.size() && IsBlank(text[at])) ++at;
    line().column = at + 1;
    return Store(at, ParseOutcome(text.substr(at), command.verb), line().outcome);
  }

  std::string_view text_;
  Completeness completeness_;
  Trace trace_;
  std::string error_;
  bool has_profile_ = false, has_topology_ = false, has_breaks_ = false, has_repeat_ = false;
  std::size_t written_calls_ = 0;
  std::optional<std::size_t> repeat_;  // the line of the `repeat` that has not ended
};

std::string PrintCall(const Command& command, const std::optional<Outcome>& outcome) {
  std::string text = PrintCommand(command);
  if (!outcome) return text;
  text.resize(std::max(text.size() + 1, kOutcomeColumn - 1), ' ');
  return text + "= " + PrintOutcome(*outcome);
}

std::string PrintStatement(const Trace& trace, const TraceLine& line) {
  const Scenario& scenario = trace.scenario;
  switch (line.kind) {
    case TraceLine::Kind::kComment: return {};
    case TraceLine::Kind::kProfile: return "profile " + PrintProfile(scenario.profile);
    case TraceLine::Kind::kTopology: {
      const std::string topology = PrintTopology(scenario.topology);
      return topology.empty() ? "topology" : "topology " + topology;
    }
    case TraceLine::Kind::kCall: {
      const char* indent = line.stride == 0 ? "" : "  ";
      return indent + PrintCall(scenario.commands[line.calls], line.outcome);
    }
    case TraceLine::Kind::kState:
      return line.claim ? "state " + PrintClaim(*line.claim, scenario.topology) : "state";
    case TraceLine::Kind::kRepeat: return "repeat " + std::to_string(line.turns);
    case TraceLine::Kind::kEnd: return "end";
    case TraceLine::Kind::kBreaks: return "breaks " + std::string(InfoOf(line.rule).id);
  }
  return {};
}

// The claim of the given sections about `state`. All sections are claimed if none is given, or if
// the given sections say nothing alone (`no-flb` of a state with an FLB).
StateClaim ClaimOf(const State& state, std::uint32_t sections, const Topology& topology) {
  const auto some =
      ParseState(PrintClaim({.state = state, .sections = sections}, topology), topology);
  if (const auto* claim = std::get_if<StateClaim>(&some);
      claim != nullptr && Satisfies(state, *claim, topology))
    return *claim;
  return std::get<StateClaim>(ParseState(PrintState(state, topology), topology));
}

// What a trace says of an outcome.
Outcome CallersViewOf(const Outcome& outcome) {
  Outcome view;
  view.kind = outcome.kind;
  view.warned = outcome.warned;
  view.error = outcome.error;
  return view;
}

std::vector<Outcome> OutcomesOf(const Scenario& scenario) {
  std::vector<Outcome> outcomes;
  State state = InitialState(scenario.topology);
  Outcome outcome;
  for (const Command& command : scenario.commands) {
    StepInPlace(scenario.topology, scenario.profile, state, command, outcome);
    outcomes.push_back(CallersViewOf(outcome));
  }
  return outcomes;
}

}  // namespace

std::string_view Trace::claim() const {
  if (lines.empty()) return {};
  std::string_view text = lines.front().comment;
  const std::size_t begin = text.find_first_not_of("# \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

std::variant<Trace, std::string> ParseTrace(std::string_view text, std::string file,
                                            Completeness completeness) {
  return TraceParser(text, std::move(file), completeness).Parse();
}

std::string PrintTrace(const Trace& trace) {
  std::string text;
  for (const TraceLine& line : trace.lines) {
    std::string statement = PrintStatement(trace, line);
    if (!statement.empty() && !line.comment.empty()) statement += "  ";
    text += statement + line.comment + "\n";
  }
  return text;
}

Trace MakeTrace(const Scenario& scenario, std::string_view claim) {
  Trace trace{.file = "trace", .scenario = scenario, .lines = {}};
  if (!claim.empty()) trace.lines.emplace_back().comment = "# " + std::string(claim);
  trace.lines.emplace_back().kind = TraceLine::Kind::kProfile;
  trace.lines.emplace_back().kind = TraceLine::Kind::kTopology;
  const std::vector<Outcome> outcomes = OutcomesOf(scenario);
  const auto add = [&trace](TraceLine::Kind kind, std::size_t calls, const Repeat& repeat) {
    TraceLine& line = trace.lines.emplace_back();
    line.kind = kind;
    line.calls = calls;
    line.turns = repeat.turns;
    line.stride = repeat.calls;
  };
  const auto add_call = [&](std::size_t call, const Repeat& repeat) {
    add(TraceLine::Kind::kCall, call, repeat);
    trace.lines.back().outcome = outcomes[call];
  };
  std::size_t call = 0;
  const auto same = [&](std::size_t a, std::size_t b) {
    return scenario.commands[a] == scenario.commands[b] && outcomes[a].kind == outcomes[b].kind &&
           outcomes[a].warned == outcomes[b].warned && outcomes[a].error == outcomes[b].error;
  };
  for (const Repeat& repeat : FindRepeats(scenario.commands.size(), same)) {
    for (; call < repeat.first; ++call) add_call(call, {call, 0, 1});
    add(TraceLine::Kind::kRepeat, call, repeat);
    for (; call < repeat.first + repeat.calls; ++call) add_call(call, repeat);
    add(TraceLine::Kind::kEnd, call, repeat);
    call = repeat.first + repeat.calls * repeat.turns;
  }
  for (; call < scenario.commands.size(); ++call) add_call(call, {call, 0, 1});
  return trace;
}

std::string PrintScenario(const Scenario& scenario, std::string_view claim) {
  return PrintTrace(MakeTrace(scenario, claim));
}

bool HasRoom(const Scenario& scenario) {
  State state = InitialState(scenario.topology);
  Outcome outcome;
  for (const Command& command : scenario.commands) {
    StepInPlace(scenario.topology, scenario.profile, state, command, outcome);
    const Flb& flb = state.flb;
    const auto claims = std::max_element(state.owner_claims.begin(), state.owner_claims.end());
    if (std::max({flb.iommus.size(), flb.domains.size(), flb.devices.size(),
                  std::size_t{state.files}}) > kMaxTraceSlots ||
        *claims > kMaxTraceClaims) {
      return false;
    }
  }
  return true;
}

void ForEachLine(const Trace& trace, const std::function<void(std::size_t, std::size_t)>& visit) {
  std::size_t repeat = 0, turn = 0;
  for (std::size_t i = 0; i < trace.lines.size(); ++i) {
    const TraceLine& line = trace.lines[i];
    if (line.kind == TraceLine::Kind::kRepeat) repeat = i;
    visit(i, turn);
    if (line.kind != TraceLine::Kind::kEnd) continue;
    if (++turn < line.turns) {
      i = repeat;
    } else {
      turn = 0;
    }
  }
}

void FillIn(Trace& trace) {
  const Scenario& scenario = trace.scenario;
  State state = InitialState(scenario.topology);
  Outcome outcome;
  ForEachLine(trace, [&](std::size_t i, std::size_t turn) {
    TraceLine& line = trace.lines[i];
    if (line.kind == TraceLine::Kind::kCall) {
      StepInPlace(scenario.topology, scenario.profile, state, scenario.commands[line.calls],
                  outcome);
      if (turn == 0) line.outcome = CallersViewOf(outcome);
    } else if (line.kind == TraceLine::Kind::kState) {
      line.claim = ClaimOf(state, line.claim ? line.claim->sections : 0, scenario.topology);
    }
  });
}

}  // namespace holdfast
