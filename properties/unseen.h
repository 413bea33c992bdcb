// What the generators have made happen so far, by class of state and of command: so that the next choice goes to what is still unseen.
//
// Two calls are drawn, and the one that was made less often in a state of this class is taken. What is counted is the pair (class of
// state, class of command); the model being a function, the pair nearly settles the outcome, so outcomes that have not been seen are
// preferred with it. Only the model is asked and never the implementation: what is generated stays a function of seed and number.
//
// Counts are 64 KiB of bytes under a hash. Two pairs that share a byte cost a preference and nothing else.
#ifndef HOLDFAST_PROPERTIES_UNSEEN_H_
#define HOLDFAST_PROPERTIES_UNSEEN_H_

#include <array>
#include <cstdint>

#include "model/command.h"
#include "model/layout.h"
#include "model/state.h"
#include "model/topology.h"

namespace holdfast {

// How many of each are preserved, how full the pages are, where the session and the handover stand.
std::uint64_t StateClass(const Layout& layout, const State& state);

// The verb, the fault, and how it stands with the objects that are named.
std::uint64_t CommandClass(const Topology& topology, const State& state, const Command& command);

class Unseen {
 public:
  // How often a command of that class was made in a state of that class; 255 is that or more.
  std::uint8_t& Times(std::uint64_t state_class, std::uint64_t command_class) {
    return times_[(state_class * 0x9e3779b97f4a7c15ull ^ command_class * 0xd1342543de82ef95ull) >> 48];
  }
  void Forget() { times_.fill(0); }

 private:
  std::array<std::uint8_t, 1 << 16> times_{};
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_UNSEEN_H_
