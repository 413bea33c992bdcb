#include "cli/report/race.h"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "model/rules/rules.h"
#include "model/text/numbers.h"
#include "model/text/text.h"
#include "model/text/trace_file.h"
#include "properties/callers/callers_trace.h"
#include "properties/callers/describe.h"
#include "properties/lockstep/counterexample.h"
#include "properties/shrink/minimize.h"

namespace holdfast {
namespace {

// What the search knows of shorter races (FindRace).
constexpr std::string_view kShortest = "no race of fewer calls was found";

std::string CallsAndPreemptions(const Race& race) {
  return fmt::format("{} of callers at once, {}", Count(race.verdict.calls.size(), "call"),
                     Count(static_cast<std::uint64_t>(race.verdict.preemptions), "preemption"));
}

}  // namespace

RaceText TellRace(const Race& race, const std::string& sut_name) {
  const RuleInfo& info = InfoOf(race.verdict.rule);
  const std::string claim = fmt::format("{} breaks {} {}.", sut_name, info.id, info.name);
  return {.trace = PrintCallersTrace(MakeCallersTrace(race.schedule, claim)),
          .report = Describe(race),
          .replay = ""};
}

void KeepRace(RaceText& race, const std::string& out, const std::string& sut) {
  const std::string directory = out.empty() ? DefaultOutputDirectory() : out;
  std::error_code ignored;
  std::filesystem::create_directories(directory, ignored);
  const std::string file = directory + "/callers.trace";
  if (const std::string error = WriteFileAtomically(file, race.trace); !error.empty())
    fmt::print(stderr, "holdfast: {}\n", error);
  race.replay = ReplayCommand(file, sut, /*hardened=*/false);
}

std::string SummaryOf(const Race& race) {
  const RuleInfo& info = InfoOf(race.verdict.rule);
  return fmt::format("{} {}, {}", info.id, info.name, CallsAndPreemptions(race));
}

std::string PrintRace(const Race& race, const RaceText& text, std::string_view origin) {
  const RuleInfo& info = InfoOf(race.verdict.rule);
  return fmt::format(
      "divergence: {}\n"
      "rule {} {}: {} (docs/model.md, \"The rules\")\n\n"
      "trace ({}; {}):\n{}\n{}{}",
      origin, info.id, info.name, info.statement, CallsAndPreemptions(race), kShortest,
      Indented(text.trace), Indented(text.report),
      text.replay.empty() ? "" : fmt::format("\nreplay: {}\n", text.replay));
}

Json DivergenceOf(const Race& race, const RaceText& text, std::string_view origin) {
  Json rules = Json::array();
  for (const RuleInfo& info : Rules()) {
    if (race.verdict.rules & RuleBit(info.rule)) rules.push_back(info.id);
  }
  return {{"origin", origin},
          {"rule", InfoOf(race.verdict.rule).id},
          {"rules", rules},
          {"failing_trace", text.trace},
          {"shrunk_trace", text.trace},
          {"shortest", kShortest},
          {"report", text.report},
          {"replay", text.replay}};
}

}  // namespace holdfast
