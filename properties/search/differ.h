// The shortest sequence on which several implementations differ, whether the model minds or not.
//
// The search is breadth first over the memories that all implementations are in together. Before a
// difference they have shown the same, so one model state stands for all of them. Two tuples of
// memories are one state if each implementation's canonical memories are equal (sut.h): from there
// on they behave alike. So the search ends, with a shortest sequence of the world or with none.
//
// What counts as different: what the caller and the drivers see of a call, and what Observe shows
// afterwards, but for slot numbers. Two things do not count:
//   - whether a fault fired. A driver may have nothing to request at that place;
//   - a call whose fault fires inside some drivers only. They were not asked the same question.
#ifndef HOLDFAST_PROPERTIES_SEARCH_DIFFER_H_
#define HOLDFAST_PROPERTIES_SEARCH_DIFFER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/command.h"
#include "model/explore/world.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "properties/lockstep/deadline.h"
#include "properties/lockstep/flight_recorder.h"
#include "sut/sut.h"

namespace holdfast {

struct DifferOptions {
  World world;
  std::vector<Luo> luo;  // by implementation: its orchestrator
  Deadline deadline = {};
  std::uint64_t max_states = 2'000'000;  // some kilobytes each while they wait
  // Where the search is, if its process dies: the sequence, and the implementation.
  FlightRecorder* recorder = nullptr;
  std::size_t* running = nullptr;
};

// What an implementation did with the last call of a sequence.
struct Answer {
  Outcome outcome;
  Observation after;
};

struct Difference {
  std::vector<Command> commands;  // a shortest sequence; the last call is answered differently
  std::vector<Answer> answers;    // by implementation
};

struct DifferResult {
  enum class Ending : std::uint8_t {
    kDiffer,      // `difference`
    kAgree,       // on every sequence of the world
    kUnfinished,  // the deadline, or max_states
  };
  Ending ending = Ending::kUnfinished;
  std::optional<Difference> difference;
  std::uint64_t states = 0, calls = 0;
  std::uint64_t uneven = 0;  // calls that do not count: a fault fired in some drivers only
  std::size_t depth = 0;     // every sequence of so many calls was tried
  // False: some implementation has no canonical memory, and states are told apart by what Observe
  // shows. Then an agreement holds up to hidden state.
  bool canonical = true;
};

// At least two implementations.
DifferResult FindDifference(std::span<Sut* const> suts, const DifferOptions& options);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SEARCH_DIFFER_H_
