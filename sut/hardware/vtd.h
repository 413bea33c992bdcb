// Intel VT-d's DMA remapping, as the hardware does it. The input is a request (source-id, PASID,
// address) and the tables in memory. The result is the target address, or the fault that blocks the
// request. Written from "Intel Virtualization Technology for Directed I/O, Architecture
// Specification" (revision 4.1). docs/hardware.md says what is modelled and what is not.
//
// This code judges a VT-d port and knows nothing of a port: it shares no code and no constant with
// sut/ports.
//
// Invariants:
//   - any register values and any memory are legal input: the answer is a translation or a fault,
//     and nothing else;
//   - memory is read only through PhysicalMemory, and the walk follows no address that memory does
//     not answer;
//   - one request reads at most kVtdMaxReads words, whatever the tables hold: each step of the walk
//     goes down one level.
//
// A walk has no memory of its own. What a unit's caches remember is the caller's to give: `cached`
// (entries.h).
#ifndef HOLDFAST_SUT_HARDWARE_VTD_H_
#define HOLDFAST_SUT_HARDWARE_VTD_H_

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <variant>

#include "sut/hardware/access.h"
#include "sut/hardware/entries.h"
#include "sut/hardware/physical_memory.h"
#include "sut/hardware/tables_in_use.h"
#include "sut/hardware/vtd_fault.h"

namespace holdfast::hardware {

// The registers that a translation depends on (section 11.4), and the platform's address width.
struct VtdUnit {
  // CAP_REG: ND [2:0], SAGAW [12:8], MGAW [21:16], SLLPS [37:34], FL1GP 56, FL5LP 60
  std::uint64_t cap = 0;
  // ECAP_REG: DT 2, PT 6, SC 7, NEST 26, SMTS 43, SLTS 46, FLTS 47, ADMS 52, RPRIVS 53
  std::uint64_t ecap = 0;
  std::uint32_t gsts = 0;  // GSTS_REG: TES 31, translation is enabled
  // RTADDR_REG as it was latched: TTM [11:10], root table address [63:12]
  std::uint64_t rtaddr = 0;
  int host_address_width = 46;  // HAW in bits, at most 52; the DMAR table reports it
};

struct VtdRequest {
  std::uint16_t source_id = 0;         // bus [15:8], device [7:3], function [2:0]
  std::optional<std::uint32_t> pasid;  // nothing: a request without PASID
  std::uint64_t address = 0;
  Access access = Access::kRead;
};

struct VtdTranslation {
  std::uint64_t address = 0;                // host physical
  bool readable = false, writable = false;  // both rights, whichever was asked for
  // bytes; 0: nothing was walked (pass-through, or the unit is off)
  std::uint64_t page_size = 0;
  std::optional<std::uint16_t> domain_id;  // nothing: the unit is off

  bool operator==(const VtdTranslation&) const = default;
};

using VtdOutcome = std::variant<VtdTranslation, VtdFault>;

// Root entry 2 words, context entry 4, PASID directory 1, PASID entry 8. Then a nested walk of five
// levels in each stage: every first-stage entry costs a second-stage walk, and so does the
// resulting address.
inline constexpr int kVtdMaxReads = 2 + 4 + 1 + 8 + 5 * (5 + 1) + 5;

// Nothing: the unit gets to no page table.
std::optional<TablesInUse> TablesOf(const PhysicalMemory& memory, const VtdUnit& unit,
                                    const VtdRequest& request);

// The walk uses the entries that are in `cached`, and fetches the others.
VtdOutcome Translate(const PhysicalMemory& memory, const VtdUnit& unit, const VtdRequest& request,
                     const Entries& cached = {});

// The entries that the request goes through, without a look at the page tables, and the domain id.
// The id is 0 if the unit does not get to it.
Entries EntriesOf(const PhysicalMemory& memory, const VtdUnit& unit, const VtdRequest& request,
                  std::uint16_t& domain_id);

// One line, for a report: the fault, or "0x... rw 4096 domain 7".
std::ostream& operator<<(std::ostream& out, const VtdTranslation& translation);

}  // namespace holdfast::hardware

#endif  // HOLDFAST_SUT_HARDWARE_VTD_H_
