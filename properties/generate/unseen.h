// What the generators have made happen so far, so that a choice prefers the unseen.
//
// A quarter of the cases look for the unseen. Of two topologies such a case takes the topology with
// the rarest traits. Of two calls it takes the call that was made less often, by class of state and
// of command. The model is a function, so this pair nearly settles the outcome, and unseen outcomes
// come first too. The classes are coarse on purpose: with fine classes everything is unseen, and no
// choice is made.
//
// Only the model is asked, never the implementation. So a case stays a function of seed and number
// (generate.h).
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

// How full the pages are, whether no, one or several devices are preserved, and the stage of the
// session and of the handover.
std::uint64_t StateClass(const PageCapacities& page, const State& state);

// The verb, the fault, and the oddities of the named objects. The objects must exist.
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

// How often the topology's rarest trait was drawn; 255 for an empty topology.
std::uint8_t TimesOfRarest(Unseen& unseen, const Topology& topology);
void CountTraits(Unseen& unseen, const Topology& topology);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_GENERATE_UNSEEN_H_
