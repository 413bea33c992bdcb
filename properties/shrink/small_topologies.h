// The topologies in which the shortest counterexample is looked for.
#ifndef HOLDFAST_PROPERTIES_SHRINK_SMALL_TOPOLOGIES_H_
#define HOLDFAST_PROPERTIES_SHRINK_SMALL_TOPOLOGIES_H_

#include <span>

#include "model/topology.h"

namespace holdfast {

// From none at all to five objects and plain, and to three objects with one trait, or a group:
// plain ones first, by number of objects, then those with a trait. What needs more than that is not
// among them.
std::span<const Topology> SmallTopologies();

// The same for a driver port with hardware, by number of objects. What the core refuses by itself
// tells nothing of a port; what counts is which device sits where in the unit's tables: a device of
// another bus, which is never preserved and has an alias, beside a plain one; devices in both
// halves of a bus and on a second one; a domain left for another.
std::span<const Topology> SmallTopologiesForPorts();

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SHRINK_SMALL_TOPOLOGIES_H_
