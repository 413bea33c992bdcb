// Swarm testing: each case leaves out some verbs, objects and faults, and another case leaves out
// others.
//
// A mix of everything rarely does one thing often, or never does one thing. An unpreserve undoes
// the sum of several preserves. A fault ends a case in which two faults of another site were to
// meet. A verb that one case leaves out is frequent in another case (Groce et al., "Swarm Testing",
// ISSTA 2012).
#ifndef HOLDFAST_PROPERTIES_GENERATE_SWARM_H_
#define HOLDFAST_PROPERTIES_GENERATE_SWARM_H_

#include <array>
#include <cstdint>

#include "model/command.h"
#include "model/topology.h"
#include "properties/generate/dice.h"

namespace holdfast {

using VerbWeights = std::array<std::uint8_t, kVerbCount>;  // in the order of Verb

// The choices that one case draws its commands from.
struct Swarm {
  VerbWeights weights;
  std::uint32_t fault_percent;     // of the commands
  std::uint16_t sites = 0xffff;    // bit n: FaultSite n may be armed
  std::uint16_t devices = 0xffff;  // bit n: device n may be named
  std::uint8_t domains = 0xff;
};

// Everything, in the best single mix.
Swarm Everything();

// A part of everything. A device, a domain and a site always stay.
Swarm DrawSwarm(const Topology& topology, Dice& dice);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_GENERATE_SWARM_H_
