// Endurance: the same few calls, made until a 16-bit counter has come round.
//
// Behaviour that turns at the 1,000th or the 65,536th call has no short sequence, and no search of
// memories goes so far. Three lives go there, in lockstep, each along one way:
//   - a turn (turn.h) of one device, 70,000 times: each call from the first FLB to the 70,000th;
//   - the same with every fault, 2,000 times;
//   - a device preserved and unpreserved 2,000 times under one FLB, over many pages of records.
// What a caller does who breaks the contract is not looked at.
#ifndef HOLDFAST_PROPERTIES_SEARCH_ENDURANCE_H_
#define HOLDFAST_PROPERTIES_SEARCH_ENDURANCE_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "model/profile.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/deadline.h"
#include "properties/lockstep/flight_recorder.h"
#include "properties/lockstep/tally.h"
#include "sut/sut.h"

namespace holdfast {

struct EnduranceOptions {
  Profile profile;
  bool hardened = false;
  FlightRecorder* recorder = nullptr;  // says where the life is, if its process dies
  Deadline deadline = {};
  // Called now and then; `done` is a fraction of 1.
  std::function<void(double done, std::uint64_t commands)> progress = nullptr;
};

struct EnduranceResult {
  std::uint64_t turns = 0, total = 0;
  bool finished = true;  // before the deadline, and within the simulated memory
  Tally tally;
  std::optional<Counterexample> counterexample;  // cut after the command that diverges
};

EnduranceResult Endure(Sut& sut, const EnduranceOptions& options);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SEARCH_ENDURANCE_H_
