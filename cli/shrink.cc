// `holdfast shrink`: a failing trace, made small.

#include <cstddef>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/input.h"
#include "cli/report/timeline.h"
#include "cli/select_sut.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/runner.h"
#include "sut/shipped.h"
#include "traces/reproducer.h"
#include "properties/shrink/minimize.h"
#include "model/text/text.h"
#include "model/text/trace_file.h"

namespace holdfast {
namespace {

struct Options {
  std::string file, sut, out, emit, json, html;
  ShrinkBudget budget;
  bool hardened = false, in_process = false;
};

// The SUT as a word of the shell: the object of a built-in, or the path as given.
std::string ObjectOf(const std::string& sut) {
  for (const BuiltinSut& builtin : BuiltinSuts()) {
    if (builtin.name == sut) return "\"$HOLDFAST\"/bazel-bin/" + std::string(builtin.file);
  }
  return ShellWord(sut);
}

int Run(const Options& options) {
  CheckOut(options.out);
  if (!options.emit.empty() && options.emit != "cc")
    throw BadArgument("--emit", options.emit, "cc");
  const std::optional<Trace> trace = ReadCalls(options.file);
  if (!trace) return kBadInput;
  const Scenario& scenario = trace->scenario;
  const std::string sut = options.sut.empty() ? BuiltinFor(scenario.profile) : options.sut;
  const std::unique_ptr<Sut> loaded = LoadOrComplain(sut);
  if (!loaded) return kBadInput;
  Runner runner(*loaded, options.in_process ? Runner::Where::kHere : Runner::Where::kInChild,
                options.hardened);
  Json report = JsonReport("shrink");
  report.update({{"file", options.file},
                 {"sut", NameOf(*loaded)},
                 {"profile", PrintProfile(scenario.profile)},
                 {"hardened", options.hardened}});
  const std::optional<Divergence> divergence = runner.Run(scenario);
  if (!divergence) {
    fmt::print("{} conforms: there is nothing to shrink\n", options.file);
    report["verdict"] = "conforms";
    return WithPage(options.html, options.json, report, kConforms);
  }
  Minimized minimized =
      Minimize(runner, {scenario, *divergence}, {.budget = options.budget, .same_rule = true});
  fmt::print("{}\n{}", minimized.minimal_trace(), minimized.report);
  fmt::print("shrunk: {} commands to {}, {} sequences tried\nshortest: {}\n",
             scenario.commands.size(), minimized.minimal.scenario.commands.size(), minimized.tried,
             minimized.proof);
  const bool emits = !options.emit.empty();
  const std::string directory =
      emits && options.out.empty() ? DefaultOutputDirectory() : options.out;
  if (!options.html.empty()) fmt::print("page: {}\n", options.html);
  std::string error;
  if (!directory.empty()) error = LeaveBehind(minimized, directory, sut, options.hardened);
  if (emits && error.empty()) {
    const std::string path = directory + "/reproducer.cc";
    const auto& [shortest, how] = minimized.minimal;
    error =
        WriteFileAtomically(path, PrintReproducer(shortest, how, minimized.claim, ObjectOf(sut)));
    if (error.empty()) fmt::print("reproducer: {}\n", path);
  }
  if (!error.empty()) {
    fmt::print(stderr, "{}\n", error);
    return kBadInput;
  }
  report["verdict"] = minimized.varies() ? "not deterministic" : "diverges";
  Json timeline;
  if (!options.json.empty() || !options.html.empty()) {
    const auto& [shortest, how] = minimized.minimal;
    timeline = Timelines().Of(runner, shortest, how);
  }
  report["divergence"] = DivergenceOf(minimized, options.file, timeline);
  return WithPage(options.html, options.json, report, kDiverges);
}

}  // namespace

void AddShrink(CommandLine& line) {
  const Subcommand command =
      line.Add("shrink", "Make a failing trace small, with the same rule broken",
               "Example: holdfast shrink failing.trace --sut=mutant.d1");
  auto options = std::make_shared<Options>();
  command.RequiredText("file", options->file, "a trace on which the implementation diverges",
                       "FILE");
  command.Text("--sut", options->sut,
               "implementation under test; the built-in one of the trace's profile if not given",
               "NAME|FILE.so");
  command.Count("--budget", options->budget.evaluations, "runs to spend at most",
                {0, std::numeric_limits<std::size_t>::max()});
  command.Text("--out", options->out,
               "also write failing.trace, shrunk.trace, shrunk.dot, report.txt there", "DIR");
  command.Text("--emit", options->emit,
               "cc: also write reproducer.cc to --out, or holdfast-out: a program that calls the "
               "implementation and fails",
               "KIND");
  command.Flag("--hardened", options->hardened,
               "owe every rule on every sequence: a hazard is a divergence");
  AddJson(command, options->json);
  AddHtml(command, options->html);
  AddShrinkSeconds(command, options->budget);
  AddInProcess(command, options->in_process);
  command.Runs([options] { return Run(*options); });
}

}  // namespace holdfast
