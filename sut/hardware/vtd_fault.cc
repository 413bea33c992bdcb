#include "sut/hardware/vtd_fault.h"

#include <array>
#include <cstddef>
#include <ostream>

namespace holdfast::hardware {
namespace {

using F = VtdFault;

constexpr auto kFaults = std::to_array<VtdFaultInfo>({
    {F::kAbortDmaMode, "abort-DMA", 0x00, "the unit is in abort-DMA mode"},
    {F::kInterruptRange, "interrupt-range", 0x00,
     "0xFEEx_xxxx without a PASID is an interrupt request and no DMA"},

    {F::kRta1, "RTA.1", 0x30, "the root table address register is not valid for this unit"},
    {F::kRta2, "RTA.2", 0x31, "a request with a PASID in legacy mode"},

    {F::kLrt1, "LRT.1", 0x08, "the root entry cannot be read"},
    {F::kLrt2, "LRT.2", 0x01, "the root entry is not present"},
    {F::kLrt3, "LRT.3", 0x0a, "the root entry has a reserved bit set"},
    {F::kLct1, "LCT.1", 0x09, "the context entry cannot be read"},
    {F::kLct2, "LCT.2", 0x02, "the context entry is not present"},
    {F::kLct3, "LCT.3", 0x0b, "the context entry has a reserved bit set"},
    {F::kLct4, "LCT.4", 0x03,
     "the context entry is not valid: its type, its width, or where its page table is"},
    {F::kLsl1, "LSL.1", 0x07, "a second-stage entry below the first cannot be read"},
    {F::kLsl2, "LSL.2", 0x0c, "a second-stage entry has a reserved bit set"},
    {F::kLgn1, "LGN.1", 0x04, "the address is beyond the width"},
    {F::kLgn2, "LGN.2", 0x05, "no right to write"},
    {F::kLgn3, "LGN.3", 0x06, "no right to read"},
    {F::kLgn4, "LGN.4", 0x0e, "translated into the interrupt address range"},

    {F::kSrt1, "SRT.1", 0x38, "the scalable-mode root entry cannot be read"},
    {F::kSrt2, "SRT.2", 0x39, "the half of the scalable-mode root entry is not present"},
    {F::kSrt3, "SRT.3", 0x3a, "the half of the scalable-mode root entry has a reserved bit set"},
    {F::kSct1, "SCT.1", 0x40, "the scalable-mode context entry cannot be read"},
    {F::kSct2, "SCT.2", 0x41, "the scalable-mode context entry is not present"},
    {F::kSct3, "SCT.3", 0x42, "the scalable-mode context entry has a reserved bit set"},
    {F::kSct4, "SCT.4", 0x43,
     "the scalable-mode context entry is not valid: RID_PASID is beyond the directory"},
    {F::kSct6, "SCT.6", 0x45, "a request with a PASID, which the context entry does not enable"},
    {F::kSct7, "SCT.7", 0x46, "the PASID is beyond the directory"},
    {F::kSpd1, "SPD.1", 0x50, "the PASID directory entry cannot be read"},
    {F::kSpd2, "SPD.2", 0x51, "the PASID directory entry is not present"},
    {F::kSpd3, "SPD.3", 0x52, "the PASID directory entry has a reserved bit set"},
    {F::kSpt1, "SPT.1", 0x58, "the PASID table entry cannot be read"},
    {F::kSpt2, "SPT.2", 0x59, "the PASID table entry is not present"},
    {F::kSpt3, "SPT.3", 0x5a, "the PASID table entry has a reserved bit set"},
    {F::kSpt4, "SPT.4", 0x5b,
     "the PASID table entry is not valid: its type or a width that the unit does not have"},
    {F::kSpt6, "SPT.6", 0x5d,
     "a supervisor's request, which the PASID table entry does not enable"},

    {F::kSfs1, "SFS.1", 0x70, "a first-stage entry below the first cannot be read"},
    {F::kSfs2, "SFS.2", 0x71, "a first-stage entry is not present"},
    {F::kSfs3, "SFS.3", 0x72, "a first-stage entry has a reserved bit set"},
    {F::kSfs4, "SFS.4", 0x73, "the first first-stage entry cannot be read"},
    {F::kSfs5, "SFS.5", 0x74,
     "nested: a first-stage entry's address is beyond the second stage's width"},
    {F::kSfs6, "SFS.6", 0x75, "nested: no right to read the first first-stage entry"},
    {F::kSfs7, "SFS.7", 0x76, "nested: no right to read a first-stage entry below the first"},
    {F::kSss1, "SSS.1", 0x78, "a second-stage entry below the first cannot be read"},
    {F::kSss2, "SSS.2", 0x79, "a second-stage entry grants neither reading nor writing"},
    {F::kSss3, "SSS.3", 0x7a, "a second-stage entry has a reserved bit set"},
    {F::kSss4, "SSS.4", 0x7b, "the first second-stage entry cannot be read"},
    {F::kSgn1, "SGN.1", 0x80, "the address is not canonical"},
    {F::kSgn2, "SGN.2", 0x81, "a user's request to a supervisor's page"},
    {F::kSgn4, "SGN.4", 0x83, "the address is beyond the host's width"},
    {F::kSgn5, "SGN.5", 0x84, "the address is beyond the second stage's width"},
    {F::kSgn6, "SGN.6", 0x85, "no right to write"},
    {F::kSgn7, "SGN.7", 0x86, "no right to read"},
    {F::kSgn8, "SGN.8", 0x87, "translated into the interrupt address range"},
});

constexpr bool InOrder() {
  for (std::size_t i = 0; i < kFaults.size(); ++i) {
    if (static_cast<std::size_t>(kFaults[i].fault) != i) return false;
  }
  return kFaults.size() == static_cast<std::size_t>(VtdFault::kSgn8) + 1;
}
static_assert(InOrder());

}  // namespace

const VtdFaultInfo& InfoOf(VtdFault fault) { return kFaults[static_cast<std::size_t>(fault)]; }

std::ostream& operator<<(std::ostream& out, VtdFault fault) {
  constexpr char kHex[] = "0123456789abcdef";
  const VtdFaultInfo& info = InfoOf(fault);
  return out << info.name << " (0x" << kHex[info.reason >> 4] << kHex[info.reason & 15]
             << "): " << info.statement;
}

}  // namespace holdfast::hardware
