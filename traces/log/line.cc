#include "traces/log/line.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "traces/log/probes.h"

namespace holdfast {
namespace {

using Line = std::variant<LogEvent, TextError>;
constexpr std::string_view kBlanks = " \t", kDigits = "0123456789";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsBlank(char c) { return c == ' ' || c == '\t'; }

std::size_t SkipBlanks(std::string_view text, std::size_t at) {
  while (at < text.size() && IsBlank(text[at])) ++at;
  return at;
}

// The end of the run of characters that are no blanks.
std::size_t WordEnd(std::string_view text, std::size_t at) {
  while (at < text.size() && !IsBlank(text[at])) ++at;
  return at;
}

template <typename T>
bool TakeNumber(std::string_view text, std::size_t& at, T& number) {
  if (at >= text.size() || !IsDigit(text[at])) return false;
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), number);
  if (error != std::errc()) return false;
  at = static_cast<std::size_t>(end - text.data());
  return true;
}

// "0xffff8881", "18446612", "-16". Nothing: the tool could not read the value ("(fault)").
enum class Value : std::uint8_t { kNumber, kMissing, kMistake };
Value ParseValue(std::string_view text, std::uint64_t& number) {
  if (text.starts_with('(')) return Value::kMissing;
  const bool minus = text.starts_with('-');
  text.remove_prefix(minus);
  const bool hex = text.starts_with("0x");
  text.remove_prefix(hex ? 2 : 0);
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number, hex ? 16 : 10);
  if (parsed.ec != std::errc() || parsed.ptr != end) return Value::kMistake;
  if (minus) number = 0 - number;
  return Value::kNumber;
}

struct Key {
  std::string_view name;
  char kind;
};
constexpr Key kKeys[] = {{"domain", 'd'}, {"dev", 'v'}, {"iommu", 'i'}, {"ret", 'r'}};

// The key's meaning. `arg1` and `arg2` are what probes have that nobody has named.
char KindOf(std::string_view key, Probe probe, bool returns) {
  if (key.starts_with("arg") && key.size() == 4) {
    if (returns) return key[3] == '1' ? 'r' : '-';
    return key[3] == '1' ? ArgumentsOf(probe)[0] : key[3] == '2' ? ArgumentsOf(probe)[1] : '-';
  }
  for (const Key& known : kKeys) {
    if (known.name == key) return known.kind;
  }
  return '-';
}

// "domain=0xffff888103a5c000 dev=0xffff888100c3f0c0", from `at` to the end of the line.
std::optional<TextError> ParseArguments(std::string_view line, std::size_t at, LogEvent& event) {
  const bool returns = event.kind == LogEvent::Kind::kReturn;
  while ((at = SkipBlanks(line, at)) < line.size()) {
    const std::size_t end = WordEnd(line, at);
    const std::string_view word = line.substr(at, end - at);
    const std::size_t equals = word.find('=');
    const char kind =
        equals == word.npos ? '-' : KindOf(word.substr(0, equals), event.probe, returns);
    if (kind != '-' && returns == (kind == 'r')) {
      std::uint64_t number = 0;
      switch (ParseValue(word.substr(equals + 1), number)) {
        case Value::kMistake:
          return TextError{at + equals + 2, "a number, such as 0xffff888103a5c000 or -16"};
        case Value::kMissing: break;
        case Value::kNumber:
          if (kind == 'd') event.domain = number;
          if (kind == 'v') event.device = number;
          if (kind == 'i') event.iommu = number;
          // an int, whatever the width of the register that was printed
          if (kind == 'r') event.result = static_cast<std::int32_t>(number);
      }
    }
    at = end;
  }
  return std::nullopt;
}

bool RemoveEnd(std::string_view& text, std::string_view end) {
  if (text.size() <= end.size() || !text.ends_with(end)) return false;
  text.remove_suffix(end.size());
  return true;
}

// The function of an event that a user named, or that ftrace or perf named by itself. True: its
// return.
bool TakeFunction(std::string_view event, std::string_view& function) {
  function = event.substr(event.rfind(':') + 1);
  bool returns = false;
  if (function.starts_with("p_") || function.starts_with("r_")) {
    returns = function[0] == 'r';
    function.remove_prefix(2);
  }
  RemoveEnd(function, "_0");
  for (const std::string_view end : {"__return", "__exit", "_ret"})
    returns = RemoveEnd(function, end) || returns;
  RemoveEnd(function, "__entry");
  return returns;
}

// What ftrace and perf print of a probe: `EVENT: (place) key=value ...`. The place of a return is
// `(caller <- function)`, with symbols in ftrace and addresses in perf.
Line ParseProbe(std::string_view line, std::size_t at, LogEvent event) {
  const std::size_t name = at;
  while (at < line.size() && !(line[at] == ':' && (at + 1 == line.size() || IsBlank(line[at + 1]))))
    ++at;
  if (at == line.size() || at == name) return TextError{name + 1, "the name of an event and ':'"};
  std::string_view function;
  bool returns = TakeFunction(line.substr(name, at - name), function);
  at = SkipBlanks(line, at + 1);
  std::optional<Probe> probe = ProbeOf(function);
  if (at < line.size() && line[at] == '(') {
    const std::size_t close = line.find(')', at);
    if (close != line.npos) {
      std::string_view place = line.substr(at + 1, close - at - 1);
      if (const std::size_t arrow = place.find("<- "); arrow != place.npos) {
        returns = true;
        place.remove_prefix(arrow + 3);
      }
      // a module stands in brackets behind the symbol
      place = place.substr(0, place.find_first_of("+ \t"));
      if (const auto found = ProbeOf(place)) probe = found;
      at = close + 1;
    }
  }
  if (!probe) return event;
  event.kind = returns ? LogEvent::Kind::kReturn : LogEvent::Kind::kEntry;
  event.probe = *probe;
  if (const auto error = ParseArguments(line, at, event)) return *error;
  return event;
}

// `COMM-PID [CPU] FLAGS TIME: ` of ftrace, `COMM PID/TID [CPU] TIME: ` of perf. A name may hold
// blanks, brackets and dashes, so the CPU is looked for. Returns where the event begins; 0: no such
// line. `error` is where the line stops to be one.
std::size_t TakePrefix(std::string_view line, LogFormat& format, LogEvent& event,
                       std::size_t& error) {
  for (std::size_t open = line.find(" ["); open != line.npos; open = line.find(" [", open + 1)) {
    std::size_t at = open + 2;
    if (!TakeNumber(line, at, event.cpu) || at >= line.size() || line[at] != ']') continue;
    std::size_t end = line.find_last_not_of(kBlanks, open) + 1;
    if (end == 0) continue;
    if (line[end - 1] == ')') {  // ftrace, with record-tgid: `COMM-PID (TGID) [CPU]`
      const std::size_t bracket = line.rfind('(', end - 1);
      if (bracket == line.npos || bracket == 0) continue;
      end = line.find_last_not_of(kBlanks, bracket - 1) + 1;
      if (end == 0) continue;
    }
    const std::size_t digits = line.find_last_not_of(kDigits, end - 1);
    if (digits == line.npos || digits + 1 == end) continue;
    std::size_t pid = digits + 1;
    if (!TakeNumber(line, pid, event.task)) continue;
    const bool slash = line[digits] == '/';
    if (line[digits] != '-' && !slash && !IsBlank(line[digits])) continue;
    format = line[digits] == '-' ? LogFormat::kTraceCmd : LogFormat::kPerf;
    at = SkipBlanks(line, at + 1);
    // the latency flags of ftrace: "d..1."
    if (at < line.size() && !IsDigit(line[at])) at = SkipBlanks(line, WordEnd(line, at));
    // flags that begin with a digit do not exist; a time has a point
    std::uint64_t seconds = 0, fraction = 0;
    error = at;
    if (!TakeNumber(line, at, seconds) || at >= line.size() || line[at] != '.') continue;
    if (!TakeNumber(line, ++at, fraction) || at >= line.size() || line[at] != ':') continue;
    at = SkipBlanks(line, at + 1);
    // perf: the period of an event that is sampled
    const std::size_t word = WordEnd(line, at);
    if (word > at && std::all_of(line.begin() + static_cast<std::ptrdiff_t>(at),
                                 line.begin() + static_cast<std::ptrdiff_t>(word), IsDigit)) {
      at = SkipBlanks(line, word);
    }
    error = at;
    return at;
  }
  return 0;
}

// `holdfast CPU TID NSECS > FUNCTION key=value ...`, with `<` for a return.
Line ParseBpftrace(std::string_view line, std::size_t at) {
  LogEvent event;
  std::uint64_t time = 0;
  at = SkipBlanks(line, at);
  if (!TakeNumber(line, at, event.cpu)) return TextError{at + 1, "the number of a CPU"};
  at = SkipBlanks(line, at);
  if (!TakeNumber(line, at, event.task)) return TextError{at + 1, "the number of a task"};
  at = SkipBlanks(line, at);
  if (!TakeNumber(line, at, time)) return TextError{at + 1, "a time in nanoseconds"};
  at = SkipBlanks(line, at);
  if (at >= line.size() || (line[at] != '>' && line[at] != '<'))
    return TextError{at + 1, "'>' for an entry or '<' for a return"};
  const bool returns = line[at] == '<';
  at = SkipBlanks(line, at + 1);
  const std::size_t end = WordEnd(line, at);
  if (end == at) return TextError{at + 1, "the name of a function"};
  const std::optional<Probe> probe = ProbeOf(line.substr(at, end - at));
  if (!probe) return event;
  event.kind = returns ? LogEvent::Kind::kReturn : LogEvent::Kind::kEntry;
  event.probe = *probe;
  if (const auto error = ParseArguments(line, end, event)) return *error;
  return event;
}

// The tools' words for events that are missing.
//   ftrace     CPU:2 [LOST 12 EVENTS]
//   trace-cmd  CPU:7 [204600 EVENTS DROPPED], CPU:7 [EVENTS DROPPED]
//   bpftrace   Lost 12 events
bool TakeLost(std::string_view line, LogEvent& event, LogFormat& format) {
  std::size_t at = SkipBlanks(line, 0);
  const std::string_view text = line.substr(at);
  const bool lost = text.find("[LOST ") != text.npos || text.find("EVENTS DROPPED]") != text.npos;
  if (text.starts_with("CPU:") && lost) {
    at += 4;
    if (!TakeNumber(line, at, event.cpu)) event.cpu = kAnyCpu;
    format = LogFormat::kTraceCmd;
  } else if (text.find("Lost ") != text.npos && text.ends_with(" events") &&
             text.find(" [") == text.npos) {
    format = LogFormat::kBpftrace;
  } else {
    return false;
  }
  event.kind = LogEvent::Kind::kLost;
  return true;
}

// What the tools print besides events: comments, the headers of trace-cmd, the stack of an event.
bool IsBetween(std::string_view line) {
  const std::size_t at = SkipBlanks(line, 0);
  const std::string_view text = line.substr(at);
  if (text.empty() || text.starts_with('#') || text.starts_with("=>")) return true;
  if (text.starts_with("version = ") || text.starts_with("cpus=")) return true;
  if (text.starts_with("CPU ") && text.ends_with(" is empty")) return true;
  if (text.starts_with("Attach") && text.find(" probe") != text.npos) return true;
  // perf's call chain: an address, indented by a tab or by blanks
  return at > 0 && text.size() > 8 && text.substr(0, WordEnd(text, 0)).size() >= 8 &&
         text.find_first_not_of("0123456789abcdef") == WordEnd(text, 0);
}

// True if the line may be of `found`.
bool Agree(LogFormat found, LogFormat& format) {
  if (format == LogFormat::kUnknown) format = found;
  return format == found;
}

TextError Mixed(LogFormat format) {
  return {1, "a line of " + std::string(LogFormatName(format)) + ", as the lines before"};
}

}  // namespace

std::string_view LogFormatName(LogFormat format) {
  switch (format) {
    case LogFormat::kUnknown: return "unknown";
    case LogFormat::kTraceCmd: return "trace-cmd report";
    case LogFormat::kPerf: return "perf script";
    case LogFormat::kBpftrace: return "bpftrace";
  }
  return "";
}

std::variant<LogEvent, TextError> ParseLogLine(std::string_view line, LogFormat& format) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto byte = static_cast<unsigned char>(line[i]);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f) return TextError{i + 1, "text"};
  }
  LogEvent event;
  LogFormat found = LogFormat::kUnknown;
  if (TakeLost(line, event, found)) return Agree(found, format) ? Line(event) : Line(Mixed(format));
  if (IsBetween(line)) return event;
  if (line.starts_with("holdfast ")) {
    const Line parsed = ParseBpftrace(line, 9);
    if (std::holds_alternative<TextError>(parsed)) return parsed;
    return Agree(LogFormat::kBpftrace, format) ? parsed : Line(Mixed(format));
  }
  std::size_t error = 0;
  const std::size_t at = TakePrefix(line, found, event, error);
  if (at == 0) {
    return TextError{error + 1, error == 0 ? "an event of trace-cmd report, perf script or bpftrace"
                                           : "a time, such as 1234.567890:"};
  }
  if (!Agree(found, format)) return Mixed(format);
  constexpr std::string_view kPerfLost = "PERF_RECORD_LOST";
  if (format == LogFormat::kPerf && line.substr(at).starts_with(kPerfLost)) {
    event.kind = LogEvent::Kind::kLost;
    return event;
  }
  return ParseProbe(line, at, event);
}

}  // namespace holdfast
