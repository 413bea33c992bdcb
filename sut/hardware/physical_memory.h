// A table walker's view of memory: the walker reads a word, or learns that nothing answers.
//
// The walkers (vtd.h, smmuv3.h) reach memory only through this interface. So a walker runs over a
// live machine, over the pages that came through a kexec, or over words written by a test. The
// walker cannot tell the difference.
#ifndef HOLDFAST_SUT_HARDWARE_PHYSICAL_MEMORY_H_
#define HOLDFAST_SUT_HARDWARE_PHYSICAL_MEMORY_H_

#include <cstdint>
#include <optional>

namespace holdfast::hardware {

class PhysicalMemory {
 public:
  virtual ~PhysicalMemory() = default;

  // The eight bytes at physical `address`, a multiple of 8, as a little-endian word. No value:
  // nothing answers there. Either there is no such memory, or the page is freed, poisoned or not
  // preserved. The walker then reports the fault that the hardware reports for a failed fetch. Any
  // address may be asked for, whatever a corrupt table holds.
  virtual std::optional<std::uint64_t> Read(std::uint64_t address) const = 0;
};

}  // namespace holdfast::hardware

#endif  // HOLDFAST_SUT_HARDWARE_PHYSICAL_MEMORY_H_
