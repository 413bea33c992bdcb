#include "cli/report/ktap.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "model/text/numbers.h"

namespace holdfast {
namespace {

struct Result {
  bool passed = true;
  std::string name;
  std::string note = {};         // behind the "#" of the result line
  std::string diagnostics = {};  // whole lines
};

// A name may be any words, but a "#" ends it.
std::string Words(std::string_view text) {
  std::string words(text);
  for (char& c : words) {
    if (c == '#' || std::iscntrl(static_cast<unsigned char>(c))) c = '_';
  }
  return words;
}

// Each line behind `prefix`, and no blank at the end of a line.
std::string Prefixed(std::string_view text, std::string_view prefix) {
  std::string lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string line = std::string(prefix) + std::string(text.substr(0, end));
    line.erase(line.find_last_not_of(" \t\r") + 1);
    lines += line + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string Print(const Result& result, std::size_t number) {
  return fmt::format("{}{} {} {}{}\n", Prefixed(result.diagnostics, "# "),
                     result.passed ? "ok" : "not ok", number, Words(result.name),
                     result.note.empty() ? "" : " # " + Words(result.note));
}

std::string PrintAll(const std::vector<Result>& results) {
  std::string text = fmt::format("KTAP version 1\n1..{}\n", results.size());
  for (std::size_t i = 0; i < results.size(); ++i) text += Print(results[i], i + 1);
  return text;
}

std::string PrintDivergence(const Json& divergence) {
  std::string text = fmt::format(
      "{}\n{}shortest: {}\n", divergence["shrunk_trace"].get<std::string>(),
      divergence["report"].get<std::string>(), divergence["shortest"].get<std::string>());
  const std::string replay = divergence["replay"];
  return replay.empty() ? text : text + "replay: " + replay + "\n";
}

Result ResultOf(const Json& part, const Json& report) {
  Result result = {.name = part["name"]};
  const std::string verdict = part["verdict"];
  if (verdict == "diverges") {
    result.passed = false;
    result.diagnostics = PrintDivergence(report["divergence"]);
  } else if (verdict == "not checked") {
    result.note = fmt::format("SKIP {}", part.value("why", ""));
  } else if (verdict == "not finished") {
    result.note =
        fmt::format("not finished: {} of {} {}s", Grouped(part["cases"].get<std::uint64_t>()),
                    part.contains("total") ? Grouped(part["total"].get<std::uint64_t>()) : "?",
                    part["unit"].get<std::string>());
  }
  return result;
}

// A hazard is no failure, but its reader wants to know of it.
std::string PrintHazards(const Json& report) {
  std::string text;
  for (const Json& hazard : report["hazards"]) {
    text += fmt::format("hazard {} {}:", hazard["rule"].get<std::string>(),
                        hazard["clauses"].get<std::string>());
    for (const Json& command : hazard["commands"]) text += " " + command.get<std::string>() + ";";
    text.back() = '\n';
  }
  return text;
}

Result RunAsTest(const Json& report, std::vector<Result>& parts) {
  for (const Json& part : report["parts"]) parts.push_back(ResultOf(part, report));
  const std::string verdict = report["verdict"];
  Result run = {.passed = verdict.starts_with("conforms"),
                .name = fmt::format("{} profile {}", report["sut"].get<std::string>(),
                                    report["profile"].get<std::string>()),
                .diagnostics = PrintHazards(report)};
  const bool told = std::ranges::any_of(parts, [](const Result& part) { return !part.passed; });
  if (report.contains("divergence") && !told)
    run.diagnostics += PrintDivergence(report["divergence"]);
  if (verdict == "interrupted") run.note = "ERROR interrupted";
  return run;
}

Result ReplayAsTest(const Json& report, std::vector<Result>& traces) {
  for (const Json& trace : report["traces"]) {
    traces.push_back({.passed = trace["verdict"] == "conforms",
                      .name = trace["file"],
                      .diagnostics = trace["report"]});
  }
  return {.passed = report["verdict"] == "conforms", .name = report["command"]};
}

}  // namespace

std::string PrintKtap(const Json& report) {
  std::vector<Result> subtests;
  const Result test =
      report["command"] == "run" ? RunAsTest(report, subtests) : ReplayAsTest(report, subtests);
  return "KTAP version 1\n1..1\n" + Prefixed(PrintAll(subtests), "  ") + Print(test, 1);
}

}  // namespace holdfast
