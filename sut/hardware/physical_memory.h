// What a table walker needs of memory, and all that it gets: a word, or the news that nothing
// answers.
//
// The walkers (vtd.h, smmuv3.h) reach memory through this alone. So they can be run over a live
// machine, over the pages that came through a kexec, or over words written by a test, and a walker
// cannot tell which.
#ifndef HOLDFAST_SUT_HARDWARE_PHYSICAL_MEMORY_H_
#define HOLDFAST_SUT_HARDWARE_PHYSICAL_MEMORY_H_

#include <cstdint>
#include <optional>

namespace holdfast::hardware {

class PhysicalMemory {
 public:
  virtual ~PhysicalMemory() = default;

  // The eight bytes at physical `address`, a multiple of 8, as the little-endian word that they
  // are. No value: nothing answers there (no such memory; a page that is freed, poisoned or was not
  // preserved), which a walker reports as the fault that the hardware reports for a failed fetch.
  // Any address may be asked, whatever a corrupt table holds.
  virtual std::optional<std::uint64_t> Read(std::uint64_t address) const = 0;
};

}  // namespace holdfast::hardware

#endif  // HOLDFAST_SUT_HARDWARE_PHYSICAL_MEMORY_H_
