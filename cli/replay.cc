// `holdfast replay` and `holdfast rewrite`: traces against an implementation.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/callers/concurrent.h"
#include "cli/input.h"
#include "cli/report/ktap.h"
#include "cli/report/timeline.h"
#include "cli/select_sut.h"
#include "model/text/numbers.h"
#include "model/text/text.h"
#include "properties/lockstep/deadline.h"
#include "properties/lockstep/runner.h"
#include "sut/module.h"
#include "sut/shipped.h"
#include "traces/replay.h"
#include "model/text/trace_file.h"

namespace holdfast {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string sut, json, html;
  bool hardened = false, hazards = false, in_process = false, ktap = false;
  double seconds = 50;
};

// The implementations in use, by name; without a name, the built-in one of a trace's profile.
class Suts {
 public:
  Sut* Get(const std::string& name, const Profile& profile) {
    const Loaded* loaded = Find(name, profile);
    return loaded ? loaded->module.sut.get() : nullptr;
  }
  // For the trace of callers at once.
  Sut* GetForCallers(const std::string& name, const Profile& profile) {
    Loaded* loaded = Find(name, profile);
    if (!loaded) return nullptr;
    if (!loaded->for_callers) loaded->for_callers.emplace(loaded->module);
    return &**loaded->for_callers;
  }

 private:
  struct Loaded {
    Module module;
    std::optional<SutForCallers> for_callers = std::nullopt;
  };

  Loaded* Find(const std::string& name_or_none, const Profile& profile) {
    const std::string name = name_or_none.empty() ? BuiltinFor(profile) : name_or_none;
    if (const auto known = suts_.find(name); known != suts_.end()) return &known->second;
    auto module = LoadSut(name);
    if (const std::string* error = std::get_if<std::string>(&module)) {
      fmt::print(stderr, "{}\n", *error);
      return nullptr;
    }
    return &suts_.emplace(name, Loaded{std::move(std::get<Module>(module))}).first->second;
  }

  std::map<std::string, Loaded> suts_;
};

int ExitCodeOf(ReplayResult::Verdict verdict) {
  switch (verdict) {
    case ReplayResult::Verdict::kConforms: return kConforms;
    case ReplayResult::Verdict::kDiverges: return kDiverges;
    case ReplayResult::Verdict::kMistaken: return kBadInput;
  }
  return kHarnessFailed;
}

// The implementations and profiles that traces were held against, each once: "core.v3 profile v3".
using Subjects = std::set<std::string>;

std::string Verdict(int traces, int conforming, const Subjects& subjects, bool rewrite) {
  const bool conforms = conforming == traces;
  return fmt::format("verdict: {} {}: {}{}\n", conforms ? "conforms" : "diverges",
                     fmt::join(subjects, ", "),
                     conforms ? Count(static_cast<std::uint64_t>(traces), "trace")
                              : fmt::format("{} of {}", traces - conforming,
                                            Count(static_cast<std::uint64_t>(traces), "trace")),
                     rewrite ? " rewritten" : "");
}

// Every file is replayed. The worst result gives the status. There is a verdict only if each file
// could be read and says what the model says.
int ForEachFile(const Options& options, bool rewrite) {
  Suts suts;
  const ReplayOptions replay = {
      .hardened = options.hardened,
      .where = options.in_process ? Runner::Where::kHere : Runner::Where::kInChild,
      .sut = options.sut,
      .deadline = options.seconds > 0 ? Deadline::In(options.seconds) : Deadline()};
  int status = kConforms;
  int conforming = 0;
  Subjects subjects;
  Json report = JsonReport(rewrite ? "rewrite" : "replay");
  Json traces = Json::array();
  Timelines timelines;
  for (const std::string& file : options.files) {
    if (const auto callers = ReadCallersTrace(file)) {
      if (const std::string* error = std::get_if<std::string>(&*callers)) {
        fmt::print(stderr, "{}\n", *error);
        status = kBadInput;
        continue;
      }
      if (rewrite || options.hazards) {
        fmt::print(stderr, "{}:1:1: expected a trace of one caller\n", file);
        status = kBadInput;
        continue;
      }
      const auto& trace = std::get<CallersTrace>(*callers);
      Sut* sut = suts.GetForCallers(options.sut, trace.before.scenario.profile);
      if (sut == nullptr) return kBadInput;
      if (options.ktap) throw BadArgument("--ktap", file, "traces of one caller");
      const int code = ReplayCallers(*sut, trace);
      conforming += code == kConforms;
      subjects.insert(sut->name() + " profile " + PrintProfile(trace.before.scenario.profile));
      status = std::max(status, code);
      continue;
    }
    auto read = ReadTrace(file, rewrite ? Completeness::kToFillIn : Completeness::kComplete);
    if (const std::string* error = std::get_if<std::string>(&read)) {
      fmt::print(stderr, "{}\n", *error);
      status = kBadInput;
      continue;
    }
    const Trace& trace = std::get<Trace>(read);
    Sut* sut = suts.Get(options.sut, trace.scenario.profile);
    if (sut == nullptr) return kBadInput;
    const ReplayResult result = rewrite           ? Rewrite(file, *sut, replay)
                                : options.hazards ? ListHazards(trace, *sut, replay)
                                                  : Replay(trace, *sut, replay);
    if (result.verdict == ReplayResult::Verdict::kConforms && replay.deadline.passed()) {
      fmt::print(stderr, "holdfast: {}: not finished in {} seconds (--time)\n", file,
                 options.seconds);
      return kHarnessFailed;
    }
    const int code = ExitCodeOf(result.verdict);
    conforming += code == kConforms;
    subjects.insert(sut->name() + " profile " + PrintProfile(trace.scenario.profile));
    traces.push_back({{"file", file},
                      {"sut", NameOf(*sut)},
                      {"profile", PrintProfile(trace.scenario.profile)},
                      {"verdict", code == kConforms ? "conforms" : "diverges"},
                      {"report", result.report}});
    if (!options.json.empty() || !options.html.empty()) {
      Runner runner(*sut, replay.where, options.hardened);
      const Json timeline = result.divergence
                                ? timelines.Of(runner, trace.scenario, *result.divergence)
                                : timelines.Of(runner, trace.scenario, true);
      if (!timeline.is_null()) traces.back()["timeline"] = timeline;
    }
    status = std::max(status, code);
    if (code == kBadInput) fmt::print(stderr, "{}", result.report);
    if (code != kBadInput && !options.ktap) fmt::print("{}", result.report);
  }
  if (status == kBadInput) return status;
  report["verdict"] = status == kConforms ? "conforms" : "diverges";
  report["traces"] = std::move(traces);
  const int written = WithPage(options.html, options.json, report, status);
  if (written == kBadInput) return written;
  if (options.ktap) {
    fmt::print("{}", PrintKtap(report));
    return written;
  }
  if (!options.html.empty()) fmt::print("page: {}\n", options.html);
  fmt::print("{}", Verdict(static_cast<int>(options.files.size()), conforming, subjects, rewrite));
  return written;
}

void Add(CommandLine& line, bool rewrite, const char* name, const char* about,
         const char* example) {
  const Subcommand command = line.Add(name, about, example);
  auto options = std::make_shared<Options>();
  command.RequiredTexts("files", options->files, "traces (docs/trace-format.md)", "FILE...");
  command.Text("--sut", options->sut,
               "implementation under test; the built-in one of the trace's profile if not given",
               "NAME|FILE.so");
  const Option hardened =
      command.Flag("--hardened", options->hardened,
                   "owe every rule on every sequence: a hazard is a divergence");
  if (!rewrite) {
    command
        .Flag("--hazards", options->hazards,
              "list the rules that each call breaks with both sides in agreement")
        .Excludes(hardened);
    AddInProcess(command, options->in_process);
    AddHtml(command, options->html);
    AddKtap(command, options->ktap);
  }
  AddJson(command, options->json);
  command.Seconds("--time", options->seconds, "of all traces together; 0 for no bound");
  command.Runs([options, rewrite] { return ForEachFile(*options, rewrite); });
}

}  // namespace

void AddReplay(CommandLine& line) {
  Add(line, false, "replay", "Run traces against an implementation and the model",
      "Example: holdfast replay traces/corpus/two_iommus_count_apart.trace --sut=core.v3");
}

void AddRewrite(CommandLine& line) {
  Add(line, true, "rewrite", "Fill in outcomes and states of traces from the model, in place",
      "Example: holdfast rewrite my.trace\nCommit only a difference that you understand.");
}

}  // namespace holdfast
