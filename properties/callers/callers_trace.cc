#include "properties/callers/callers_trace.h"

#include <algorithm>
#include <array>
#include <optional>

#include "model/text/scanner.h"
#include "model/text/text.h"

namespace holdfast {
namespace {

constexpr std::string_view kCaller = "caller";
constexpr std::string_view kSwitches = "switches";

// The first word of the line, after its blanks.
bool StartsWith(std::string_view line, std::string_view word) {
  Scanner scanner(line);
  scanner.SkipBlanks();
  return scanner.PeekWord() == word;
}

// Where the first line of a caller starts, or the end of the text.
std::size_t StartOfCallers(std::string_view text) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    if (StartsWith(line, kCaller) || StartsWith(line, kSwitches)) return begin;
    begin = end + 1;
  }
  return text.size();
}

class CallersParser {
 public:
  explicit CallersParser(CallersTrace& trace) : trace_(trace) {}

  // Neither a comment nor a blank line: printing would lose it.
  std::optional<TextError> ParseLine(std::string_view line) {
    Scanner scanner(line);
    scanner.SkipBlanks();
    if (!trace_.switches.empty()) {
      scanner.Fail("the end of the trace after `switches`");
    } else if (scanner.TakeIf(kCaller)) {
      return ParseCall(line, scanner);
    } else if (scanner.TakeIf(kSwitches)) {
      ParseSwitches(scanner);
    } else {
      scanner.Fail("a call of a caller, or `switches`");
    }
    return scanner.failed() ? std::optional(scanner.error()) : std::nullopt;
  }

 private:
  static bool TakeCaller(Scanner& scanner, std::uint8_t& caller) {
    const char name = scanner.Peek();
    if (name < 'a' || name >= 'a' + kMaxCallers)
      return scanner.Fail("a caller, a to " + std::string(1, 'a' + kMaxCallers - 1));
    caller = static_cast<std::uint8_t>(name - 'a');
    scanner.Skip();
    return true;
  }

  std::optional<TextError> ParseCall(std::string_view line, Scanner& scanner) {
    std::uint8_t caller = 0;
    if (!scanner.TakeGap() || !TakeCaller(scanner, caller) || !scanner.Take(':'))
      return scanner.error();
    const std::size_t at = scanner.at();
    auto parsed = ParseCommand(line.substr(at), trace_.before.scenario.topology);
    if (auto* error = std::get_if<TextError>(&parsed)) {
      error->column += at;
      return *error;
    }
    const Command command = std::get<Command>(parsed);
    if (command.verb == Verb::kKexec) {
      scanner.Fail("a call that leaves the other callers their kernel; found kexec");
      return scanner.error();
    }
    if (trace_.calls.size() == kMaxTraceCalls) {
      scanner.Fail("at most " + std::to_string(kMaxTraceCalls) + " calls");
      return scanner.error();
    }
    trace_.calls.emplace_back(caller, command);
    return std::nullopt;
  }

  bool ParseSwitches(Scanner& scanner) {
    for (std::optional<Move> last; scanner.SkipBlanks() && !scanner.AtEnd();) {
      const std::size_t at = scanner.at();
      Move move;
      std::uint64_t moves = 1, stops_before = 0;
      if (!TakeCaller(scanner, move.caller)) return false;
      const bool calls = std::ranges::any_of(
          trace_.calls, [&](const auto& call) { return call.first == move.caller; });
      if (!calls) return scanner.FailAt(at, "a caller with a call");
      if (scanner.TakeIf('*')) {
        if (!scanner.TakeNumber(2, kMaxMoves, "a number of moves", moves)) return false;
      } else if (scanner.TakeIf('~') && !scanner.TakeNumber(1, Callers::kMostAccesses,
                                                            "a number of accesses", stops_before)) {
        return false;
      }
      move.stops_before = static_cast<std::uint32_t>(stops_before);
      if (move.stops_before == 0 && last == move)
        return scanner.FailAt(at, "another caller than in the item before");
      if (trace_.switches.size() + moves > kMaxMoves)
        return scanner.FailAt(at, "at most " + std::to_string(kMaxMoves) + " moves");
      trace_.switches.insert(trace_.switches.end(), moves, move);
      last = move;
    }
    if (!scanner.AtEnd()) return scanner.Fail("a blank between two items");
    return !trace_.switches.empty() || scanner.Fail("who runs, such as a*2 b");
  }

  CallersTrace& trace_;
};

}  // namespace

bool HasCallers(std::string_view text) { return StartOfCallers(text) != text.size(); }

std::variant<CallersTrace, std::string> ParseCallersTrace(std::string_view text, std::string file) {
  const std::size_t start = StartOfCallers(text);
  auto before = ParseTrace(text.substr(0, start), file);
  if (auto* error = std::get_if<std::string>(&before)) return std::move(*error);
  CallersTrace trace = {std::move(std::get<Trace>(before)), {}, {}};
  CallersParser parser(trace);
  std::size_t number = trace.before.lines.size();
  const auto failed = [&file, &number](std::size_t column, const std::string& expected) {
    return file + ":" + std::to_string(number) + ":" + std::to_string(column) + ": expected " +
           expected;
  };
  for (std::size_t begin = start; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    ++number;
    if (end - begin > kMaxLineBytes)
      return failed(1, "a line of at most " + std::to_string(kMaxLineBytes) + " bytes");
    if (const auto error = parser.ParseLine(text.substr(begin, end - begin)))
      return failed(error->column, error->expected);
    begin = end + 1;
  }
  ++number;
  if (trace.switches.empty()) return failed(1, "`switches`; found the end of the file");
  return trace;
}

std::string PrintCallersTrace(const CallersTrace& trace) {
  std::string text = PrintTrace(trace.before);
  for (const auto& [caller, command] : trace.calls) {
    text += std::string(kCaller) + " " + static_cast<char>('a' + caller) + ": " +
            PrintCommand(command) + "\n";
  }
  text += kSwitches;
  for (std::size_t at = 0; at < trace.switches.size();) {
    const Move& move = trace.switches[at];
    std::size_t end = at + 1;
    text += ' ';
    text += static_cast<char>('a' + move.caller);
    if (move.stops_before != 0) {
      text += "~" + std::to_string(move.stops_before);
    } else {
      while (end < trace.switches.size() && trace.switches[end] == move) ++end;
      if (end - at > 1) text += "*" + std::to_string(end - at);
    }
    at = end;
  }
  return text + "\n";
}

CallersTrace MakeCallersTrace(const Schedule& schedule, std::string_view claim) {
  CallersTrace trace;
  trace.before = MakeTrace({schedule.profile, schedule.topology, schedule.setup}, claim);
  for (const Move& move : schedule.moves) {
    trace.switches.push_back({.caller = move.caller, .stops_before = move.stops_before});
    if (move.begins) trace.calls.emplace_back(move.caller, *move.begins);
  }
  return trace;
}

std::variant<std::optional<Race>, std::string> RunCallersTrace(Sut& sut,
                                                               const CallersTrace& trace) {
  const Scenario& before = trace.before.scenario;
  Race race;
  race.schedule = {before.profile, before.topology, before.commands, {}};
  Together together(sut);
  if (!together.Begin(race.schedule)) {
    return trace.before.file + ": " + sut.name() +
           " differs from the model before the callers begin; replay that part alone";
  }
  std::array<std::vector<Command>, kMaxCallers> left;  // last first
  for (const auto& [caller, command] : trace.calls) left[caller].push_back(command);
  for (auto& commands : left) std::ranges::reverse(commands);
  // False: the caller cannot move, or there is a race.
  const auto make = [&](Move next) {
    if (!together.under_way(next.caller)) {
      if (left[next.caller].empty()) return false;
      next.begins = left[next.caller].back();
    }
    if (!together.Can(next)) return false;
    if (next.begins) left[next.caller].pop_back();
    race.schedule.moves.push_back(next);
    return together.Run(next);
  };
  for (const Move& move : trace.switches) make(move);
  for (std::size_t moves = 0; moves < kMaxMoves; ++moves) {
    std::uint8_t caller = 0;
    while (caller < kMaxCallers && !make({.caller = caller})) ++caller;
    if (caller == kMaxCallers) break;
  }
  if (!together.verdict()) return std::optional<Race>();
  race.verdict = *together.verdict();
  return std::optional(std::move(race));
}

}  // namespace holdfast
