// Every command sequence up to a depth over a small world, in lockstep with the implementation's
// own memory.
//
// Nothing is pruned on the model's state. Two histories that are one state of the model may have
// left different memory. Defects hide there that random walks and a search of the model's states
// both miss (docs/spec/defects.md D1). Only a sequence that crashed is not extended. An
// implementation that conforms here conforms on every sequence of these commands of that length.
// This is a proof by cases, within its bound.
//
// The search deepens step by step: shorter sequences come first, and within a length the alphabet's
// order. So the first divergence is a shortest one and the same on every run, and so is the first
// witness of each hazard. Each new start costs 1/(alphabet - 1) more. Cost: alphabet ^ depth
// commands, each with a restore of the implementation's memory.
#ifndef HOLDFAST_PROPERTIES_SEARCH_EXHAUSTIVE_H_
#define HOLDFAST_PROPERTIES_SEARCH_EXHAUSTIVE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "model/profile.h"
#include "model/scenario.h"
#include "properties/lockstep/flight_recorder.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/coverage.h"
#include "properties/lockstep/deadline.h"
#include "properties/lockstep/hazards.h"
#include "properties/lockstep/tally.h"
#include "sut/sut.h"

namespace holdfast {

struct SmallWorld {
  Topology topology;
  std::vector<Command> alphabet;
  std::vector<Command> prefix;  // run first, and not counted in the depth
  int depth = 0;
};

// 2 devices behind 1 IOMMU and 1 domain: every call of the seed and of its neighbour, hostile ones
// included, with the faults that a failed preserve can come from.
SmallWorld OneIommuWorld();
// The same behind 2 IOMMUs, one device each.
SmallWorld TwoIommuWorld();
// From a preserved device on to the next kernel: freeze, kexec, retrieve and finish in every order.
SmallWorld HandoverWorld();

// From two preserved devices of one domain on, in the next kernel: the restoring side with its
// faults, and the calls that it meets.
SmallWorld RestoringWorld();

// The same world, with each fault of an op once more: the op is half done when it fails. For driver
// ports.
SmallWorld WithHalfDoneOps(SmallWorld world);

struct ExhaustiveProgress {
  int depth = 0;                // being searched
  std::uint64_t sequences = 0;  // of the total over all depths
  std::uint64_t total = 0;      // an upper bound: what a crash cuts off is in it
};

struct ExhaustiveOptions {
  Profile profile;
  SmallWorld world;
  bool hardened = false;
  bool contract_only = false;          // only sequences that keep the caller's contract
  FlightRecorder* recorder = nullptr;  // says what the search is at, if its process dies
  bool teardown = false;  // also tear down after every sequence, and check that nothing is left
  Deadline deadline = {};
  // Called every few thousand sequences.
  std::function<void(const ExhaustiveProgress&)> progress = nullptr;
};

struct ExhaustiveResult {
  std::uint64_t sequences = 0;  // distinct, up to the depth
  std::uint64_t total = 0;      // an upper bound of these, as in ExhaustiveProgress
  bool finished = false;        // before the deadline, and without a divergence
  int depth = 0;                // searched to the end
  Tally tally;
  Coverage coverage;
  Hazards hazards;
  std::optional<Counterexample> counterexample;
};

ExhaustiveResult Exhaust(Sut& sut, const ExhaustiveOptions& options);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SEARCH_EXHAUSTIVE_H_
