// `holdfast check-log`: a log of a real kernel, held against the model.

#include <cstdio>
#include <memory>
#include <string>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/commands.h"
#include "cli/input.h"
#include "model/text/numbers.h"
#include "model/text/text.h"
#include "model/text/trace.h"
#include "model/text/trace_file.h"
#include "traces/log/checker.h"
#include "traces/log/probes.h"
#include "traces/log/reader.h"

namespace holdfast {
namespace {

struct Options {
  std::string file, profile = "v3", probes, trace, json;
  bool fresh = false;
};

Profile ProfileOf(const std::string& text) {
  const auto parsed = ParseProfile(text);
  if (const auto* error = std::get_if<TextError>(&parsed))
    throw BadArgument("--profile", text, error->expected);
  return std::get<Profile>(parsed);
}

int PrintProbes(const std::string& tool) {
  if (tool != "ftrace" && tool != "bpftrace")
    throw BadArgument("--probes", tool, "ftrace or bpftrace");
  fmt::print("{}", tool == "ftrace" ? kFtraceProbes : kBpftraceProbes);
  return kConforms;
}

// "R4 R9", "R4 unique"
std::string RulesOf(RuleSet broken) {
  std::string text;
  for (const RuleInfo& rule : Rules()) {
    if (broken & RuleBit(rule.rule))
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", rule.id, rule.name);
  }
  return text;
}

int Run(const Options& options) {
  if (!options.probes.empty()) {
    if (!options.file.empty()) throw BadArgument("--probes", options.probes, "no log beside it");
    return PrintProbes(options.probes);
  }
  if (options.file.empty()) {
    fmt::print(stderr, "holdfast: FILE: expected a log, or --probes=ftrace|bpftrace\n");
    return kBadInput;
  }
  const Profile profile = ProfileOf(options.profile);
  LogReader reader(options.file);
  Ways ways(profile);
  LogChecker checker(ways, options.fresh);
  for (LogEvent event; reader.Next(event);) checker.Enter(event, reader.line());
  if (!reader.error().empty()) {
    fmt::print(stderr, "{}\n", reader.error());
    return kBadInput;
  }
  checker.Finish(reader.line());
  const LogChecker::Counts& counts = checker.counts();
  if (counts.calls == 0) {
    fmt::print(stderr,
               "{}:1:1: expected a call of a probed function, such as iommu_preserve_device\n",
               options.file);
    return kBadInput;
  }

  const std::string left_open = fmt::format(
      "{} of {} calls checked; left open: {} gaps, {} overlaps, {} returns missing, "
      "{} calls cut by a gap, {} times too many states",
      counts.checked, counts.calls, counts.gaps, counts.overlaps, counts.unreturned, counts.orphans,
      counts.cuts);
  Json report = JsonReport("check-log");
  report.update({{"file", options.file},
                 {"profile", PrintProfile(profile)},
                 {"log_format", std::string(LogFormatName(reader.format()))},
                 {"events", counts.events},
                 {"calls", counts.calls},
                 {"checked", counts.checked},
                 {"left_open",
                  {{"gaps", counts.gaps},
                   {"overlaps", counts.overlaps},
                   {"unreturned", counts.unreturned},
                   {"orphans", counts.orphans},
                   {"cuts", counts.cuts}}}});
  Json hazards = Json::array();
  for (const LogChecker::Hazard& hazard : checker.hazards()) {
    const std::string what = hazard.broken == 0 ? "the model crashes" : RulesOf(hazard.broken);
    fmt::print("{}:{}: hazard: {}: {}\n", options.file, hazard.line, hazard.call, what);
    hazards.push_back({{"line", hazard.line}, {"call", hazard.call}, {"report", what}});
  }
  report["hazards"] = std::move(hazards);
  fmt::print("{}\n", left_open);
  const auto& divergence = checker.divergence();
  report["verdict"] = divergence ? "diverges" : "conforms";
  if (!divergence) {
    const int written = WithJson(options.json, report, kConforms);
    if (written == kConforms)
      fmt::print("verdict: the log is a run of the model, profile {}\n", PrintProfile(profile));
    return written;
  }
  fmt::print("{}:{}: no state of the model allows this line of {}; allowed there:\n", options.file,
             divergence->line, divergence->call);
  for (const std::string& allowed : divergence->allowed) fmt::print("  {}\n", allowed);
  Json found = {
      {"line", divergence->line}, {"call", divergence->call}, {"allowed", divergence->allowed}};
  if (divergence->scenario) {
    const std::string trace =
        PrintScenario(*divergence->scenario,
                      fmt::format("The model's answer where line {} of a log has another one.",
                                  divergence->line));
    found["trace"] = trace;
    if (options.trace.empty()) {
      fmt::print("the model's answer in a small world, as a trace:\n{}", trace);
    } else if (const std::string error = WriteFileAtomically(options.trace, trace);
               !error.empty()) {
      fmt::print(stderr, "holdfast: {}\n", error);
      return kBadInput;
    } else {
      fmt::print("trace: {}\n", options.trace);
    }
  }
  report["divergence"] = std::move(found);
  const int written = WithJson(options.json, report, kDiverges);
  if (written == kDiverges)
    fmt::print("verdict: diverges from profile {} at {}:{}\n", PrintProfile(profile), options.file,
               divergence->line);
  return written;
}

}  // namespace

void AddCheckLog(CommandLine& line) {
  const Subcommand command =
      line.Add("check-log", "Hold a log of a real kernel against the model (docs/check-log.md)",
               "Example: holdfast check-log trace.txt --profile=v5\n"
               "holdfast check-log --probes=ftrace >probes\n"
               "Exit status: 0 the log is a run of the model, 1 it is none, 2 bad usage or input.");
  auto options = std::make_shared<Options>();
  command.Text("file", options->file, "as trace-cmd report, perf script or probes.bt print",
               "FILE");
  command.Text("--profile", options->profile, "the version of the kernel's code",
               "\"NAME ANSWERS\"");
  command.Flag("--fresh", options->fresh,
               "nothing is preserved where the log begins; else nothing is known there");
  command.Text("--trace", options->trace, "write the model's answer at a divergence there",
               "FILE.trace");
  command.Text("--probes", options->probes, "print the probe definitions, and no more",
               "ftrace|bpftrace");
  AddJson(command, options->json);
  command.Runs([options] { return Run(*options); });
}

}  // namespace holdfast
