// The topologies in which the shortest counterexample is looked for, simplest first.
#ifndef HOLDFAST_PROPERTIES_SMALL_TOPOLOGIES_H_
#define HOLDFAST_PROPERTIES_SMALL_TOPOLOGIES_H_

#include <span>

#include "model/topology.h"

namespace holdfast {

// From none at all to five objects and plain, and to three objects with one trait, or a group: by number of objects, then of traits,
// then in a fixed order. What needs more than that is not among them.
std::span<const Topology> SmallTopologies();

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SMALL_TOPOLOGIES_H_
