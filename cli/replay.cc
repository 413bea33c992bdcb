// `holdfast replay` and `holdfast rewrite`: traces against an implementation.

#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/input.h"
#include "cli/select_sut.h"
#include "properties/lockstep/runner.h"
#include "traces/replay.h"
#include "model/text/trace_file.h"

namespace holdfast {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string sut;
  bool hardened = false, hazards = false, in_process = false;
};

// The implementations in use, by name; without a name, the built-in one of a trace's profile.
class Suts {
 public:
  Sut* Get(const std::string& name, const Profile& profile) {
    std::unique_ptr<Sut>& sut = suts_[name.empty() ? BuiltinFor(profile) : name];
    if (sut) return sut.get();
    sut = LoadOrComplain(name.empty() ? BuiltinFor(profile) : name);
    return sut.get();
  }

 private:
  std::map<std::string, std::unique_ptr<Sut>> suts_;
};

int ExitCodeOf(ReplayResult::Verdict verdict) {
  switch (verdict) {
    case ReplayResult::Verdict::kConforms: return kConforms;
    case ReplayResult::Verdict::kDiverges: return kDiverges;
    case ReplayResult::Verdict::kMistaken: return kBadInput;
  }
  return kHarnessFailed;
}

std::string Summary(int traces, bool rewrite) {
  const std::string count = traces == 1 ? "1 trace" : fmt::format("{} traces", traces);
  return count + (rewrite ? " rewritten" : traces == 1 ? " conforms" : " conform");
}

// Every file is replayed. The worst result gives the status.
int ForEachFile(const Options& options, bool rewrite) {
  Suts suts;
  const ReplayOptions replay = {
      .hardened = options.hardened,
      .where = options.in_process ? Runner::Where::kHere : Runner::Where::kInChild,
      .sut = options.sut};
  int status = kConforms;
  int conforming = 0;
  for (const std::string& file : options.files) {
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
    const int code = ExitCodeOf(result.verdict);
    conforming += code == kConforms;
    status = std::max(status, code);
    fmt::print(code == kBadInput ? stderr : stdout, "{}", result.report);
  }
  if (status == kConforms) {
    fmt::print("{}\n", Summary(conforming, rewrite));
  }
  return status;
}

void Add(CLI::App& app, int& status, bool rewrite, const char* name, const char* about,
         const char* example) {
  CLI::App* command = app.add_subcommand(name, about);
  auto options = std::make_shared<Options>();
  command->add_option("files", options->files, "traces (docs/trace-format.md)")
      ->required()
      ->type_name("FILE...");
  command
      ->add_option(
          "--sut", options->sut,
          "implementation under test; the built-in one of the trace's profile if not given")
      ->type_name("NAME|FILE.so");
  CLI::Option* hardened =
      command->add_flag("--hardened", options->hardened,
                        "owe every rule on every sequence: a hazard is a divergence");
  if (!rewrite) {
    command
        ->add_flag("--hazards", options->hazards,
                   "list the rules that each call breaks with both sides in agreement")
        ->excludes(hardened);
  }
  AddInProcess(*command, options->in_process);
  command->footer(example);
  command->callback([options, &status, rewrite] { status = ForEachFile(*options, rewrite); });
}

}  // namespace

void AddReplay(CLI::App& app, int& status) {
  Add(app, status, false, "replay", "Run traces against an implementation and the model",
      "Example: holdfast replay traces/corpus/two_iommus_count_apart.trace --sut=core.v3");
}

void AddRewrite(CLI::App& app, int& status) {
  Add(app, status, true, "rewrite",
      "Fill in outcomes and states of traces from the model, in place",
      "Example: holdfast rewrite my.trace\nCommit only a difference that you understand.");
}

}  // namespace holdfast
