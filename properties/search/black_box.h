// A test suite for an implementation whose memory cannot be looked into: only calls and their
// outcomes, from Reset.
//
// The model is a machine. Its states are the canonical states of a world, its inputs the world's
// commands. Its outputs are what the caller and the drivers see, but for slot numbers. Take an
// implementation that is itself a machine of at most m states, and that answers some sequence of
// the world otherwise than the model. A suite is m-complete if every such implementation fails one
// of its tests. The suite is built by the H-method, from three parts:
//   - a state cover: a shortest sequence to each state that outcomes tell from the others;
//   - from each, every sequence of the world of up to k + 1 commands, where m is the number of
//     those states and k more;
//   - behind these, separating sequences. The proof needs that the implementation has come to two
//     different states for some pairs: any two of the cover; one of the cover and one behind it;
//     one behind it and an extension of that. If the suite already separates a pair, nothing is
//     added.
// Separating sequences may leave the world and break the contract: the model answers these too.
//
// The suite does not see a defect that takes more than k extra states (the certificate names k).
// States that no sequence of kSeparatingCommands tells apart count as one, and only the first is
// followed. A command whose fault does not fire is no input. The cost grows with the number of
// inputs to the power of k + 1.
//
// R. Dorofeeva, K. El-Fakih, N. Yevtushenko, "An Improved Conformance Testing Method", FORTE 2005
// (the H-method). A. Simao, A. Petrenko, N. Yevtushenko, "On reducing test length for FSMs with
// extra states", STVR 22(6), 2012 (SPY), would make it shorter and no stronger.
#ifndef HOLDFAST_PROPERTIES_SEARCH_BLACK_BOX_H_
#define HOLDFAST_PROPERTIES_SEARCH_BLACK_BOX_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "model/profile.h"
#include "model/scenario.h"
#include "model/explore/world.h"
#include "properties/lockstep/deadline.h"
#include "properties/lockstep/flight_recorder.h"
#include "sut/sut.h"

namespace holdfast {

// A separating sequence has at most so many commands.
inline constexpr int kSeparatingCommands = 4;

struct BlackBoxOptions {
  Profile profile;
  World world;
  int extra_states = 0;                // k
  FlightRecorder* recorder = nullptr;  // says where the suite is, if its process dies
  Deadline deadline = {};              // given up then
  // Called every few thousand commands of the suite, with how many of its tests were run; false
  // gives it up.
  std::function<bool(std::uint64_t done, std::uint64_t tests)> progress = nullptr;
};

struct BlackBoxResult {
  bool finished = false;
  std::uint64_t states = 0;      // of the model, canonical
  std::uint64_t told_apart = 0;  // of these, by outcomes
  std::uint64_t inputs = 0;
  std::uint64_t tests = 0;          // each from Reset
  std::uint64_t done = 0;           // tests that were run
  std::uint64_t commands = 0;       // of all tests
  std::optional<Scenario> failing;  // up to the first outcome that is not the model's
};

BlackBoxResult TestBlackBox(Sut& sut, const BlackBoxOptions& options);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SEARCH_BLACK_BOX_H_
