// `holdfast mutants`: measures which mutants the suite catches, and with which part.
//
// Each mutant is run in a child process. A mutant that ends its process, or blocks it, is caught
// by R15 like any other. If the child of the mutant itself ends, the mutant is unknown.

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/detection.h"
#include "cli/input.h"
#include "cli/interruption.h"
#include "cli/progress.h"
#include "cli/select_sut.h"
#include "model/rules/rules.h"
#include "model/version.h"
#include "sut/child.h"
#include "sut/mutants/mutants.h"
#include "sut/packed.h"
#include "sut/shipped.h"
#include "model/text/trace_file.h"

namespace holdfast {
namespace {

struct Options {
  DetectionOptions detection;
  std::vector<std::string> names;
  std::string markdown, json, html;
  std::optional<int> jobs;
  std::size_t sample = 1;
  bool traces = false;
};

struct Row {
  Mutant mutant;
  std::optional<Detection> detection;  // nothing if the process of the mutant ended first
  std::string ending = {};             // of that process

  bool is_known() const { return detection || !ending.empty(); }
  std::string failure() const {
    return detection ? detection->failure : "its process ended: " + ending;
  }
};

std::string DetectionOf(const Mutant& mutant, const DetectionOptions& options) {
  return Pack(Detect(mutant, *Loaded(std::string(mutant.name)), options));
}

std::string_view RuleOf(const Mutant& mutant) {
  return mutant.equivalent() ? "=" : InfoOf(mutant.rule).id;
}

std::string Rules(const PartDetection& part) {
  std::string text;
  for (const Rule rule : part.rules)
    text += fmt::format("{}{}", text.empty() ? "" : " ", InfoOf(rule).id);
  return text;
}

// "3 R2": commands of the shrunk trace and the rules that it named; "-" if the part did not catch
// it.
std::string Cell(const PartDetection& part) {
  return part.caught == 0 ? "-" : fmt::format("{} {}", part.shrunk, Rules(part));
}

std::string Verdict(const Row& row) {
  const std::string failure = row.failure();
  if (!failure.empty()) return "UNKNOWN: " + failure;
  if (!row.detection->caught()) return "equivalent: " + row.detection->proof;
  return row.detection->level.empty() ? "caught" : "caught, level " + row.detection->level;
}

constexpr std::string_view kColumns =
    "{:<38} {:<4} {:>8}  {:<9} {:<10} {:<9} {:>7} {:>9} {:>8} {:>5}  {}\n";

std::string PrintRow(const Row& row) {
  const Detection detection = row.detection.value_or(Detection());
  const PartDetection& random = detection.random;
  return fmt::format(
      kColumns, row.mutant.short_name(), RuleOf(row.mutant),
      detection.caught() ? std::to_string(detection.shortest) : "", Cell(detection.corpus),
      Cell(detection.exhaustive), Cell(random), fmt::format("{}/{}", random.caught, random.runs),
      random.caught ? std::to_string(random.commands) : "",
      random.caught ? fmt::format("{:.3f} s", random.seconds) : "", random.texts, Verdict(row));
}

// The time that shrinking took, over all runs that caught a mutant.
std::string PrintShrinkTimes(const std::vector<Row>& rows) {
  std::vector<double> seconds;
  for (const Row& row : rows) {
    if (row.detection)
      seconds.insert(seconds.end(), row.detection->shrink_seconds.begin(),
                     row.detection->shrink_seconds.end());
  }
  if (seconds.empty()) return "";
  std::sort(seconds.begin(), seconds.end());
  const auto centile = [&](std::size_t percent) {
    return seconds[(seconds.size() - 1) * percent / 100];
  };
  return fmt::format(
      "to shrink a counterexample: median {:.3f} s, 99th centile {:.3f} s, longest "
      "{:.3f} s, of {}\n",
      centile(50), centile(99), seconds.back(), seconds.size());
}

// A row of the table, without the columns that depend on the machine.
std::string MarkdownRow(const Row& row) {
  const Mutant& mutant = row.mutant;
  const Detection detection = row.detection.value_or(Detection());
  const PartDetection& random = detection.random;
  return fmt::format("| {} | {} ({}) | {}{} | {} | {} | {} | {}/{} | {} | {} |\n",
                     mutant.short_name(), mutant.planted, mutant.profile, RuleOf(mutant),
                     mutant.of_port() ? " | " + detection.level : "",
                     detection.caught() ? std::to_string(detection.shortest) : "",
                     Rules(detection.corpus), Rules(detection.exhaustive), random.caught,
                     random.runs, random.caught ? std::to_string(random.commands) : "",
                     random.texts ? std::to_string(random.texts) : "");
}

Json PartJson(const PartDetection& part) {
  Json rules = Json::array();
  for (const Rule rule : part.rules) rules.push_back(InfoOf(rule).id);
  return {{"runs", part.runs},       {"caught", part.caught}, {"commands", part.commands},
          {"shortest", part.shrunk}, {"rules", rules},        {"texts", part.texts}};
}

// Without the columns that depend on the machine.
Json RowJson(const Row& row) {
  const Detection detection = row.detection.value_or(Detection());
  return {{"name", row.mutant.short_name()},
          {"profile", row.mutant.profile},
          {"planted", row.mutant.planted},
          {"rule", RuleOf(row.mutant)},
          {"verdict", !row.failure().empty() ? "unknown"
                      : detection.caught()   ? "caught"
                                             : "equivalent"},
          {"failure", row.failure()},
          {"level", detection.level},
          {"shortest", detection.shortest},
          {"proof", detection.caught() ? detection.proved : detection.proof},
          {"corpus", PartJson(detection.corpus)},
          {"exhaustive", PartJson(detection.exhaustive)},
          {"random", PartJson(detection.random)},
          {"trace", detection.trace}};
}

// Nothing in it depends on the machine, but that a slower one may get through fewer cases.
std::string Markdown(const std::vector<Row>& rows, const std::string& summary,
                     const std::string& arguments) {
  std::string text = fmt::format(
      "# Detection\n\n"
      "What each part of the suite, alone, makes of each mutant. Written by version {}, with\n"
      "`./holdfast mutants{} --markdown=FILE`.\n\n"
      "- *Shortest*: the commands of the one counterexample that every part and every seed ends "
      "with.\n"
      "- *Random*: the seeds that caught the mutant; *commands*: checked commands until then, the "
      "median.\n"
      "- *Texts*: the number of different counterexamples.\n"
      "- *Level*: the first level of docs/port-guide.md at which a port fails.\n"
      "- `=`: no caller can tell the mutant from the core; the section *Equivalent* names the "
      "proof.\n\n"
      "**{}**\n\n## The core\n\n"
      "| mutant | what is planted | rule | shortest | corpus | exhaustive | random | commands | "
      "texts |\n"
      "|---|---|---|---|---|---|---|---|---|\n",
      kVersion, arguments, summary);
  std::string ports, proofs;
  for (const Row& row : rows) {
    (row.mutant.of_port() ? ports : text) += MarkdownRow(row);
    if (row.mutant.equivalent())
      proofs += fmt::format("- {}: {}\n", row.mutant.short_name(), Verdict(row));
  }
  if (!ports.empty()) {
    text +=
        "\n## The driver ports\n\n"
        "| mutant | what is planted | rule | level | shortest | corpus | exhaustive | random | "
        "commands | texts |\n"
        "|---|---|---|---|---|---|---|---|---|---|\n" +
        ports;
  }
  return text + "\n## Equivalent\n\n" + proofs;
}

// Those of that name, or all: every `sample`-th.
std::vector<Row> Select(const std::vector<std::string>& names, std::size_t sample) {
  std::vector<Row> selected;
  std::size_t passed = 0;
  for (const Mutant& mutant : Mutants()) {
    const bool wanted =
        names.empty() || std::any_of(names.begin(), names.end(), [&](const std::string& name) {
          return name == mutant.name || name == mutant.short_name();
        });
    if (wanted && passed++ % sample == 0) selected.push_back({mutant, std::nullopt});
  }
  return selected;
}

int Run(const Options& options, const std::string& arguments) {
  for (const std::string& name : options.names) {
    if (!Select({name}, 1).empty()) continue;
    fmt::print(stderr, "holdfast: {}: expected a mutant; `holdfast suts` lists them\n", name);
    return kBadInput;
  }
  std::vector<Row> rows = Select(options.names, options.sample);
  ListenForSignals();
  Progress progress;
  progress.Begin("mutants", "mutants");
  fmt::print(kColumns, "mutant", "rule", "shortest", "corpus", "exhaustive", "random", "seeds",
             "commands", "time", "texts", "");
  std::size_t ended = 0, printed = 0;
  // Rows are printed in their order, each as soon as it and those before it are known.
  RunInChildren(
      rows.size(), options.jobs.value_or(Processors()),
      [&](std::size_t i) { return DetectionOf(rows[i].mutant, options.detection); },
      [&](std::size_t i, const Ending& ending, const std::string& text) {
        if (Interruption() != 0) return false;
        if (ending.kind == Ending::Kind::kReturned) rows[i].detection = Unpack<Detection>(text);
        rows[i].ending = PrintEnding(ending);
        ++ended;
        for (; printed < rows.size() && rows[printed].is_known(); ++printed) {
          progress.Clear();
          fmt::print("{}", PrintRow(rows[printed]));
          if (options.traces && rows[printed].detection)
            fmt::print("{}\n", rows[printed].detection->trace);
        }
        std::fflush(stdout);
        progress.Update(static_cast<double>(ended) / static_cast<double>(rows.size()), ended);
        return true;
      });
  progress.Clear();
  std::size_t caught = 0, equivalent = 0, unknown = 0;
  for (const Row& row : rows)
    ++(!row.failure().empty() ? unknown : row.detection->caught() ? caught : equivalent);
  if (const int number = Interruption(); number != 0) {
    fmt::print("\ninterrupted by SIG{}: {} of {} mutants were run\n", sigabbrev_np(number), ended,
               rows.size());
    return 128 + number;
  }
  const std::string summary = fmt::format("caught {} of {}, {} proved equivalent, {} unknown",
                                          caught, rows.size(), equivalent, unknown);
  if (!options.markdown.empty()) {
    const std::string error =
        WriteFileAtomically(options.markdown, Markdown(rows, summary, arguments));
    if (!error.empty()) {
      fmt::print(stderr, "holdfast: {}\n", error);
      return kBadInput;
    }
  }
  fmt::print("\n{}", PrintShrinkTimes(rows));
  if (!options.html.empty()) fmt::print("page: {}\n", options.html);
  fmt::print("{}\n", summary);
  Json report = JsonReport("mutants");
  report.update({{"caught", caught}, {"equivalent", equivalent}, {"unknown", unknown}});
  report["mutants"] = Json::array();
  for (const Row& row : rows) report["mutants"].push_back(RowJson(row));
  return WithPage(options.html, options.json, report, unknown == 0 ? kConforms : kDiverges);
}

}  // namespace

void AddMutants(CommandLine& line) {
  const Subcommand command = line.Add("mutants", "Measure what the suite catches of the mutants",
                                      "Example: holdfast mutants d1 d15 --traces");
  auto options = std::make_shared<Options>();
  command.Texts("names", options->names, "mutants; all if none is given", "NAME");
  DetectionOptions& detection = options->detection;
  command.Count("--seeds", detection.seeds, "of the random part", {1, 1000});
  command.Count("--cases", detection.cases, "random scenarios of one seed, at most",
                {1, kAnyCount.max});
  command.Seconds("--time", detection.seconds, "of the random part of one seed, at most",
                  {1e-3, kAnySeconds.max});
  command.Count("--depth", detection.depth, "commands in a sequence of the exhaustive part",
                {1, 8});
  AddJobs(command, options->jobs, "processes");
  command.Count("--sample", options->sample, "every N-th of them", {1, kAnyCount.max});
  AddJson(command, options->json);
  AddHtml(command, options->html);
  command.Text("--markdown", options->markdown, "also write the table there, in Markdown", "FILE");
  command.Flag("--traces", options->traces, "print the shortest trace of each");
  // What was chosen otherwise than by default, as it was given.
  command.Runs([options, command] {
    return Run(*options, command.Given({"--markdown", "--json", "--html", "--jobs", "--traces"}));
  });
}

}  // namespace holdfast
