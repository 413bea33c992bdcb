#include "properties/shrink/minimize.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "model/rules/dependency_graph.h"
#include "model/rules/rules.h"
#include "model/step.h"
#include "model/text/numbers.h"
#include "model/text/text.h"
#include "model/text/trace_file.h"
#include "properties/lockstep/keeps_contract.h"
#include "properties/shrink/explain.h"
#include "properties/shrink/pumped.h"
#include "properties/shrink/repeat.h"
#include "properties/shrink/simplify.h"
#include "properties/shrink/turns.h"

namespace holdfast {
namespace {

// The end of the time of these options, from now on.
Deadline DeadlineOf(const MinimizeOptions& options) {
  if (!options.budget.time) return options.deadline;
  return options.deadline.OrIn(std::chrono::duration<double>(*options.budget.time).count());
}

// The answer that Minimize takes.
enum class Answer { kSearched, kShrunk, kAsFound };

// All that the choice depends on.
struct Evidence {
  const Counterexample& found;
  const Shortest& searched;
  bool repeats;  // the scenario fails alone
  // Commands of the scenario after a few edits. Counted only where the search began far out: to
  // begin there is the last resort, and a defect that needs fewer calls does not need it.
  std::size_t after_few_edits;
  bool out_of_time;
};

// The first row that applies.
std::optional<Answer> Choose(const Evidence& evidence) {
  const std::optional<Counterexample>& answer = evidence.searched.found;
  const bool from_the_beginning = evidence.searched.start.empty();
  const struct {
    bool when;
    Answer which;
  } table[] = {
      // the one text for all that diverges
      {answer && from_the_beginning, Answer::kSearched},
      // from far out: the simplest of those with as many calls
      {answer && answer->scenario.commands.size() <= evidence.after_few_edits, Answer::kSearched},
      {answer && answer->divergence.rule != evidence.found.divergence.rule, Answer::kSearched},
      // nothing to shrink
      {answer && !evidence.repeats, Answer::kSearched},
      {evidence.repeats, Answer::kShrunk},
      // the process ended: what it had run before has a part in the failure
      {!evidence.found.divergence.ending.empty(), Answer::kAsFound},
      // it could not be run again
      {evidence.out_of_time, Answer::kAsFound},
  };
  for (const auto& row : table) {
    if (row.when) return row.which;
  }
  return std::nullopt;
}

// The callers, the topologies and the lengths that the search has seen whole.
std::string PrintSearched(const Shortest& searched, bool of_port) {
  if (of_port) {
    return fmt::format(
        "searched: up to {} commands of callers who keep the contract, in small topologies",
        searched.proved);
  }
  std::string text =
      fmt::format("searched: up to {} commands of any caller in small topologies", searched.proved);
  if (searched.proved_of_contract > searched.proved) {
    text += fmt::format(", up to {} of callers who keep the contract in plain ones",
                        searched.proved_of_contract);
  }
  return text;
}

// What is known of sequences that are shorter than the answer.
std::string ProofOf(Answer answer, const Shortest& searched, const Shrunk& shrunk,
                    std::size_t commands, bool of_port, bool out_of_time) {
  if (answer == Answer::kAsFound)
    return out_of_time ? "not proved: the time ran out" : "not proved: the sequence is as found";
  if (answer == Answer::kSearched && searched.proved + 1 >= commands)
    return "proved: no shorter sequence breaks that rule in a small topology";
  std::string text =
      "not proved; " + PrintSearched(searched, of_port) +
      (searched.out_of_time ? ", and there the time ran out" : ", where the search's budget ends");
  if (answer == Answer::kSearched) {
    if (!searched.start.empty())
      text += fmt::format("; the shortest of those that begin with {}", searched.start);
    return text;
  }
  if (IsLong(shrunk.scenario)) return text + "; no call of a turn can be spared";
  if (shrunk.ran_out)
    return text + "; shrinking stopped when the " + (shrunk.out_of_time ? "time" : "budget") +
           " ran out";
  return text + "; no single edit makes it simpler";
}

// The same divergence by a cheaper way to its count, made simple by edits.
std::optional<Shrunk> ByTurns(Runner& runner, const Counterexample& minimal,
                              const MinimizeOptions& options, const ShrinkBudget& budget) {
  const Scenario& scenario = minimal.scenario;
  if (scenario.commands.size() <= kWorthPumping || IsLong(scenario)) return std::nullopt;
  if (!minimal.divergence.ending.empty()) return std::nullopt;
  ShortestOptions search = {
      .profile = scenario.profile, .counts = options.counts, .hardened = runner.hardened()};
  // A port's tables are walked after each command.
  search.edges = runner.sut().contract_only() ? 50'000 : 500'000;
  search.deadline = budget.deadline.Share(0.5);
  Pumped pumped;
  const auto job = [&] { pumped = SearchTurns(runner.sut(), search, minimal); };
  if (runner.Contain(scenario.profile, job) || !pumped.shorter) return std::nullopt;
  FirstFailing same = SameDivergence(runner, pumped.shorter->divergence, options.counts);
  if (KeepsContract(pumped.shorter->scenario)) same = WithinContract(same);
  Shrunk shrunk = Shrink(pumped.shorter->scenario, same, budget);
  shrunk.evaluations += pumped.commands;
  return shrunk;
}

// A divergence of a caller who keeps the contract hurts everybody, and names the rule. One edit may
// turn the sequence into one of such a caller. If that sequence still diverges, by any rule, it is
// shrunk instead.
Shrunk ForACallerWhoKeepsTheContract(Runner& runner, Shrunk shrunk, const Counts& counts,
                                     const std::function<ShrinkBudget(std::size_t)>& rest) {
  if (shrunk.ran_out || KeepsContract(shrunk.scenario)) return shrunk;
  const FirstFailing any = [&](std::span<const Scenario> scenarios) {
    return runner.First(counts, scenarios);
  };
  const std::vector<Scenario> simpler = Simplifications(shrunk.scenario);
  shrunk.evaluations += simpler.size();
  const std::optional<std::size_t> first = WithinContract(any)(simpler);
  const std::optional<Divergence> divergence = first ? runner.Run(simpler[*first]) : std::nullopt;
  if (!divergence) return shrunk;
  Shrunk kept = Shrink(simpler[*first], WithinContract(SameDivergence(runner, *divergence, counts)),
                       rest(ShrinkBudget().evaluations));
  kept.evaluations += shrunk.evaluations;
  return kept;
}

// The records before the last call, on which both sides agreed.
Flb RecordsBefore(const Scenario& scenario) {
  State state = InitialState(scenario.topology);
  Outcome outcome;
  for (std::size_t i = 0; i + 1 < scenario.commands.size(); ++i) {
    StepInPlace(scenario.topology, scenario.profile, state, scenario.commands[i], outcome);
  }
  return state.flb;
}

// The first state in which the two sides differ, whole. The rest of the report shows only the parts
// that differ.
std::string FirstDifference(const Counterexample& counterexample) {
  using Moment = Divergence::Moment;
  const auto& [scenario, divergence] = counterexample;
  const char* title = "first state that differs";
  if (divergence.moment == Moment::kBegin)
    return fmt::format("  {}: none; no call was made\n", title);
  if (!divergence.sides_differ)
    return fmt::format("  {}: none; both sides break the rule\n", title);
  const std::size_t calls = scenario.commands.size();
  const std::string call = divergence.moment == Moment::kTeardown
                               ? fmt::format("call {} of the teardown", divergence.step + 1 - calls)
                               : fmt::format("call {}", divergence.step + 1);
  if (divergence.model_outcome.crashed() != divergence.sut_outcome.crashed())
    return fmt::format("  {}: in {}, as one side crashes\n", title, call);
  const std::string model = PrintState(divergence.model_state, scenario.topology),
                    sut = PrintState(divergence.sut_state, scenario.topology);
  if (model == sut)
    return fmt::format("  {}: none; after {} the records are the same\n", title, call);
  return fmt::format("  {}: after {}\n    model  {}\n    sut    {}\n", title, call,
                     CutOff(FoldedSlots(model)), CutOff(FoldedSlots(sut)));
}

// Each line as a comment.
std::string Commented(const std::string& text) {
  std::string commented;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const bool is_comment = text[begin] == '#';
    commented += (is_comment ? "" : "# ") + text.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return commented;
}

Minimized NotDeterministic(Runner& runner, Counterexample varying, std::uint64_t tried) {
  Minimized result = {.found = varying, .minimal = std::move(varying), .tried = tried};
  result.proof = "not looked for";
  result.claim = NameOf(runner.sut()) + " is not deterministic.";
  result.report = Describe(result.minimal.scenario, result.minimal.divergence);
  return result;
}

// What was found, and does not show again.
Counterexample SeenOnce(const Counterexample& found) {
  Counterexample varying = found;
  const RuleInfo& info = InfoOf(found.divergence.rule);
  varying.divergence.variation = {.how = "run alone",
                                  .first = fmt::format("breaks {} {}", info.id, info.name),
                                  .second = "conforms"};
  return varying;
}

}  // namespace

std::string Minimized::found_trace() const {
  const std::string trace = PrintScenario(found.scenario, claim);
  return varies() ? Commented(trace) : trace;
}

std::string Minimized::minimal_trace() const {
  const std::string trace = PrintScenario(minimal.scenario, claim);
  return varies() ? Commented(trace) : trace;
}

Shortest SearchFor(Runner& runner, const Counterexample& found, const MinimizeOptions& options) {
  // A divergence that ends its process is not searched for: each try would cost a process.
  if (!found.divergence.ending.empty()) return {};
  const Profile& profile = found.scenario.profile;
  ShortestOptions search = {
      .profile = profile, .counts = options.counts, .hardened = runner.hardened()};
  if (options.same_rule) search.rule = found.divergence.rule;
  search.deadline = DeadlineOf(options).Share(0.5);
  Shortest searched;
  const auto job = [&] { searched = FindShortest(runner.sut(), search); };
  return runner.Contain(profile, job) ? Shortest() : searched;
}

Minimized Minimize(Runner& runner, const Counterexample& found, const MinimizeOptions& options) {
  MinimizeOptions rest = options;
  rest.deadline = DeadlineOf(options);
  rest.budget.time.reset();
  runner.set_deadline(rest.deadline);
  if (found.divergence.variation) return NotDeterministic(runner, found, 0);
  if (auto varying = Varies(runner, found)) return NotDeterministic(runner, *varying, 0);
  const Shortest searched = SearchFor(runner, found, rest);
  return Minimize(runner, found, rest, searched);
}

Minimized Minimize(Runner& runner, const Counterexample& found, const MinimizeOptions& options,
                   const Shortest& searched) {
  const Deadline deadline = DeadlineOf(options);
  runner.set_deadline(deadline);
  // The budget that is left, for at most so many runs.
  const auto rest = [&](std::size_t evaluations) {
    return ShrinkBudget{.evaluations = std::min(evaluations, options.budget.evaluations),
                        .deadline = deadline};
  };
  const Scenario& scenario = found.scenario;
  FirstFailing first_failing = SameDivergence(runner, found.divergence, options.counts);
  if (runner.sut().contract_only() && KeepsContract(scenario))
    first_failing = WithinContract(first_failing);

  Minimized result = {.found = found, .minimal = found, .tried = searched.edges};
  result.repeats = first_failing(std::span(&scenario, 1)).has_value();
  constexpr std::size_t kFewEdits = 3000;
  Shrunk shrunk = {.scenario = scenario};
  if (IsLong(scenario) && result.repeats) {
    shrunk = ShrinkTurns(runner, scenario, first_failing, rest(kFewEdits));
  } else if (!searched.start.empty() && result.repeats) {
    shrunk = Shrink(scenario, first_failing, rest(kFewEdits));
  }
  result.tried += shrunk.evaluations;

  const std::optional<Answer> answer =
      Choose({found, searched, result.repeats, shrunk.scenario.commands.size(), deadline.passed()});
  if (!answer) return NotDeterministic(runner, SeenOnce(found), result.tried);
  if (answer == Answer::kSearched) {
    result.minimal = *searched.found;
    result.repeats = true;
  } else if (answer == Answer::kShrunk) {
    if (!IsLong(shrunk.scenario)) {
      shrunk = Shrink(shrunk.scenario, first_failing, rest(options.budget.evaluations));
      if (!options.same_rule)
        shrunk = ForACallerWhoKeepsTheContract(runner, std::move(shrunk), options.counts, rest);
      result.tried += shrunk.evaluations;
    }
    runner.set_deadline({});  // what was found is run once more, come what may
    std::optional<Divergence> again = runner.Run(shrunk.scenario);
    runner.set_deadline(deadline);
    result.repeats = again.has_value() || deadline.passed();
    if (again) result.minimal = {shrunk.scenario, *std::move(again)};
  }
  if (answer == Answer::kAsFound && deadline.passed()) result.repeats = true;  // nobody knows
  std::optional<Answer> taken = answer;
  const std::optional<Shrunk> by_turns =
      result.repeats && answer != Answer::kAsFound
          ? ByTurns(runner, result.minimal, options, rest(options.budget.evaluations))
          : std::nullopt;
  if (by_turns) {
    result.tried += by_turns->evaluations;
    if (std::optional<Divergence> again = runner.Run(by_turns->scenario)) {
      shrunk = *by_turns;
      taken = Answer::kShrunk;
      result.minimal = {shrunk.scenario, *std::move(again)};
    }
  }
  // A search goes from state to state, and a shrunk sequence may have failed by chance.
  if (auto varying = Varies(runner, result.minimal))
    return NotDeterministic(runner, *std::move(varying), result.tried);
  result.proof = ProofOf(*taken, searched, shrunk, result.minimal.scenario.commands.size(),
                         runner.sut().contract_only(), deadline.passed());
  const RuleInfo& rule = InfoOf(result.minimal.divergence.rule);
  result.claim = fmt::format("{} breaks {} {}.", NameOf(runner.sut()), rule.id, rule.name);
  result.report = Describe(result.minimal.scenario, result.minimal.divergence) +
                  FirstDifference(result.minimal);
  // It runs the scenario again for each command.
  if (!shrunk.out_of_time && !deadline.passed() && !IsLong(result.minimal.scenario)) {
    const std::vector<std::string> lines = WhatMayVary(runner, result.minimal);
    if (deadline.passed()) {  // a part of them would deny the rest
      result.report += "  may vary: not known, as the time to shrink was up\n";
    } else {
      for (const std::string& line : lines) result.report += "  may vary: " + line + "\n";
    }
  }
  return result;
}

std::string Indented(const std::string& text) {
  std::string indented;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    indented += "  " + text.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return indented;
}

std::string PrintMinimized(const Minimized& minimized, const std::string& origin) {
  if (minimized.varies()) {
    return fmt::format(
        "not deterministic: {}\n"
        "two runs of one sequence differ; an implementation does the same each time (sut/sut.h)\n\n"
        "sequence ({}):\n{}\n{}",
        origin, Count(minimized.minimal.scenario.commands.size(), "command"),
        Indented(minimized.minimal_trace()), Indented(minimized.report));
  }
  const RuleInfo& info = InfoOf(minimized.minimal.divergence.rule);
  std::string text = fmt::format("divergence: {}\n", origin);
  text += fmt::format("rule {} {}: {} (docs/model.md, \"The rules\")\n\n", info.id, info.name,
                      info.statement);
  text += fmt::format("shrunk trace ({} to {}, {} tried; shortest: {}):\n",
                      Count(minimized.found.scenario.commands.size(), "command"),
                      Grouped(minimized.minimal.scenario.commands.size()),
                      Count(minimized.tried, "sequence"), minimized.proof);
  if (!minimized.repeats)
    text += "  (alone, it does not show: what the process had run before has a part in it)\n";
  text += Indented(minimized.minimal_trace()) + "\n" + Indented(minimized.report);
  if (!minimized.replay.empty()) text += fmt::format("\nreplay: {}\n", minimized.replay);
  return text;
}

std::string LeaveBehind(Minimized& minimized, const std::string& directory, const std::string& sut,
                        bool hardened) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error)
    return fmt::format("{}: expected a directory to write to: {}", directory, error.message());
  if (minimized.varies()) {
    // Of an earlier run: they would be taken for this one's.
    for (const char* stale : {"failing.trace", "shrunk.trace", "before.dot", "shrunk.dot"})
      std::filesystem::remove(directory + "/" + stale, error);
    return WriteFileAtomically(directory + "/report.txt",
                               minimized.minimal_trace() + "\n" + minimized.report);
  }
  const auto& [scenario, divergence] = minimized.minimal;
  const std::string trace = directory + "/shrunk.trace";
  const std::pair<std::string, std::string> files[] = {
      {directory + "/failing.trace", minimized.found_trace()},
      {trace, minimized.minimal_trace()},
      {directory + "/before.dot", DependencyGraph(RecordsBefore(scenario)).Dot()},
      {directory + "/shrunk.dot", DependencyGraph(divergence.sut_state.flb).Dot()},
      {directory + "/report.txt", minimized.report},
  };
  for (const auto& [path, text] : files) {
    if (std::string failed = WriteFileAtomically(path, text); !failed.empty()) return failed;
  }
  minimized.replay = ReplayCommand(trace, sut, hardened);
  return "";
}

std::string DefaultOutputDirectory() {
  if (const char* directory = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR")) return directory;
  return "holdfast-out";
}

}  // namespace holdfast
