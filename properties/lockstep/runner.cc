#include "properties/lockstep/runner.h"

#include <stdexcept>
#include <utility>
#include <vector>

#include "model/step.h"
#include "sut/surroundings.h"

namespace holdfast {
namespace {

// Where a death happened.
struct Place {
  Ending ending;
  std::uint64_t cases = 0, commands = 0;
  std::size_t length = 0;

  bool operator==(const Place& other) const {
    return ending.kind == other.ending.kind && ending.code == other.ending.code &&
           ending.late == other.ending.late && cases == other.cases && commands == other.commands &&
           length == other.length;
  }
};

}  // namespace

// Whether both sides crashed. That is no divergence, and the runner will not let it happen again.
bool Runner::IsNewAgreement(const Ending& ending, const Divergence& divergence) {
  const bool hangs = ending.kind == Ending::Kind::kHung || ending.kind == Ending::Kind::kBlocked;
  if (hangs || !divergence.model_outcome.crashed() || skips_crashes()) return false;
  job_->SkipCrashes();
  trial_->SkipCrashes();
  return true;
}

std::optional<Divergence> Runner::Run(const Scenario& scenario) try {
  if (where_ == Where::kHere) return RunScenario(sut_, scenario, hardened_, nullptr, deadline_);
  std::optional<Divergence> divergence;
  if (!First({}, std::span(&scenario, 1), &divergence) || divergence) return divergence;
  // The scenario comes back, but may leave memory in any state.
  const auto run = [&] {
    divergence = RunScenario(sut_, scenario, hardened_, &*trial_, deadline_);
    CheckChild();
  };
  Ending ending = ContinueInChild(run);
  while (FromOutside(ending)) {  // it came back a moment ago
    Forget(ending);
    ending = ContinueInChild(run);
  }
  if (ending.kind == Ending::Kind::kReturned) return divergence;
  if (ending.late) {  // other scenarios have been run since
    trial_->Begin(scenario.topology);
    for (std::size_t step = 0; step < scenario.commands.size(); ++step)
      trial_->Add(step, scenario.commands[step]);
  }
  return FoundAt(ending, *trial_, scenario.profile).divergence;
} catch (const OutOfTime&) {
  return std::nullopt;
}

bool Runner::Diverges(const Scenario& scenario) {
  return First({}, std::span(&scenario, 1)).has_value();
}

std::optional<std::size_t> Runner::First(const Counts& counts,
                                         std::span<const Scenario> scenarios) {
  std::optional<Divergence> ignored;
  return First(counts, scenarios, &ignored);
}

std::optional<std::size_t> Runner::First(const Counts& counts, std::span<const Scenario> scenarios,
                                         std::optional<Divergence>* death) {
  struct Progress {
    std::size_t at = 0;
    bool found = false;
  };
  Shared<Progress> progress;
  const bool here = where_ == Where::kHere;
  const auto search = [&] {
    for (; progress->at < scenarios.size(); ++progress->at) {
      std::optional<Divergence> divergence;
      try {
        divergence = RunScenario(sut_, scenarios[progress->at], hardened_,
                                 here ? nullptr : &*trial_, deadline_);
      } catch (const Exhausted&) {
        continue;  // the scenario shows nothing
      } catch (const OutOfTime&) {
        continue;
      }
      if (!here) CheckChild();
      if (!divergence || (counts && !counts(scenarios[progress->at], *divergence))) continue;
      progress->found = true;
      return;
    }
  };
  std::optional<Place> before;  // of a death that may be from outside
  while (progress->at < scenarios.size()) {
    const std::size_t start = progress->at;
    const Ending ending = here ? (search(), Ending()) : RunInChild(search);
    if (progress->found) return progress->at;
    if (ending.kind == Ending::Kind::kReturned) break;
    const auto [scenario, divergence] = FoundAt(ending, *trial_, scenarios[progress->at].profile);
    if (IsNewAgreement(ending, divergence)) continue;
    if (FromOutside(ending)) {
      const Place place = {ending, progress->at, 0, trial_->length()};
      if (before != place) {
        if (before && before->cases == place.cases) Forget(ending);
        before = place;
        continue;
      }
    }
    if (!counts || counts(scenario, divergence)) {
      // An earlier scenario may have done the harm: this one again, in a child of its own.
      if (!ending.in_call && progress->at != start) continue;
      *death = divergence;
      return progress->at;
    }
    ++progress->at;
  }
  return std::nullopt;
}

std::optional<EndedJob> Runner::Contain(const Profile& profile, const std::function<void()>& job) {
  if (where_ == Where::kHere) {
    job();
    return std::nullopt;
  }
  Shared<Tally> tally;
  const auto contained = [&] {
    job();
    CheckChild();
    *tally = job_->tally();
  };
  std::optional<Place> before;  // of a death that did not happen again when its sequence ran alone
  std::optional<EndedJob> unexplained;  // that death, unless it may be from outside
  while (true) {
    const Ending ending = ContinueInChild(contained);
    if (ending.kind == Ending::Kind::kReturned) return unexplained;
    EndedJob ended = {.found = FoundAt(ending, *job_, profile),
                      .tally = ending.late ? *tally : job_->tally(),
                      .late = ending.late};
    if (IsNewAgreement(ending, ended.found.divergence)) continue;
    // How many processes there are when the runner looks is for the clock to say.
    if (ending.kind == Ending::Kind::kCrowd || DiesAlone(ending, ended)) return ended;
    const Place place = {ending, job_->tally().cases, job_->tally().commands, job_->length()};
    if (before == place) return ended;  // what the process had run before has a part in it
    before = place;
    if (!ending.in_call) job_->CheckEachCase();
    if (FromOutside(ending)) {
      Forget(ending);
    } else if (unexplained) {
      return unexplained;
    } else if (!ending.late) {  // a job that returns says nothing of what comes after it
      ended.found.divergence.rules = 0;
      ended.found.divergence.variation = {
          .how = "run again",
          .first = "(its process ended: " + ended.found.divergence.ending + ")",
          .second = "(its process did not end)"};
      unexplained = std::move(ended);
    }
  }
}

bool Runner::DiesAlone(const Ending& ending, const EndedJob& ended) {
  if (ending.late) return false;
  Shared<bool> diverges;
  const Ending again = RunInChild([&] {
    try {
      *diverges = RunScenario(sut_, ended.found.scenario, hardened_, &*trial_).has_value();
    } catch (const Exhausted&) {
    }
    *diverges |= CheckChild();
  });
  if (!FromOutside(ending) && !FromOutside(again))
    return *diverges || again.kind != Ending::Kind::kReturned;
  if (again.kind == Ending::Kind::kReturned) return *diverges;
  return again.kind == ending.kind && again.code == ending.code &&
         trial_->length() == job_->length();
}

void Runner::Forget(const Ending& ending) {
  const std::string signal = PrintEnding(ending);
  if (++deaths_ < kMostDeaths) {
    WriteToUser("holdfast: a child process was ended from outside (" + signal +
                "): its part is run again\n");
    return;
  }
  throw DeathsFromOutside("child processes were ended " + std::to_string(deaths_) +
                          " times from outside (" + signal +
                          "), each time at another call; is there too little memory, or a limit "
                          "of processor time?");
}

// Asks the model again for the outcome that the command should have had.
Counterexample Runner::FoundAt(const Ending& ending, const FlightRecorder& recorder,
                               const Profile& profile) const {
  // A sanitizer knows whose access it was. Its report on the suite's own code is no verdict on the
  // implementation.
  if (!ending.in_call && !ending.report.empty() && ending.kind != Ending::Kind::kLastWords)
    throw std::runtime_error("in a child process:\n" + ending.report);
  Counterexample found = {.scenario = recorder.Case(profile), .divergence = {}};
  const Topology& topology = found.scenario.topology;
  const Profile in_force = profile.config_enabled ? InForce(profile, sut_.layout()) : profile;
  Divergence& divergence = found.divergence;
  divergence.moment = recorder.length() == 0                    ? Divergence::Moment::kBegin
                      : recorder.teardown() < recorder.length() ? Divergence::Moment::kTeardown
                                                                : Divergence::Moment::kCommand;
  divergence.rule = Rule::kQuiet;
  divergence.rules = RuleBit(Rule::kQuiet);
  divergence.ending = PrintEnding(ending) + (ending.in_call ? "" : ", after the call");
  divergence.noticed_later = !ending.in_call;
  divergence.model_layout = in_force.layout;
  divergence.sut_layout = sut_.layout();
  State& state = divergence.model_state = InitialState(topology);
  divergence.sut_state = state;
  for (std::size_t step = 0; step < recorder.length(); ++step) {
    divergence.step = step;
    divergence.command = recorder.command(step);
    divergence.sut_state = state;
    StepInPlace(topology, in_force, state, divergence.command, divergence.model_outcome);
  }
  if (recorder.length() != 0) divergence.entry = sut_.EntryPoint(divergence.command.verb);
  divergence.model_queries = AnswerQueries(topology, in_force, state);
  divergence.sut_queries = AnswerQueries(topology, in_force, divergence.sut_state);
  divergence.sut_state.crashed = true;
  divergence.sut_outcome.kind = Outcome::Kind::kCrashed;
  return found;
}

}  // namespace holdfast
