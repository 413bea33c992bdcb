// Replays a trace: the implementation against the model, and the trace's own expectations against
// the model.
//
// Two things can be wrong, and they are told apart. The implementation differs from the model: a
// divergence, which is what the suite is for. What is written in the trace is not what the model
// says: a mistake of the trace, which `rewrite` mends.
#ifndef HOLDFAST_TRACES_REPLAY_H_
#define HOLDFAST_TRACES_REPLAY_H_

#include <cstdint>
#include <string>

#include "properties/lockstep/runner.h"
#include "sut/sut.h"
#include "model/text/trace.h"

namespace holdfast {

struct ReplayResult {
  // In the order of the exit codes 0, 1 and 2. A divergence outranks a mistake; the report has
  // both.
  enum class Verdict : std::uint8_t { kConforms, kDiverges, kMistaken };
  Verdict verdict = Verdict::kConforms;
  std::string report;  // empty, or whole lines
};

struct ReplayOptions {
  bool hardened = false;  // every rule is owed on every sequence
  Runner::Where where = Runner::Where::kHere;
  // as the caller named it, for the command that the report ends with; empty: the profile's own
  std::string sut;
};

ReplayResult Replay(const Trace& trace, Sut& sut, const ReplayOptions& options = {});

// The rules that the trace's calls break with both sides in agreement, owed or not, a line for each
// call that breaks one that was not
// broken before, its teardown's included: "FILE:LINE: CALL        R8 pages (C2)", with the clauses
//                                                                 of the caller's contract that are
// broken by then. Or the divergence.
ReplayResult ListHazards(const Trace& trace, Sut& sut, const ReplayOptions& options = {});

// Fills in the file from the model, never from the implementation, and replays it: what is left to
// report are divergences and faults that never fire. A file that cannot be parsed stays as it is.
ReplayResult Rewrite(const std::string& path, Sut& sut, const ReplayOptions& options = {});

}  // namespace holdfast

#endif  // HOLDFAST_TRACES_REPLAY_H_
