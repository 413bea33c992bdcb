// A sweep of faults over one scenario: each command, each fault site, n = 1, 2, ... until the n-th pass is no longer reached.
//
// Of an implementation with a driver port of its own, each fault of an op at each depth up to kMaxDepth, and each request that its
// drivers make while they take over.
//
// After the fault the caller behaves well: it calls the same again, now without a fault, and then goes on with the scenario but for
// what its failures have made a breach of contract. Calling again matters: a defect that a failure leaves behind shows when the
// retry trips over it, not before. Every run ends in a teardown that must leave nothing.
#ifndef HOLDFAST_PROPERTIES_FAULT_SWEEP_H_
#define HOLDFAST_PROPERTIES_FAULT_SWEEP_H_

#include <cstdint>
#include <optional>

#include "model/scenario.h"
#include "properties/coverage.h"
#include "properties/lockstep.h"
#include "sut/sut.h"

namespace holdfast {

// No call passes one site more often than this; if a fault still fires there, the sweep is `unbounded`.
inline constexpr int kMaxPasses = 16;

// Deeper than any op of this project's ports goes; a fault beyond the last request strikes the last.
inline constexpr int kMaxDepth = 16;

// More than any driver of theirs asks for while it takes over; the sweep ends at the first depth that it does not reach.
inline constexpr int kMaxTakeOverDepth = 200;

struct FaultSweepResult {
  std::uint64_t runs = 0;
  std::uint64_t fired = 0;  // runs in which the fault fired
  bool unbounded = false;   // a site was passed more than kMaxPasses times in one call, or a take-over asks for ever: a loop
  Coverage coverage;
  std::optional<Divergence> divergence;
  Scenario scenario;  // of the divergence
};

// `base` keeps the contract and has no faults of its own.
FaultSweepResult SweepFaults(Sut& sut, const Scenario& base);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_FAULT_SWEEP_H_
