// Runs scenarios where an implementation can do no harm: in a child process, or here.
//
// The kernel environment contains most crashes in the process, at once: they are outcomes of the
// call. What it cannot contain ends a child (sut/child.h), and is made a divergence here: R15 at
// the command that was under way, with the model's side as it would have been. The records are then
// gone with the process, so the implementation's side shows the state before that command.
//
// An implementation may die (but not hang) where the model says CRASH: the two agree. Such a death
// is no divergence, but it costs a child, so from the first one on the implementation is not run
// where the model crashes.
//
// What harms the process but does not end it at once is looked for in the heap after each trial and
// each job. No check of it is complete: so the process from before a job stays behind it, and goes
// on, with the memory that it had, if the one that took its place crashes in the end.
//
// One fork serves many scenarios. Where::kHere is for a debugger, and for tests that need no child.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_RUNNER_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_RUNNER_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <span>

#include "model/profile.h"
#include "model/scenario.h"
#include "properties/lockstep/flight_recorder.h"
#include "properties/lockstep/lockstep.h"
#include "sut/child.h"
#include "sut/sut.h"

namespace holdfast {

// What diverged, and on what.
struct Failure {
  Scenario scenario;
  Divergence divergence;
  Tally tally;  // of the job until then
  // the job had ended: the scenario is the last one that any job ran, whatever it was that smashed
  // memory
  bool late = false;
};

class Runner {
 public:
  enum class Where : std::uint8_t { kHere, kInChild };

  explicit Runner(Sut& sut, Where where = Where::kHere, bool hardened = false)
      : sut_(sut), where_(where), hardened_(hardened) {}

  Sut& sut() const { return sut_; }
  bool hardened() const { return hardened_; }

  // The whole scenario, with teardown; the divergence if there is one.
  std::optional<Divergence> Run(const Scenario& scenario);
  bool Diverges(const Scenario& scenario);  // for less

  // The first of the scenarios whose divergence is the one that is looked for.
  std::optional<std::size_t> First(const std::function<bool(const Divergence&)>& is_it,
                                   std::span<const Scenario> scenarios);

  // A job of many scenarios under one profile, whose Lockstep writes into recorder(). If it ends
  // its process, what it was at is the failure, and memory is as it was before; else what it did to
  // memory stands (ContinueInChild).
  std::optional<Failure> Contain(const Profile& profile, const std::function<void()>& job);
  // Whether it has died where the model crashes.
  bool skips_crashes() const { return job_->skips_crashes(); }
  // Null where jobs run here.
  FlightRecorder* recorder() { return where_ == Where::kHere ? nullptr : &*job_; }

 private:
  Failure FailureOf(const Ending& ending, const FlightRecorder& recorder,
                    const Profile& profile) const;
  // The same; where the divergence ended its process, it is in `death`.
  std::optional<std::size_t> First(const std::function<bool(const Divergence&)>& is_it,
                                   std::span<const Scenario> scenarios,
                                   std::optional<Divergence>* death);
  bool IsNewAgreement(const Ending& ending, const Failure& failure);

  Sut& sut_;
  const Where where_;
  const bool hardened_;
  Shared<FlightRecorder> job_, trial_;  // a job may run trials
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_RUNNER_H_
