// `holdfast mutants`: what the suite catches of the defects that are planted for it.

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/detection.h"
#include "cli/exit_code.h"
#include "cli/processes.h"
#include "cli/progress.h"
#include "model/rules.h"
#include "sut/module.h"
#include "sut/mutants/mutants.h"
#include "traces/trace_file.h"

namespace holdfast {
namespace {

struct Options {
  DetectionOptions detection;
  std::vector<std::string> names;
  std::string markdown;
  int jobs = 0;
  bool traces = false;
};

struct Row {
  const Mutant* mutant;
  std::optional<Detection> detection;  // nothing: its process ended before it could say

  std::string failure() const { return detection ? detection->failure : "the process that ran it ended without a word"; }
};

std::string DetectionOf(const Mutant& mutant, const DetectionOptions& options) {
  auto loaded = LoadSut(std::string(mutant.name));
  if (const std::string* error = std::get_if<std::string>(&loaded)) throw std::runtime_error(*error);
  return ToJson(Detect(mutant, *std::get<Module>(loaded).sut, options));
}

// "3 R2": commands of the shrunk trace and the rules that it named; "-" if the part did not catch it.
std::string Cell(const PartDetection& part) {
  if (part.caught == 0) return "-";
  std::string text = std::to_string(part.shrunk);
  for (const Rule rule : part.rules) text += fmt::format(" {}", InfoOf(rule).id);
  return text;
}

std::string Verdict(const Row& row) {
  const std::string failure = row.failure();
  if (!failure.empty()) return "UNKNOWN: " + failure;
  return row.detection->caught() ? "caught" : "equivalent: " + row.detection->proof;
}

std::string ShortName(const Mutant& mutant) { return std::string(mutant.name.substr(mutant.name.find('.') + 1)); }

std::string PrintRow(const Row& row) {
  const Mutant& mutant = *row.mutant;
  const Detection detection = row.detection.value_or(Detection());
  const PartDetection& random = detection.random;
  return fmt::format("{:<38} {:<4} {:>5}  {:<9} {:<9} {:<9} {:>3}/{:<3} {:>9} {:>3}  {}\n", ShortName(mutant),
                     mutant.equivalent() ? "=" : InfoOf(mutant.rule).id, mutant.depth, Cell(detection.corpus),
                     Cell(detection.exhaustive), Cell(random), random.caught, random.runs, random.commands, random.texts,
                     Verdict(row));
}

std::string Rules(const PartDetection& part) {
  std::string text;
  for (const Rule rule : part.rules) text += fmt::format("{}{}", text.empty() ? "" : " ", InfoOf(rule).id);
  return text;
}

// The same as a table of docs/detection.md. Nothing in it depends on the machine, but that a slower one may get through fewer cases.
std::string Markdown(const std::vector<Row>& rows, const std::string& summary, const DetectionOptions& options) {
  std::string text = fmt::format(
      "# Detection\n\n"
      "What each part of the suite makes of each planted defect, alone. Written by `./holdfast mutants --seeds={} --cases={} --depth={} --markdown=docs/detection.md`;\n"
      "the defects are in [sut/mutants/table.bzl](../sut/mutants/table.bzl), one row each.\n\n"
      "*Shortest* is the number of commands of the one counterexample that every part and every seed ends with. *Random* is how many seeds\n"
      "caught it and after how many checked commands, the median. `=`: no caller can tell it from the core, and that is proved over the\n"
      "product of model and memory in the worlds named below.\n\n"
      "**{}**\n\n"
      "| mutant | what is planted | rule | shortest | corpus | exhaustive | random | commands | texts |\n"
      "|---|---|---|---|---|---|---|---|---|\n",
      options.seeds, options.cases, options.depth, summary);
  std::string proofs;
  for (const Row& row : rows) {
    const Mutant& mutant = *row.mutant;
    const Detection detection = row.detection.value_or(Detection());
    const PartDetection& random = detection.random;
    text += fmt::format("| {} | {} ({}) | {} | {} | {} | {} | {}/{} | {} | {} |\n", ShortName(mutant), mutant.planted, mutant.profile,
                        mutant.equivalent() ? "=" : InfoOf(mutant.rule).id, mutant.equivalent() ? "" : std::to_string(detection.shortest),
                        Rules(detection.corpus), Rules(detection.exhaustive), random.caught, random.runs,
                        random.caught ? std::to_string(random.commands) : "", random.texts ? std::to_string(random.texts) : "");
    if (mutant.equivalent()) proofs += fmt::format("- {}: {}\n", ShortName(mutant), Verdict(row));
  }
  return text + "\n## Equivalent\n\n" + proofs;
}

std::vector<const Mutant*> Select(const std::vector<std::string>& names) {
  std::vector<const Mutant*> selected;
  for (const Mutant& mutant : Mutants()) {
    const std::string name(mutant.name);
    const bool wanted = names.empty() || std::any_of(names.begin(), names.end(), [&](const std::string& part) {
      return name == part || name == "mutant." + part;
    });
    if (wanted) selected.push_back(&mutant);
  }
  return selected;
}

int Run(const Options& options) {
  for (const std::string& name : options.names) {
    if (!Select({name}).empty()) continue;
    fmt::print(stderr, "holdfast: {}: expected a planted defect; `holdfast suts` lists them\n", name);
    return kBadInput;
  }
  std::vector<Row> rows;
  for (const Mutant* mutant : Select(options.names)) rows.push_back({mutant, std::nullopt});
  const int jobs = options.jobs > 0 ? options.jobs : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  Progress progress(true);
  progress.Begin("mutants");
  std::size_t ended = 0;
  RunInProcesses(
      rows.size(), jobs, [&](std::size_t i) { return DetectionOf(*rows[i].mutant, options.detection); },
      [&](std::size_t i, const std::optional<std::string>& text) {
        if (text) rows[i].detection = DetectionFromJson(*text);
        ++ended;
        progress.Update(static_cast<double>(ended) / static_cast<double>(rows.size()), ended);
      });
  progress.Clear();
  std::size_t caught = 0, equivalent = 0, unknown = 0;
  fmt::print("{:<38} {:<4} {:>5}  {:<9} {:<9} {:<9} {:>7} {:>9} {:>3}\n", "mutant", "rule", "depth", "corpus", "exhaustive",
             "random", "seeds", "commands", "texts");
  for (const Row& row : rows) {
    fmt::print("{}", PrintRow(row));
    if (options.traces && row.detection) fmt::print("{}\n", row.detection->trace);
    ++(!row.failure().empty() ? unknown : row.detection->caught() ? caught : equivalent);
  }
  const std::string summary = fmt::format("caught {} of {}, {} proved equivalent, {} unknown", caught, rows.size(), equivalent, unknown);
  if (!options.markdown.empty()) {
    const std::string error = WriteFileAtomically(options.markdown, Markdown(rows, summary, options.detection));
    if (!error.empty()) {
      fmt::print(stderr, "holdfast: {}\n", error);
      return kBadInput;
    }
  }
  fmt::print("\n{}\n", summary);
  return unknown == 0 ? kConforms : kDiverges;
}

}  // namespace

void AddMutants(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("mutants", "Measure what the suite catches of the defects planted for it");
  auto options = std::make_shared<Options>();
  command->add_option("names", options->names, "planted defects; all if none is given")->type_name("NAME");
  command->add_option("--seeds", options->detection.seeds, "of the random part")
      ->type_name("N")->check(CLI::Range(1, 1000))->capture_default_str();
  command->add_option("--cases", options->detection.cases, "random scenarios of one seed, at most")
      ->type_name("N")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--time", options->detection.seconds, "of the random part of one seed, at most")
      ->type_name("SECONDS")->check(CLI::PositiveNumber)->capture_default_str();
  command->add_option("--depth", options->detection.depth, "commands in a sequence of the exhaustive part")
      ->type_name("N")->check(CLI::Range(1, 8))->capture_default_str();
  command->add_option("--jobs", options->jobs, "processes; as many as there are processors if not given")
      ->type_name("N")->check(CLI::Range(1, 256));
  command->add_option("--markdown", options->markdown, "also write the table there (docs/detection.md)")->type_name("FILE");
  command->add_flag("--traces", options->traces, "print the shortest trace of each");
  command->footer("Example: holdfast mutants d1 d15 --traces");
  command->callback([options, &status] { status = Run(*options); });
}

}  // namespace holdfast
