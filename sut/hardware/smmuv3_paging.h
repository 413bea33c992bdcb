// The two stages of VMSAv8-64 translation with the 4 KB granule and 48-bit addresses (Arm ARM, "The
// AArch64 Virtual Memory System Architecture"; IHI 0070 section 3.4), each as one walk.
#ifndef HOLDFAST_SUT_HARDWARE_SMMUV3_PAGING_H_
#define HOLDFAST_SUT_HARDWARE_SMMUV3_PAGING_H_

#include <cstdint>
#include <optional>

#include "sut/hardware/access.h"
#include "sut/hardware/physical_memory.h"
#include "sut/hardware/smmuv3_event.h"

namespace holdfast::hardware {

// The result of a stage.
struct SmmuV3Mapping {
  std::uint64_t address = 0;
  bool readable = true, writable = true;
  std::uint64_t page_size = 0;
};

// A tree of tables. Level 3 is the last. Each level resolves nine bits, except the first: it may
// resolve fewer bits, or in stage 2 up to four more (concatenated tables).
struct SmmuV3Tables {
  std::uint64_t base = 0;
  int first_level = 0;      // 0 to 3
  int input_bits = 48;      // of an address that the tree covers; more than the first level's shift
  int output_bits = 48;     // of an address that a descriptor may hold
  bool access_flag = true;  // a clear access flag is a fault
};

struct SmmuV3Stage2 {
  SmmuV3Tables tables;
};

struct SmmuV3Stage1 {
  SmmuV3Tables tables;
  bool hierarchical = true;  // APTable counts
  bool privileged = false;   // the transaction
  bool privileged_access_never = false;
  std::optional<SmmuV3Stage2> nested_in;
};

// Both functions return the fault, or nothing with `mapping` set. `what` is the access that stage 2
// is asked for. Stage 1 expects the address without its sign, and looks only at its low
// `input_bits` bits.
std::optional<SmmuV3Fault> WalkStage2(const PhysicalMemory& memory, const SmmuV3Stage2& stage,
                                      std::uint64_t address, Access access, SmmuV3Class what,
                                      SmmuV3Mapping& mapping);
std::optional<SmmuV3Fault> WalkStage1(const PhysicalMemory& memory, const SmmuV3Stage1& stage,
                                      std::uint64_t address, Access access, SmmuV3Mapping& mapping);

}  // namespace holdfast::hardware

#endif  // HOLDFAST_SUT_HARDWARE_SMMUV3_PAGING_H_
