// `holdfast graph`: which record needs which after a trace, as text for Graphviz.

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/input.h"
#include "model/rules/dependency_graph.h"
#include "model/step.h"

namespace holdfast {
namespace {

struct Options {
  std::string file, sut, json;
  int after = -1;
};

int Run(const Options& options) {
  const std::optional<Trace> trace = ReadCalls(options.file);
  if (!trace) return kBadInput;
  const Scenario& scenario = trace->scenario;
  const int count = static_cast<int>(scenario.commands.size());
  if (options.after > count) {
    throw BadArgument("--after", std::to_string(options.after),
                      fmt::format("at most {}, the number of calls in {}", count, options.file));
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
  const std::string dot = DependencyGraph(flb).Dot();
  fmt::print("{}", dot);
  Json report = JsonReport("graph");
  report.update({{"file", options.file}, {"after", after}, {"dot", dot}});
  return WithJson(options.json, report, kConforms);
}

}  // namespace

void AddGraph(CommandLine& line) {
  const Subcommand command = line.Add(
      "graph", "Print which record needs which after a trace, for Graphviz; a broken edge is red",
      "Example: holdfast graph traces/corpus/two_iommus_count_apart.trace | dot -Tsvg >graph.svg");
  auto options = std::make_shared<Options>();
  command.RequiredText("file", options->file, "a trace", "FILE");
  command.Count("--after", options->after,
                "draw the state after the first N calls; all if not given",
                {0, static_cast<int>(kMaxTraceCalls)});
  command.Text("--sut", options->sut,
               "draw the records of this implementation; the model's if not given", "NAME|FILE.so");
  AddJson(command, options->json);
  command.Runs([options] { return Run(*options); });
}

}  // namespace holdfast
