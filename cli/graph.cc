// `holdfast graph`: what needs what after a trace, for Graphviz or as a picture.

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/input.h"
#include "model/rules/dependency_graph.h"
#include "model/step.h"
#include "traces/trace_file.h"

namespace holdfast {
namespace {

struct Options {
  std::string file, sut, out;
  int after = -1;
};

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// The text through Graphviz; nothing if `dot` cannot be run.
std::string Svg(const std::string& dot) {
  char path[] = "/tmp/holdfast-graph-XXXXXX";
  const int file = mkstemp(path);
  if (file < 0) return "";
  std::string svg;
  FILE* input = fdopen(file, "w");
  std::fwrite(dot.data(), 1, dot.size(), input);
  std::fclose(input);
  if (FILE* output = popen(fmt::format("dot -Tsvg {} 2>/dev/null", path).c_str(), "r")) {
    char buffer[4096];
    for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, output)) > 0;)
      svg.append(buffer, n);
    if (pclose(output) != 0) svg.clear();
  }
  std::remove(path);
  return svg;
}

int Run(const Options& options) {
  const std::optional<Trace> trace = ReadCalls(options.file);
  if (!trace) return kBadInput;
  const Scenario& scenario = trace->scenario;
  const int count = static_cast<int>(scenario.commands.size());
  if (options.after > count) {
    fmt::print(stderr, "--after={}: expected at most {}, the number of calls in {}\n",
               options.after, count, options.file);
    return kBadInput;
  }
  const int after = options.after < 0 ? count : options.after;
  Flb flb;
  if (options.sut.empty()) {
    State state = InitialState(scenario.topology);
    Outcome outcome;
    for (int i = 0; i < after; ++i) {
      StepInPlace(scenario.topology, scenario.profile, state,
                  scenario.commands[static_cast<std::size_t>(i)], outcome);
    }
    flb = state.flb;
  } else {
    const std::unique_ptr<Sut> sut = LoadOrComplain(options.sut);
    if (!sut) return kBadInput;
    Outcome outcome;
    sut->Reset(scenario.topology, scenario.profile.luo);
    for (int i = 0; i < after; ++i)
      sut->Run(scenario.commands[static_cast<std::size_t>(i)], outcome);
    Observation observation;
    sut->Observe(observation);
    flb = observation.state.flb;
  }
  std::string text = DependencyGraph(flb).Dot();
  if (EndsWith(options.out, ".svg") && (text = Svg(text)).empty()) {
    fmt::print(stderr, "{}: expected Graphviz's `dot` on the path\n", options.out);
    return kHarnessFailed;
  }
  if (options.out.empty()) {
    fmt::print("{}", text);
    return kConforms;
  }
  const std::string error = WriteFileAtomically(options.out, text);
  if (!error.empty()) {
    fmt::print(stderr, "{}\n", error);
    return kBadInput;
  }
  return kConforms;
}

}  // namespace

void AddGraph(CLI::App& app, int& status) {
  CLI::App* command =
      app.add_subcommand("graph", "Draw what needs what after a trace; a broken edge is red");
  auto options = std::make_shared<Options>();
  command->add_option("file", options->file, "a trace")->required()->type_name("FILE");
  command
      ->add_option("--after", options->after,
                   "draw the state after the first N calls; all if not given")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  command
      ->add_option("--sut", options->sut,
                   "draw the records of this implementation; the model's if not given")
      ->type_name("NAME|FILE.so");
  command
      ->add_option("--out", options->out,
                   "file to write: .svg through Graphviz, else DOT; standard output if not given")
      ->type_name("FILE");
  command->footer(
      "Example: holdfast graph traces/corpus/two_iommus_count_apart.trace --out=graph.svg");
  command->callback([options, &status] { status = Run(*options); });
}

}  // namespace holdfast
