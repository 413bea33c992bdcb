// The topologies in which the shortest counterexample is looked for.
#ifndef HOLDFAST_PROPERTIES_SMALL_TOPOLOGIES_H_
#define HOLDFAST_PROPERTIES_SMALL_TOPOLOGIES_H_

#include <span>

#include "model/topology.h"

namespace holdfast {

// From none at all to five objects and plain, and to three objects with one trait, or a group: plain ones first, by number of
// objects, then those with a trait. What needs more than that is not among them.
std::span<const Topology> SmallTopologies();

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SMALL_TOPOLOGIES_H_
