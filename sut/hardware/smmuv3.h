// An Arm SMMUv3's translation, as the hardware does it. The input is a transaction (StreamID,
// SubstreamID, address) and the structures in memory. The result is the target address, or the
// event that terminates the transaction. Written from "Arm System Memory Management Unit
// Architecture Specification, SMMU architecture version 3" (IHI 0070) and, for the translation
// tables, from the VMSAv8-64 chapter of the Arm Architecture Reference Manual. docs/hardware.md
// says what is modelled and what is not.
//
// This code judges an SMMUv3 port and knows nothing of a port: it shares no code and no constant
// with sut/ports.
//
// This is one implementation that the architecture allows, of version 3.1 with the Non-secure state
// alone. It has both stages, VMSAv8-64 with the 4 KB granule and 48-bit addresses, two-level stream
// and CD tables, and 16-bit ASIDs and VMIDs. It has no stalls, no hardware update of flags, no
// hypervisor contexts, and is little-endian. A structure that asks for something else is ILLEGAL
// here and ends in C_BAD_STE or C_BAD_CD, as the specification says. If the specification leaves a
// choice (CONSTRAINED UNPREDICTABLE), docs/hardware.md names the choice.
//
// Invariants:
//   - any register values and any memory are legal input: the answer is a translation or a fault,
//     and nothing else;
//   - memory is read only through PhysicalMemory, and the walk follows no address that memory does
//     not answer;
//   - one transaction reads at most kSmmuV3MaxReads words, whatever the tables hold: each step of
//     the walk goes down one level.
//
// There are no caches. So a missing invalidation of a port is not found here.
#ifndef HOLDFAST_SUT_HARDWARE_SMMUV3_H_
#define HOLDFAST_SUT_HARDWARE_SMMUV3_H_

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <variant>

#include "sut/hardware/access.h"
#include "sut/hardware/physical_memory.h"
#include "sut/hardware/smmuv3_event.h"
#include "sut/hardware/tables_in_use.h"

namespace holdfast::hardware {

struct SmmuV3Unit {
  std::uint32_t cr0 = 0;          // SMMU_CR0: SMMUEN 0
  std::uint32_t gbpa = 0;         // SMMU_GBPA: ABORT 20, for transactions while the unit is off
  std::uint64_t strtab_base = 0;  // SMMU_STRTAB_BASE: ADDR [55:6]
  // SMMU_STRTAB_BASE_CFG: FMT [17:16], SPLIT [10:6], LOG2SIZE [5:0]
  std::uint32_t strtab_base_cfg = 0;
  // Of the ID registers: what an implementation has, in bits.
  int stream_id_bits = 16;     // IDR1.SIDSIZE, at most 32
  int substream_id_bits = 20;  // IDR1.SSIDSIZE, at most 20; 0: no substreams
  int output_bits = 48;        // IDR5.OAS: 32, 36, 40, 42, 44 or 48
};

struct SmmuV3Transaction {
  std::uint32_t stream_id = 0;
  std::optional<std::uint32_t> substream_id;  // a PCIe PASID
  std::uint64_t address = 0;
  Access access = Access::kRead;
};

struct SmmuV3Translation {
  std::uint64_t address = 0;                // physical
  bool readable = false, writable = false;  // both rights, whichever was asked for
  // bytes, the smaller of the two stages'; 0: nothing was walked
  std::uint64_t page_size = 0;
  std::optional<std::uint16_t> asid;  // if stage 1 translates
  std::optional<std::uint16_t> vmid;  // if a stage translates

  bool operator==(const SmmuV3Translation&) const = default;
};

using SmmuV3Outcome = std::variant<SmmuV3Translation, SmmuV3Fault>;

// L1STD 1 word, STE 4 of 8, L1CD 1, CD 3 of 8, then four levels of stage 1. If both stages
// translate, each of these costs a stage 2 walk of four levels: the L1CD, the CD, each stage 1
// descriptor, and the resulting address.
inline constexpr int kSmmuV3MaxReads = 1 + 4 + (4 + 1) + (4 + 3) + 4 * (4 + 1) + 4;

// Nothing: the unit gets to no translation table. Of two stages, the second.
std::optional<TablesInUse> TablesOf(const PhysicalMemory& memory, const SmmuV3Unit& unit,
                                    const SmmuV3Transaction& transaction);

SmmuV3Outcome Translate(const PhysicalMemory& memory, const SmmuV3Unit& unit,
                        const SmmuV3Transaction& transaction);

// One line, for a report: "0x... rw 4096 asid 5 vmid 7".
std::ostream& operator<<(std::ostream& out, const SmmuV3Translation& translation);

}  // namespace holdfast::hardware

#endif  // HOLDFAST_SUT_HARDWARE_SMMUV3_H_
