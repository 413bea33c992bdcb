// VT-d's two kinds of page table (sections 3.6, 3.7, 9.7 and 9.8), each as one walk.
#ifndef HOLDFAST_SUT_HARDWARE_VTD_PAGING_H_
#define HOLDFAST_SUT_HARDWARE_VTD_PAGING_H_

#include <cstdint>
#include <optional>

#include "sut/hardware/access.h"
#include "sut/hardware/physical_memory.h"
#include "sut/hardware/vtd.h"
#include "sut/hardware/vtd_fault.h"

namespace holdfast::hardware {

// The result of a stage, without the part that the unit adds (the domain).
struct VtdMapping {
  std::uint64_t address = 0;
  bool readable = true, writable = true;
  std::uint64_t page_size = 0;
};

// One event has different names in legacy mode, in scalable mode, and for a nested walk that
// fetches a first-stage entry.
struct VtdSecondStageFaults {
  VtdFault beyond, root_unreadable, entry_unreadable, reserved, not_writable, not_readable;
  std::optional<VtdFault> not_present;  // nothing: no name of its own, one of the two above serves
};

struct VtdSecondStage {
  std::uint64_t root = 0;
  int levels = 0;  // 3, 4 or 5
};

struct VtdFirstStage {
  std::uint64_t root = 0;
  int levels = 0;           // 4 or 5
  bool supervisor = false;  // the request's privilege
  bool write_protect = false;
  std::optional<VtdSecondStage> nested_in;
};

// Both functions return the fault, or nothing with `mapping` set.
std::optional<VtdFault> WalkSecondStage(const PhysicalMemory& memory, const VtdUnit& unit,
                                        const VtdSecondStage& stage, std::uint64_t address,
                                        Access access, const VtdSecondStageFaults& faults,
                                        VtdMapping& mapping);
std::optional<VtdFault> WalkFirstStage(const PhysicalMemory& memory, const VtdUnit& unit,
                                       const VtdFirstStage& stage, std::uint64_t address,
                                       Access access, VtdMapping& mapping);

// For a request in legacy mode and one in scalable mode.
inline constexpr VtdSecondStageFaults kVtdLegacyFaults = {.beyond = VtdFault::kLgn1,
                                                          .root_unreadable = VtdFault::kLct4,
                                                          .entry_unreadable = VtdFault::kLsl1,
                                                          .reserved = VtdFault::kLsl2,
                                                          .not_writable = VtdFault::kLgn2,
                                                          .not_readable = VtdFault::kLgn3,
                                                          .not_present = std::nullopt};
inline constexpr VtdSecondStageFaults kVtdScalableFaults = {.beyond = VtdFault::kSgn5,
                                                            .root_unreadable = VtdFault::kSss4,
                                                            .entry_unreadable = VtdFault::kSss1,
                                                            .reserved = VtdFault::kSss3,
                                                            .not_writable = VtdFault::kSgn6,
                                                            .not_readable = VtdFault::kSgn7,
                                                            .not_present = VtdFault::kSss2};

}  // namespace holdfast::hardware

#endif  // HOLDFAST_SUT_HARDWARE_VTD_PAGING_H_
