// Lockstep: one command on both sides, compare, check the rules, say what differs.
//
// After every command five things are held against each other:
//   - the outcome: result, out-parameter, warnings, whether the fault fired;
//   - the driver calls, in order;
//   - the observed state;
//   - the answers of the queries;
//   - the rules, which are asked of the implementation's own state and not only of the model's.
// The first difference is a Divergence, and the run is over.
//
// An implementation whose profile is detected may refuse a call by an answer of another version
// (refusals.h). No document says its answers, so the order of its guards is its own. The model then
// takes over that answer, and the rules are asked as ever.
//
// A rule that both sides break together is no difference: the profile lets it happen. It is a
// hazard if the sequence has broken the caller's contract by then. Otherwise it is a divergence of
// the profile from the rules. It is a divergence in any case if the rule is owed always
// (HardenedRules), or if `hardened` was asked for.
//
// An exception of the implementation ends the child process that runs it, with the exception as the
// last words (sut/child.h). It is a death like any other then (runner.h).
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_LOCKSTEP_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_LOCKSTEP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "model/rules/contract.h"
#include "model/rules/rules.h"
#include "model/scenario.h"
#include "model/step.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/deadline.h"
#include "properties/lockstep/flight_recorder.h"
#include "properties/lockstep/tally.h"
#include "sut/child.h"
#include "sut/sut.h"

namespace holdfast {

// Both sides in the middle of a case, to come back to. Reused, it costs no allocation.
struct Checkpoint {
  std::size_t step = 0;
  State model;
  Ledger ledger;
  Breaches breaches = 0;
  Snapshot sut;
};

// The simulated machine's memory came to an end in a command: the case cannot be judged from there
// on, and nobody is to blame but the suite. A lockstep that has thrown it goes on from a
// checkpoint.
struct Exhausted : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The implementation threw an exception, and there is no child process to end for it.
struct SutThrew : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Called where an exception of the implementation is handled.
[[noreturn]] void EndForException();

// Makes a call of the implementation beside a Lockstep: a canonical state, a run without
// comparison. The call must come back. An exception ends the child process with the exception as
// the last words (sut/child.h); without a child process it is SutThrew.
template <typename Call>
void AskSut(const Call& call) {
  const WatchedCall watched;
  try {
    call();
  } catch (...) {
    EndForException();
  }
}

class Lockstep {
 public:
  // Called after each command, once it is judged, with what the implementation answered.
  using Listener = std::function<void(const Command&, const Outcome&, const Observation&)>;

  explicit Lockstep(Sut& sut) : sut_(sut), admits_versions_(sut.profile_is_detected()) {}

  // Admits no answer but the profile's.
  void set_strict() { admits_versions_ = false; }

  // With `hardened`, every rule is owed on every sequence.
  void set_hardened(bool hardened) { hardened_ = hardened; }

  // Writes down there, from the next Begin on, what it is at, and counts there. Null: nowhere.
  void set_recorder(FlightRecorder* recorder) {
    recorder_ = recorder;
    tally_ = recorder ? &recorder->tally() : &own_tally_;
    *tally_ = Tally();
  }

  // Begin and each command throw OutOfTime once the deadline has passed.
  void set_deadline(const Deadline& deadline) { deadline_ = deadline; }
  void set_listener(Listener listener) { listener_ = std::move(listener); }

  // Starts a case: both sides in InitialState, no divergence yet. The topology must outlive the
  // case.
  void Begin(const Topology& topology, const Profile& profile);

  // Runs the next command on both sides. False if they diverge; divergence() then says how. Throws
  // Exhausted, and so does TearDown.
  bool Run(const Command& command);

  // Unpreserves all that is preserved, devices before domains before files, in lockstep, and checks
  // that nothing is left. It makes only calls that a well-behaved caller still can: a group's owner
  // that went away is claimed again, and what is beyond reach (a pointer into an FLB that is gone)
  // stays. Does nothing after a crash or a freeze.
  bool TearDown();

  // R14, which is about the implementation and no command. To be asked last: records are read by
  // the layout that they have, so what is wrong with their contents shows all the same, and tells
  // more.
  bool CheckRecords();

  // The case so far, both sides; Restore brings it back, but neither a divergence nor the tally.
  void Save(Checkpoint& checkpoint);
  void Restore(const Checkpoint& checkpoint);
  // The same for the checkpoint from which the last Run, the only one since, set out: for less.
  void TakeBack(const Checkpoint& checkpoint);

  const std::optional<Divergence>& divergence() const { return divergence_; }
  const State& state() const { return model_; }  // the model's
  const Outcome& outcome() const { return model_outcome_; }
  // The profile's outcome, where the last Run took over the implementation's.
  const std::optional<Outcome>& replaced() const { return replaced_; }
  const Ledger& ledger() const { return ledger_; }
  Breaches breaches() const { return breaches_; }  // clauses broken since Begin
  // rules broken on both sides, and allowed, by the last Run or TearDown
  RuleSet hazards() const { return hazards_; }
  const Tally& tally() const { return *tally_; }
  // What a case is, its driver knows.
  void CountCase() { ++tally_->cases; }

 private:
  Lockstep(const Lockstep&) = delete;  // tally_ may point into it
  Lockstep& operator=(const Lockstep&) = delete;

  void RunSut(const Command& command);
  void AdmitAnswerOfAVersion(const Command& command);
  bool Verdict(const Command& command);
  bool CheckDown();
  bool Judge(RuleCheck check, Divergence::Moment moment, const Command& command);
  void Diverge(RuleSet rules, bool sides_differ, Divergence::Moment moment, const Command& command);
  void ExplainReach(Divergence& divergence);
  RuleCheck CheckReach(const State& state, const Reach& reach) const;
  RuleSet OwedRules() const;
  Observation& observed() { return observations_[last_]; }
  State& before() { return observations_[1 - last_].state; }

  Sut& sut_;
  bool hardened_ = false, admits_versions_;
  Deadline deadline_;
  const Topology* topology_ = nullptr;
  Profile profile_, owed_;  // with the layout in force; with the one that is owed
  std::size_t step_ = 0;
  State model_;
  Outcome model_outcome_, sut_outcome_;
  std::optional<Outcome> replaced_;
  Queries model_queries_;
  // The last two. What was observed before the command is what the model's state was then, or the
  // run would be over: so the rules have their `before` without a copy of it.
  std::array<Observation, 2> observations_;
  std::size_t last_ = 0;
  Ledger ledger_;  // of both sides: while they make the same driver calls it is the same
  Breaches breaches_ = 0;
  bool tearing_down_ = false;
  RuleSet hazards_ = 0;
  std::optional<Divergence> divergence_;
  Listener listener_;
  FlightRecorder* recorder_ = nullptr;
  Tally own_tally_;
  Tally* tally_ = &own_tally_;
};

// The profile by which an implementation is asked: the profile that the implementation was written
// to, without the restoring side if the implementation has none.
inline Profile WithSidesOf(const Sut& sut, Profile profile) {
  profile.restores = profile.restores && sut.restores();
  profile.releases = profile.releases && sut.releases();
  return profile;
}

// The profile with the layout that the implementation owes (R14). A kernel tree owes the core's
// fields alone: which vendor parts its records have, its own drivers say.
inline Profile WithOwedLayout(const Sut& sut, const Profile& profile) {
  const Layout found = sut.layout();
  Profile owed = WithLayout(profile, found);
  if (sut.profile_is_detected() && OnlyEndsDiffer(owed.layout, found)) owed.layout = found;
  return owed;
}

// Runs the commands of a scenario, and calls visit(i) after the i-th. False if the sides diverge.
template <typename Visit>
bool RunCommands(Lockstep& lockstep, const Scenario& scenario, const Visit& visit) {
  lockstep.Begin(scenario.topology, scenario.profile);
  for (std::size_t i = 0; i < scenario.commands.size(); ++i) {
    if (!lockstep.Run(scenario.commands[i])) return false;
    visit(i);
  }
  return !lockstep.divergence();
}

// Runs a whole scenario, with teardown; the divergence if there is one.
std::optional<Divergence> RunScenario(Sut& sut, const Scenario& scenario, bool hardened = false,
                                      FlightRecorder* recorder = nullptr,
                                      const Deadline& deadline = {});

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_LOCKSTEP_H_
