// The reasons why VT-d blocks a request: the fault conditions of section 7.1.3 (revision 4.1), with
// the names of that section and a reason code each. Several conditions of one name (LCT.4.0,
// LCT.4.1 ...) share a code and are one condition here.
//
// FPD (Fault Processing Disable) silences the report of a fault, and not the fault. So FPD is not
// modelled.
#ifndef HOLDFAST_SUT_HARDWARE_VTD_FAULT_H_
#define HOLDFAST_SUT_HARDWARE_VTD_FAULT_H_

#include <cstdint>
#include <iosfwd>
#include <string_view>

namespace holdfast::hardware {

enum class VtdFault : std::uint8_t {
  // Blocked without a fault.
  kAbortDmaMode,    // the unit aborts all DMA
  kInterruptRange,  // 0xFEEx_xxxx without a PASID is interrupt remapping's, which is not modelled
  // The root table address register.
  kRta1,
  kRta2,
  // Legacy mode: root table, context table, second stage, general.
  kLrt1,
  kLrt2,
  kLrt3,
  kLct1,
  kLct2,
  kLct3,
  kLct4,
  kLsl1,
  kLsl2,
  kLgn1,
  kLgn2,
  kLgn3,
  kLgn4,
  // Scalable mode: root table, context table, PASID directory, PASID table.
  kSrt1,
  kSrt2,
  kSrt3,
  kSct1,
  kSct2,
  kSct3,
  kSct4,
  kSct6,
  kSct7,
  kSpd1,
  kSpd2,
  kSpd3,
  kSpt1,
  kSpt2,
  kSpt3,
  kSpt4,
  kSpt6,
  // Scalable mode: first stage, second stage, general.
  kSfs1,
  kSfs2,
  kSfs3,
  kSfs4,
  kSfs5,
  kSfs6,
  kSfs7,
  kSss1,
  kSss2,
  kSss3,
  kSss4,
  kSgn1,
  kSgn2,
  kSgn4,
  kSgn5,
  kSgn6,
  kSgn7,
  kSgn8,
};

struct VtdFaultInfo {
  VtdFault fault;
  std::string_view name;       // "LCT.2"
  std::uint8_t reason;         // the code in the fault record; 0: nothing is recorded
  std::string_view statement;  // "the context entry is not present"
};

const VtdFaultInfo& InfoOf(VtdFault fault);

// "LCT.2 (0x02): the context entry is not present"
std::ostream& operator<<(std::ostream& out, VtdFault fault);

}  // namespace holdfast::hardware

#endif  // HOLDFAST_SUT_HARDWARE_VTD_FAULT_H_
