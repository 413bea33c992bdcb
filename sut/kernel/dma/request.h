// One request of a device to its unit: what the walker of the unit's kind (sut/hardware) answers
// over the live memory of the machine. reach.h puts the answers of many requests together.
#ifndef HOLDFAST_SUT_KERNEL_DMA_REQUEST_H_
#define HOLDFAST_SUT_KERNEL_DMA_REQUEST_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "sut/hardware/entries.h"
#include "sut/hardware/physical_memory.h"
#include "sut/hardware/smmuv3.h"
#include "sut/hardware/vtd.h"
#include "sut/kernel/machine/machine.h"

namespace holdfast::kernel {

// The pages that were read for one device, in the order of the first read. The pages of its unit
// (root, context and stream tables) come first.
struct TablePages {
  std::array<std::int16_t, 40> page;
  std::uint8_t count = 0, of_unit = 0;
};

// The arena's pages that have an owner, and nothing else. Notes the pages that were read.
class LiveMemory : public hardware::PhysicalMemory {
 public:
  explicit LiveMemory(TablePages& pages) : pages_(pages) {}

  std::optional<std::uint64_t> Read(std::uint64_t address) const override;

  // Each word that is read is noted there.
  void set_log(std::vector<std::pair<std::uint64_t, std::uint64_t>>* log) { log_ = log; }

  // True if a read since the last call of this had no answer.
  bool TakeGone() { return std::exchange(gone_, false); }

 private:
  void Note(std::int16_t page) const;

  TablePages& pages_;
  mutable PageSet noted_{};
  mutable bool gone_ = false;
  std::vector<std::pair<std::uint64_t, std::uint64_t>>* log_ = nullptr;
};

// A unit's answer to a read request.
struct Answer {
  bool mapped = false;
  bool writable = false;
  bool off = false;  // the unit translates nothing
  std::uint64_t address = 0, id = 0;
  std::string_view why = {};  // not mapped: what the hardware says
};

hardware::VtdUnit VtdRegisters(int unit);
hardware::SmmuV3Unit SmmuV3Registers(int unit);
int UnitOf(int device);

// The walk uses the entries that are in `cached` (sut/hardware/entries.h). With such an entry the
// answer is that of a unit that translates, whether the unit is on or off.
Answer Ask(const LiveMemory& memory, int unit, std::uint32_t id, std::uint64_t iova,
           const hardware::Entries& cached = {});

// The domain whose mappings the requester id sees, or a value of Reach. `tag`: the hardware's name
// for the domain.
std::uint8_t ReachOf(LiveMemory& memory, int unit, std::uint32_t id, std::uint64_t& tag,
                     const hardware::Entries& cached = {});

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_DMA_REQUEST_H_
