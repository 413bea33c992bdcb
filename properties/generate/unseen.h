// What the generators have made happen so far, so that a choice goes to what is still unseen.
//
// A quarter of the cases look for the unseen. Of two topologies they take the one with the rarest
// traits, and of two calls the one that was made less often, by class of state and of command; the
// model being a function, that pair nearly settles the outcome, so what has not come out yet goes
// first as well. The classes are coarse on purpose: with fine ones everything is unseen, and no
// choice is made.
//
// The model alone is asked and never the implementation, so what is generated stays a function of
// seed and number (generate.h).
//
// Counts are 64 KiB of bytes under a hash. Two pairs that share a byte cost a preference and
// nothing else.
#ifndef HOLDFAST_PROPERTIES_GENERATE_UNSEEN_H_
#define HOLDFAST_PROPERTIES_GENERATE_UNSEEN_H_

#include <array>
#include <cstdint>

#include "model/command.h"
#include "model/state.h"
#include "model/topology.h"
#include "properties/generate/repetition.h"

namespace holdfast {

// How full the pages are, whether no device is preserved, one, or more, and where the session and
// the handover stand.
std::uint64_t StateClass(const PageCapacities& page, const State& state);

// The verb, the fault, and what is odd about the objects that are named, which exist.
std::uint64_t CommandClass(const Topology& topology, const Command& command);

class Unseen {
 public:
  // How often a command of that class was made in a state of that class; 255 is that or more.
  std::uint8_t& Times(std::uint64_t state_class, std::uint64_t command_class) {
    return times_[(state_class * 0x9e3779b97f4a7c15ull ^ command_class * 0xd1342543de82ef95ull) >>
                  48];
  }
  static void Count(std::uint8_t* times) {
    if (times != nullptr && *times < 255) ++*times;
  }
  void Forget() { times_.fill(0); }

 private:
  std::array<std::uint8_t, 1 << 16> times_{};
};

// How often that one of the topology's traits was drawn that was drawn least; 255 for a topology of
// nothing.
std::uint8_t TimesOfRarest(Unseen& unseen, const Topology& topology);
void CountTraits(Unseen& unseen, const Topology& topology);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_GENERATE_UNSEEN_H_
