// Footprints: the bits of a packed state that a command can read or write.
//
// A command touches little: its device, its IOMMU, its domain, the FLB. Two states that agree on a
// command's footprint give the same outcome and change the same bits in the same way. So a search
// computes Step and the rules once for each value of a footprint, not once for each edge. There
// are thousands of values and billions of edges. This is no second transition function: Step has
// computed everything that is remembered.
//
// A footprint that is too small would make the search wrong, so footprints are checked. A write
// outside of its footprint stops the search at once. Every so many uses a remembered step is
// computed again and compared (ExploreOptions::audit). And explore_test walks several worlds with
// memory and without, and compares everything.
#ifndef HOLDFAST_MODEL_EXPLORE_FOOTPRINT_H_
#define HOLDFAST_MODEL_EXPLORE_FOOTPRINT_H_

#include "model/explore/packing.h"

namespace holdfast {

// The bits on which BreachesOf, Step, Within and the rules over a step depend for that command, or
// which it changes. A crash is apart: it leaves one state, whatever was before.
Words FootprintOf(const World& world, const Profile& profile, const Packing& packing,
                  const Command& command);

// The bits on which the rules of a state (CheckState, CheckQueries) and the dependency graph
// depend: the FLB, and every pointer and page, but neither owners nor attachments. With
// the restoring side in the world, also what came from the kernel before.
Words FootprintOfRules(const Packing& packing);

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_EXPLORE_FOOTPRINT_H_
