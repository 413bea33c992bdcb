// THE CENTRE: one total, pure function is the specification.
//
//   Step(topology, profile, state, command) -> {state, outcome}
//
// Total: a call that breaks the caller's contract, or that crashes the kernel, is an outcome and
// never undefined. Pure: the result depends on the arguments alone. Each action in step.cc has one
// shape, so that it can be ticked off beside the seed: guards in the seed's order, one errno a
// line; then effects, in the seed's order.
//
// Source: the seed, "iommu: Implement device and IOMMU HW preservation" (v3 06/18), functions
// iommu_preserve_device, iommu_unpreserve_device, iommu_preserve_locked, iommu_unpreserve_locked
// and iommu_for_each_dev; its neighbours in the series for the domain calls, slot allocation and
// the FLB's callbacks. docs/model.md has a section for each.
//
// A record of an FLB that is gone (kStale) is freed memory: a call that reads or writes one is a
// CRASH, one that only copies the pointer is not. After a CRASH the state is not defined but for
// `crashed`, and every later command is a CRASH.
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

// `state` is taken by value: std::move it in and out to step without a copy. The profile's `luo` is
// the orchestrator in force.
StepResult Step(const Topology& topology, const Profile& profile, State state,
                const Command& command);

// The same, in place, for the inner loop of a campaign.
void StepInPlace(const Topology& topology, const Profile& profile, State& state,
                 const Command& command, Outcome& outcome);

// What the two queries answer in `state`.
Queries AnswerQueries(const Topology& topology, const Profile& profile, const State& state);

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_STEP_H_
