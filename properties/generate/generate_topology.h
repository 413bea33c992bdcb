// Topologies at random: up to 4 IOMMUs, 8 devices and 3 domains. About half of the topologies are
// plain, the others have traits.
#ifndef HOLDFAST_PROPERTIES_GENERATE_GENERATE_TOPOLOGY_H_
#define HOLDFAST_PROPERTIES_GENERATE_GENERATE_TOPOLOGY_H_

#include "model/topology.h"
#include "properties/generate/dice.h"

namespace holdfast {

Topology GenerateTopology(Dice& dice);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_GENERATE_GENERATE_TOPOLOGY_H_
