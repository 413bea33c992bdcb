#include "traces/replay.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "model/step.h"
#include "properties/lockstep.h"
#include "traces/trace_file.h"

namespace holdfast {
namespace {

std::string Place(const Trace& trace, std::size_t line) { return trace.file + ":" + std::to_string(line); }

std::string Mistake(const Trace& trace, std::size_t line, std::string_view what) {
  return Place(trace, line + 1) + ":" + std::to_string(trace.lines[line].column) + ": expected " + std::string(what) + "\n";
}

// What the trace says that the model does not. The model is enough to tell: the implementation has no say in it.
std::string FindMistakes(const Trace& trace) {
  const Scenario& scenario = trace.scenario;
  std::string mistakes;
  State state = InitialState(scenario.topology);
  Outcome outcome;
  for (std::size_t i = 0; i < trace.lines.size(); ++i) {
    const TraceLine& line = trace.lines[i];
    if (line.kind == TraceLine::Kind::kCall) {
      const Command& command = scenario.commands[line.calls];
      StepInPlace(scenario.topology, scenario.profile, state, command, outcome);
      const std::string said = line.outcome ? PrintOutcome(*line.outcome) : "nothing";
      const std::string right = PrintOutcome(outcome);
      if (said != right) {
        mistakes += Mistake(trace, i, said + ", the model says " + right + " (rewrite fills it in)");
      }
      if (command.fault.armed() && !outcome.fault_fired) {
        mistakes += Mistake(trace, i, "the fault to fire, the call does not come to " +
                                          std::string(FaultSiteName(command.fault.site)) +
                                          (command.fault.nth > 1 ? " that often" : ""));
      }
    } else if (line.kind == TraceLine::Kind::kState && line.claim && !Satisfies(state, *line.claim, scenario.topology)) {
      mistakes += Mistake(trace, i, PrintClaim(*line.claim, scenario.topology) + "\n    the model says " +
                                        PrintState(state, scenario.topology) + " (rewrite fills it in)");
    }
  }
  return mistakes;
}

// The line of a call of the scenario; for what comes after them all, the last line.
std::size_t LineOf(const Trace& trace, const Divergence& divergence) {
  if (divergence.moment == Divergence::Moment::kCommand) {
    for (std::size_t i = 0; i < trace.lines.size(); ++i) {
      if (trace.lines[i].kind == TraceLine::Kind::kCall && trace.lines[i].calls == divergence.step) return i + 1;
    }
  }
  return divergence.moment == Divergence::Moment::kBegin ? 1 : trace.lines.size();
}

// The `breaks` line, or the number of lines.
std::size_t BreaksLine(const Trace& trace) {
  const auto line = std::find_if(trace.lines.begin(), trace.lines.end(),
                                 [](const TraceLine& l) { return l.kind == TraceLine::Kind::kBreaks; });
  return static_cast<std::size_t>(line - trace.lines.begin());
}

// True if the divergence is what `breaks` announces: both sides agree, and it shows at the last call or after it.
bool IsAnnounced(const Trace& trace, const Divergence& divergence) {
  const std::size_t line = BreaksLine(trace);
  return line < trace.lines.size() && !divergence.sides_differ && divergence.rule == trace.lines[line].rule &&
         divergence.step + 1 >= trace.scenario.commands.size();
}

std::string ReplayCommand(const Trace& trace, const ReplayOptions& options) {
  return std::string("./holdfast replay ") + (options.hardened ? "--hardened " : "") +
         (options.sut.empty() ? "" : "--sut=" + options.sut + " ") + trace.file;
}

}  // namespace

ReplayResult Replay(const Trace& trace, Sut& sut, const ReplayOptions& options) {
  ReplayResult result;
  const std::optional<Divergence> divergence = Runner(sut, options.where, options.hardened).Run(trace.scenario);
  std::string mistakes = FindMistakes(trace);
  if (divergence && !IsAnnounced(trace, *divergence)) {
    result.verdict = ReplayResult::Verdict::kDiverges;
    result.report = Place(trace, LineOf(trace, *divergence)) + ": " + Describe(trace.scenario, *divergence) +
                    "replay: " + ReplayCommand(trace, options) + "\n";
  } else if (const std::size_t line = BreaksLine(trace); !divergence && line < trace.lines.size()) {
    mistakes += Mistake(trace, line, "the profile to break " + std::string(InfoOf(trace.lines[line].rule).id) +
                                         " here, nothing is broken that is owed");
  }
  if (!mistakes.empty() && result.verdict == ReplayResult::Verdict::kConforms) {
    result.verdict = ReplayResult::Verdict::kMistaken;
  }
  result.report += mistakes;
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
