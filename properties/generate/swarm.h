// Swarm testing: each case leaves some verbs, objects and faults out, another one others.
//
// A mix that holds everything rarely does one thing often, or never: an unpreserve undoes what a
// row of preserves was to add up to, a fault ends what two of another site were to meet in. What
// one case never does, another does all the time (Groce et al., "Swarm Testing", ISSTA 2012).
#ifndef HOLDFAST_PROPERTIES_GENERATE_SWARM_H_
#define HOLDFAST_PROPERTIES_GENERATE_SWARM_H_

#include <array>
#include <cstdint>

#include "model/command.h"
#include "model/topology.h"
#include "properties/generate/dice.h"

namespace holdfast {

using VerbWeights = std::array<std::uint8_t, kVerbCount>;  // in the order of Verb

// What one case draws its commands from.
struct Swarm {
  VerbWeights weights;
  std::uint32_t fault_percent;     // of the commands
  std::uint16_t sites = 0xffff;    // bit n: FaultSite n may be armed
  std::uint16_t devices = 0xffff;  // bit n: device n may be named
  std::uint8_t domains = 0xff;
};

// Everything, in the mix that finds most with one mix.
Swarm Everything();

// Some of it. Never nothing: a device, a domain and a site stay.
Swarm DrawSwarm(const Topology& topology, Dice& dice);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_GENERATE_SWARM_H_
