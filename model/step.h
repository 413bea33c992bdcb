// THE CENTRE: one total, pure function is the specification.
//
//   Step(topology, profile, state, command) -> {state, outcome}
//
// Total: each call has an outcome, also a call that breaks the caller's contract or crashes the
// kernel. Pure: the result depends on the arguments alone. Each action in step.cc has one shape, so
// that a reader can tick it off beside the seed: guards in the seed's order, one errno a line; then
// effects, in the seed's order.
//
// Source: the seed, "iommu: Implement device and IOMMU HW preservation" (v3 06/18), functions
// iommu_preserve_device, iommu_unpreserve_device, iommu_preserve_locked, iommu_unpreserve_locked
// and iommu_for_each_dev. Its neighbours in the series give the domain calls, slot allocation and
// the FLB's callbacks. docs/model.md has a section for each.
//
// A record of an FLB that is gone (kStale) is freed memory. A call that reads or writes such a
// record is a CRASH; a call that only copies the pointer is not. After a CRASH only `crashed` is
// defined, and every later command is a CRASH.
#ifndef HOLDFAST_MODEL_STEP_H_
#define HOLDFAST_MODEL_STEP_H_

#include "model/command.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/state.h"
#include "model/topology.h"

namespace holdfast {

struct StepResult {
  State state;
  Outcome outcome;
};

// `state` is a value: std::move it in and out to step without a copy. The profile's `luo` is the
// orchestrator in force.
StepResult Step(const Topology& topology, const Profile& profile, State state,
                const Command& command);

// The same, in place, for the inner loop of a campaign.
void StepInPlace(const Topology& topology, const Profile& profile, State& state,
                 const Command& command, Outcome& outcome);

// The answers of the two queries in `state`.
Queries AnswerQueries(const Topology& topology, const Profile& profile, const State& state);

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_STEP_H_
