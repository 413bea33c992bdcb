// A sweep of faults over one scenario: each command, each fault site, n = 1, 2, ... as long as the
// command passes the site n times.
//
// If the implementation has a driver port, its drivers make requests in an op and in a take-over. A
// fault is injected at each of these requests too.
//
// After the fault the caller behaves well. It repeats the call without the fault, and goes on with
// the scenario, but for calls that the failure has made a breach of contract. The retry matters: a
// defect that a failure leaves behind shows when the retry trips over it, not before. Every run
// ends in a teardown that must leave nothing.
#ifndef HOLDFAST_PROPERTIES_SEARCH_FAULT_SWEEP_H_
#define HOLDFAST_PROPERTIES_SEARCH_FAULT_SWEEP_H_

#include <cstdint>
#include <optional>

#include "model/scenario.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/coverage.h"
#include "properties/lockstep/deadline.h"
#include "properties/lockstep/flight_recorder.h"
#include "properties/lockstep/tally.h"
#include "sut/sut.h"

namespace holdfast {

// No call passes one site more often than this; if a fault still fires there, the sweep is
// `unbounded`.
inline constexpr int kMaxPasses = 16;

struct FaultSweepOptions {
  FlightRecorder* recorder = nullptr;  // says what the sweep is at, if its process dies
  Deadline deadline = {};
};

struct FaultSweepResult {
  std::uint64_t runs = 0;
  std::uint64_t fired = 0;  // runs in which the fault fired
  // a site was passed more than kMaxPasses times in one call, or a driver made more requests than
  // kMostRequests (half_done.h): a loop
  bool unbounded = false;
  bool finished = false;  // before the deadline, and without a divergence or a loop
  Tally tally;
  Coverage coverage;
  std::optional<Counterexample> counterexample;
};

// `base` keeps the contract and has no faults of its own.
FaultSweepResult SweepFaults(Sut& sut, const Scenario& base, const FaultSweepOptions& options = {});

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SEARCH_FAULT_SWEEP_H_
