// What a command to a unit takes out of the unit's caches. A command is 16 bytes: a descriptor of
// VT-d's invalidation queue (section 6.5.2).
//
// An entry goes if each of its masked fields is the command's. A command that this code does not
// know takes nothing out. So does a command for one page, or for a PASID other than 0: a cached
// translation here stands for all pages of a domain, and requests here have no PASID.
#ifndef HOLDFAST_SUT_HARDWARE_INVALIDATION_H_
#define HOLDFAST_SUT_HARDWARE_INVALIDATION_H_

#include <array>
#include <cstdint>

namespace holdfast::hardware {

struct Invalidation {
  // which caches: of Entries::device, of Entries::space, of translations
  bool devices = false, spaces = false, translations = false;
  // of entries, the requester id; of all three, the tag
  std::uint32_t id = 0, id_mask = 0;
  std::uint32_t tag = 0, tag_mask = 0;
};

using QueuedCommand = std::array<std::uint64_t, 2>;

// VT-d. The tag is the domain id. A context-cache in scalable mode has no domain ids, and the field
// of the descriptor is ignored (section 6.5.2.1).
Invalidation VtdInvalidation(const QueuedCommand& descriptor, bool scalable);

}  // namespace holdfast::hardware

#endif  // HOLDFAST_SUT_HARDWARE_INVALIDATION_H_
