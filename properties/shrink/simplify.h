// The ways to make a scenario simpler by one step: what shrinking tries, for RapidCheck's shrinks
// and for traces/shrink alike.
//
// Every edit strictly lowers Complexity(), so a search that only ever accepts edits ends, whatever
// it is looking for. None looks at what the scenario does: whether the simpler one still fails is
// the caller's question. Every result is a valid scenario: its topology is Valid() and its commands
// fit it.
//
// Edits come most drastic first, in a fixed order: half of the commands before a quarter, an IOMMU
// with all behind it before a device, and only then single commands, faults, traits and names.
#ifndef HOLDFAST_PROPERTIES_SHRINK_SIMPLIFY_H_
#define HOLDFAST_PROPERTIES_SHRINK_SIMPLIFY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/scenario.h"

namespace holdfast {

struct Edit {
  enum class Kind : std::uint8_t {
    kRemoveRange,   // commands [a, b)
    kRemoveIommu,   // IOMMU a, the devices behind it, and every command that names one of them
    kRemoveDevice,  // device a, and every command that names it
    kRemoveDomain,  // domain a, and every command that names it
    kRemovePair,    // commands a and b: a preserve and its unpreserve, a claim and its release
    kDropFault,     // of command a
    kPlainFault,    // of command a: the first pass, -ENOMEM, before the op did anything
    kShallowFault,  // of command a: the same at depth b, which is no greater than its own
    kDropStop,      // of command a, a walk
    kPlainIommu,    // all ops there
    kPlainDevice,   // PCI, probed, in a group of its own
    kPlainDomain,   // all ops there
    kMoveDevice,    // device a behind IOMMU b, a lower one
    kMergeDevice,   // commands that name device a name device b instead, a lower one
    kMergeDomain,   // the same for domains
    kRenameDevice,  // in command a: device b instead, a lower one
    kRenameDomain,  // in command a: domain b instead, a lower one
  };
  Kind kind;
  std::size_t a = 0, b = 0;
};

// Every edit of `scenario`, in order.
std::vector<Edit> EditsOf(const Scenario& scenario);

// The scenario after the edit; nothing if it would be no simpler or not valid.
std::optional<Scenario> Apply(const Scenario& scenario, const Edit& edit);

// All results of all edits, in order.
std::vector<Scenario> Simplifications(const Scenario& scenario);

// Commands, then objects, then traits and faults, then names: what is simpler has less of the first
// in which they differ.
std::vector<std::uint64_t> Complexity(const Scenario& scenario);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SHRINK_SIMPLIFY_H_
