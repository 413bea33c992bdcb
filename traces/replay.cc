#include "traces/replay.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "model/rules/contract.h"
#include "model/rules/rules.h"
#include "model/step.h"
#include "model/text/text.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/lockstep.h"
#include "properties/shrink/repeat.h"
#include "model/text/trace_file.h"

namespace holdfast {
namespace {

std::string Place(const Trace& trace, std::size_t line) {
  return trace.file + ":" + std::to_string(line);
}

std::string Mistake(const Trace& trace, std::size_t line, std::string_view what) {
  return Place(trace, line + 1) + ":" + std::to_string(trace.lines[line].column) + ": expected " +
         std::string(what) + "\n";
}

// The mistakes of the trace: expectations that the model does not give. The implementation is not
// asked.
std::string FindMistakes(const Trace& trace) {
  const Scenario& scenario = trace.scenario;
  std::string mistakes;
  State state = InitialState(scenario.topology);
  Outcome outcome;
  std::vector<bool> named(trace.lines.size());  // a line is named once, in whichever turn
  const auto mistake = [&](std::size_t i, std::size_t turn, const std::string& what) {
    if (named[i] && turn != 0) return;
    named[i] = true;
    mistakes +=
        Mistake(trace, i, what + (turn == 0 ? "" : ", in turn " + std::to_string(turn + 1)));
  };
  ForEachLine(trace, [&](std::size_t i, std::size_t turn) {
    const TraceLine& line = trace.lines[i];
    if (line.kind == TraceLine::Kind::kCall) {
      const Command& command = scenario.commands[line.calls];
      StepInPlace(scenario.topology, scenario.profile, state, command, outcome);
      const std::string said = line.outcome ? PrintOutcome(*line.outcome) : "nothing";
      const std::string right = PrintOutcome(outcome);
      if (said != right) {
        mistake(i, turn, right + ", as the model says, found " + said + " (rewrite fills it in)");
      }
      if (command.fault.armed() && !outcome.fault_fired) {
        mistake(i, turn,
                "a fault that fires; the call does not come to " +
                    std::string(FaultSiteName(command.fault.site)) +
                    (command.fault.nth > 1 ? " that often" : ""));
      }
    } else if (line.kind == TraceLine::Kind::kState && line.claim &&
               !Satisfies(state, *line.claim, scenario.topology)) {
      mistake(i, turn,
              PrintState(state, scenario.topology) + ", as the model says, found\n    " +
                  PrintClaim(*line.claim, scenario.topology) + " (rewrite fills it in)");
    }
  });
  return mistakes;
}

std::size_t LineOfCall(const Trace& trace, std::size_t step) {
  for (std::size_t i = 0; i < trace.lines.size(); ++i) {
    if (trace.lines[i].kind == TraceLine::Kind::kCall && trace.lines[i].Makes(step)) return i + 1;
  }
  return trace.lines.size();
}

// The line of a divergence. A divergence after all calls has the last line.
std::size_t LineOf(const Trace& trace, const Divergence& divergence) {
  if (divergence.moment == Divergence::Moment::kCommand) return LineOfCall(trace, divergence.step);
  return divergence.moment == Divergence::Moment::kBegin ? 1 : trace.lines.size();
}

// The `breaks` line, or the number of lines.
std::size_t BreaksLine(const Trace& trace) {
  const auto line = std::find_if(trace.lines.begin(), trace.lines.end(), [](const TraceLine& l) {
    return l.kind == TraceLine::Kind::kBreaks;
  });
  return static_cast<std::size_t>(line - trace.lines.begin());
}

// True if `breaks` announces the divergence: both sides agree, and it shows at the last call or
// later.
bool IsAnnounced(const Trace& trace, const Divergence& divergence) {
  const std::size_t line = BreaksLine(trace);
  return line < trace.lines.size() && !divergence.sides_differ &&
         divergence.rule == trace.lines[line].rule &&
         divergence.step + 1 >= trace.scenario.commands.size();
}

}  // namespace

ReplayResult Replay(const Trace& trace, Sut& sut, const ReplayOptions& options) {
  ReplayResult result;
  Runner runner(sut, options.where, options.hardened);
  runner.set_deadline(options.deadline);
  std::optional<Divergence> divergence = runner.Run(trace.scenario);
  const std::optional<Counterexample> varying =
      divergence ? Varies(runner, {trace.scenario, *divergence})
                 : FirstVarying(runner, std::span(&trace.scenario, 1));
  if (varying) divergence = varying->divergence;
  std::string mistakes = FindMistakes(trace);
  if (varying) {
    result.verdict = ReplayResult::Verdict::kDiverges;
    result.report =
        Place(trace, LineOf(trace, *divergence)) + ": " + Describe(trace.scenario, *divergence);
  } else if (divergence && !IsAnnounced(trace, *divergence)) {
    result.verdict = ReplayResult::Verdict::kDiverges;
    result.report = Place(trace, LineOf(trace, *divergence)) + ": " +
                    Describe(trace.scenario, *divergence) +
                    "replay: " + ReplayCommand(trace.file, options.sut, options.hardened) + "\n";
  } else if (const std::size_t line = BreaksLine(trace); !divergence && line < trace.lines.size()) {
    mistakes += Mistake(trace, line,
                        "no `breaks` line; nothing that is owed is broken here, and found breaks " +
                            std::string(InfoOf(trace.lines[line].rule).id));
  }
  if (!mistakes.empty() && result.verdict == ReplayResult::Verdict::kConforms) {
    result.verdict = ReplayResult::Verdict::kMistaken;
  }
  result.report += mistakes;
  result.divergence = std::move(divergence);
  return result;
}

ReplayResult ListHazards(const Trace& trace, Sut& sut, const ReplayOptions& options) {
  // A divergence that ends the process is reported first.
  ReplayResult result = Replay(trace, sut, options);
  if (result.verdict != ReplayResult::Verdict::kConforms || options.deadline.passed())
    return result;
  Lockstep lockstep(sut);
  const Scenario& scenario = trace.scenario;
  lockstep.Begin(scenario.topology, scenario.profile);
  RuleSet known = 0;
  const auto list = [&](std::size_t line, const std::string& call, RuleSet broken) {
    for (const RuleInfo& info : Rules()) {
      if ((broken & ~known & RuleBit(info.rule)) == 0) continue;
      const std::string clauses = PrintBreaches(lockstep.breaches());
      result.report += Place(trace, line) + ": " + call + "        " + std::string(info.id) + " " +
                       std::string(info.name) + (clauses.empty() ? "" : "  (" + clauses + ")") +
                       "\n";
    }
    known |= broken;
  };
  for (const Command& command : scenario.commands) {
    const std::size_t line =
        LineOfCall(trace, static_cast<std::size_t>(&command - scenario.commands.data()));
    const bool agrees = lockstep.Run(command);
    // The rule that `breaks` announces is owed, and both sides break it.
    list(line, PrintCommand(command), agrees ? lockstep.hazards() : lockstep.divergence()->rules);
    if (!agrees) return result;
  }
  const bool agrees = lockstep.TearDown();
  list(trace.lines.size(), "teardown", agrees ? lockstep.hazards() : lockstep.divergence()->rules);
  return result;
}

ReplayResult Rewrite(const std::string& path, Sut& sut, const ReplayOptions& options) {
  std::variant<Trace, std::string> read = ReadTrace(path, Completeness::kToFillIn);
  if (auto* error = std::get_if<std::string>(&read)) {
    return {.verdict = ReplayResult::Verdict::kMistaken, .report = std::move(*error) + "\n"};
  }
  Trace& trace = std::get<Trace>(read);
  FillIn(trace);
  const std::string error = WriteFileAtomically(path, PrintTrace(trace));
  if (!error.empty()) return {.verdict = ReplayResult::Verdict::kMistaken, .report = error + "\n"};
  return Replay(trace, sut, options);
}

}  // namespace holdfast
