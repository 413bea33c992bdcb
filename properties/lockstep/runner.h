// Runs scenarios where an implementation can do no harm: in a child process, or here.
//
// The kernel environment contains most crashes in the process, at once. Such a crash is an outcome
// of the call. Anything else that an implementation does to its process ends a child
// (sut/child.h). The runner makes a divergence of the death: R15, at the command that was under
// way. The model's side is as it would have been. The implementation's records are gone with the
// process, so its side shows the state before that command.
//
// Where the model says CRASH, an implementation may die, but not hang: the two sides agree. Such a
// death is no divergence, but costs a child. So from the first one on, the runner does not run the
// implementation where the model crashes.
//
// A death is the implementation's doing only if it happens again. First the sequence under way is
// run alone, in a fresh process. If it survives, the whole job is run again from its beginning, and
// must end at the same command. A signal that may come from outside (FromOutside) must end the
// sequence at the same command too: a user, a limit, or a kernel out of memory ends it anywhere.
// A death from outside is forgotten. After kMostDeaths of them the runner gives up
// (DeathsFromOutside). Any other death that does not happen again is a verdict of its own: the
// implementation is not deterministic.
//
// Some harm does not end the process at once. The runner looks for it after each trial and each job
// (CheckChild), and after each case where a job came to such harm before. No such check is
// complete. So the process from before a job stays behind the job. If the process that took its
// place crashes in the end, the older process goes on, with the memory that it had.
//
// One fork serves many scenarios. Where::kHere is for a debugger, and for tests that need no child.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_RUNNER_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_RUNNER_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>

#include "model/profile.h"
#include "model/scenario.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/deadline.h"
#include "properties/lockstep/flight_recorder.h"
#include "properties/lockstep/lockstep.h"
#include "sut/child.h"
#include "sut/sut.h"

namespace holdfast {

// Nothing is said of the implementation.
struct DeathsFromOutside : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A job that ended its process.
struct EndedJob {
  Counterexample found;
  Tally tally;  // of the job until then
  // The job had returned before its process ended. The scenario is then the last one that any job
  // ran, and an earlier one may have smashed the memory.
  bool late = false;
};

// Which divergences count, of the scenario that they were met on. An empty function: all of them.
using Counts = std::function<bool(const Scenario&, const Divergence&)>;

class Runner {
 public:
  enum class Where : std::uint8_t { kHere, kInChild };
  static constexpr int kMostDeaths = 3;  // from outside

  explicit Runner(Sut& sut, Where where = Where::kHere, bool hardened = false)
      : sut_(sut), where_(where), hardened_(hardened) {}

  Sut& sut() const { return sut_; }
  bool hardened() const { return hardened_; }

  // From here on, a scenario that is not finished by then has no divergence.
  void set_deadline(const Deadline& deadline) { deadline_ = deadline; }
  const Deadline& deadline() const { return deadline_; }

  // Runs the whole scenario, with its teardown. The divergence, if there is one.
  std::optional<Divergence> Run(const Scenario& scenario);
  // The same question, at a lower price.
  bool Diverges(const Scenario& scenario);

  // The first of the scenarios with a divergence that counts.
  std::optional<std::size_t> First(const Counts& counts, std::span<const Scenario> scenarios);

  // Runs a job of many scenarios under one profile, whose Lockstep writes into recorder(). If the
  // job ends its process, the result says at which command, and memory is as it was before the job.
  // Else all that the job did to memory stands (ContinueInChild).
  std::optional<EndedJob> Contain(const Profile& profile, const std::function<void()>& job);
  // Whether the implementation has died where the model crashes.
  bool skips_crashes() const { return job_->skips_crashes(); }
  // Null where jobs run here.
  FlightRecorder* recorder() { return where_ == Where::kHere ? nullptr : &*job_; }

 private:
  // The command at which the recorder stands, as a counterexample.
  Counterexample FoundAt(const Ending& ending, const FlightRecorder& recorder,
                         const Profile& profile) const;
  // The same as First; where the divergence ended its process, it is in `death`.
  std::optional<std::size_t> First(const Counts& counts, std::span<const Scenario> scenarios,
                                   std::optional<Divergence>* death);
  bool IsNewAgreement(const Ending& ending, const Divergence& divergence);
  // Whether the sequence that the job died on ends a fresh process too.
  bool DiesAlone(const Ending& ending, const EndedJob& ended);
  // Throws DeathsFromOutside at one too many.
  void Forget(const Ending& ending);

  Sut& sut_;
  const Where where_;
  const bool hardened_;
  Deadline deadline_;
  int deaths_ = 0;                      // from outside
  Shared<FlightRecorder> job_, trial_;  // a job may run trials
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_RUNNER_H_
