#include "sut/hardware/smmuv3_event.h"

#include <ostream>

namespace holdfast::hardware {

std::string_view NameOf(SmmuV3Event event) {
  switch (event) {
    case SmmuV3Event::kAborted: return "aborted";
    case SmmuV3Event::kBadStreamId: return "C_BAD_STREAMID";
    case SmmuV3Event::kSteFetch: return "F_STE_FETCH";
    case SmmuV3Event::kBadSte: return "C_BAD_STE";
    case SmmuV3Event::kStreamDisabled: return "F_STREAM_DISABLED";
    case SmmuV3Event::kBadSubstreamId: return "C_BAD_SUBSTREAMID";
    case SmmuV3Event::kCdFetch: return "F_CD_FETCH";
    case SmmuV3Event::kBadCd: return "C_BAD_CD";
    case SmmuV3Event::kWalkExternalAbort: return "F_WALK_EABT";
    case SmmuV3Event::kTranslation: return "F_TRANSLATION";
    case SmmuV3Event::kAddressSize: return "F_ADDR_SIZE";
    case SmmuV3Event::kAccessFlag: return "F_ACCESS";
    case SmmuV3Event::kPermission: return "F_PERMISSION";
  }
  return "?";
}

std::ostream& operator<<(std::ostream& out, const SmmuV3Fault& fault) {
  constexpr std::string_view kClasses[] = {"CD", "TT", "IN"};
  out << NameOf(fault.event);
  if (fault.stage == 0) return out;
  return out << " stage " << int{fault.stage} << ", "
             << kClasses[static_cast<int>(fault.fault_class)];
}

}  // namespace holdfast::hardware
