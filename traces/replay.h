// Replays a trace. The implementation is held against the model, and the trace's own expectations
// are held against the model.
//
// Two things can be wrong. If the implementation differs from the model, that is a divergence. If
// the trace does not say what the model says, that is a mistake of the trace. `rewrite` mends it.
#ifndef HOLDFAST_TRACES_REPLAY_H_
#define HOLDFAST_TRACES_REPLAY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/deadline.h"
#include "properties/lockstep/runner.h"
#include "sut/sut.h"
#include "model/text/trace.h"

namespace holdfast {

struct ReplayResult {
  // In the order of the exit codes 0, 1 and 2. A divergence outranks a mistake. The report has
  // both.
  enum class Verdict : std::uint8_t { kConforms, kDiverges, kMistaken };
  Verdict verdict = Verdict::kConforms;
  std::string report;  // empty, or whole lines
  // How the implementation diverges, though `breaks` may announce it.
  std::optional<Divergence> divergence = {};
};

struct ReplayOptions {
  bool hardened = false;  // every rule is owed on every sequence
  Runner::Where where = Runner::Where::kHere;
  // the caller's name of the SUT, for the command at the end of the report; empty: the profile's
  // own
  std::string sut;
  // A trace that is not at its end by then has no divergence: the caller looks whether it passed.
  Deadline deadline = {};
};

ReplayResult Replay(const Trace& trace, Sut& sut, const ReplayOptions& options = {});

// A line for each call, teardown included, that breaks a rule that no earlier call has broken,
// while both sides agree. Owed or not makes no difference. The clauses are those of the caller's
// contract that are broken by then: "FILE:LINE: CALL        R8 pages (C2)". Or the divergence.
ReplayResult ListHazards(const Trace& trace, Sut& sut, const ReplayOptions& options = {});

// Fills in the file from the model, never from the implementation, and replays it. The report can
// then have only divergences and faults that never fire. A file that cannot be parsed is not
// touched.
ReplayResult Rewrite(const std::string& path, Sut& sut, const ReplayOptions& options = {});

}  // namespace holdfast

#endif  // HOLDFAST_TRACES_REPLAY_H_
