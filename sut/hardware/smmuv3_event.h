// The reasons why an SMMUv3 terminates a transaction: the events of IHI 0070 section 7.3, with the
// names and numbers of that section.
//
// Software chooses whether an event is recorded (CR2.RECINVSID, CD.R, STE.S2R). The transaction is
// terminated either way, so these choices are not modelled.
#ifndef HOLDFAST_SUT_HARDWARE_SMMUV3_EVENT_H_
#define HOLDFAST_SUT_HARDWARE_SMMUV3_EVENT_H_

#include <cstdint>
#include <iosfwd>
#include <string_view>

namespace holdfast::hardware {

enum class SmmuV3Event : std::uint8_t {
  kAborted = 0,  // no event exists: STE.Config 0b0xx, or GBPA.ABORT while the unit is off
  kBadStreamId = 0x02,
  kSteFetch = 0x03,
  kBadSte = 0x04,
  kStreamDisabled = 0x06,
  kBadSubstreamId = 0x08,
  kCdFetch = 0x09,
  kBadCd = 0x0a,
  kWalkExternalAbort = 0x0b,
  kTranslation = 0x10,
  kAddressSize = 0x11,
  kAccessFlag = 0x12,
  kPermission = 0x13,
};

// "F_TRANSLATION"
std::string_view NameOf(SmmuV3Event event);

// The access that a stage of translation made when it faulted (the CLASS field).
enum class SmmuV3Class : std::uint8_t { kContextDescriptor = 0, kTable = 1, kInput = 2 };

struct SmmuV3Fault {
  SmmuV3Event event = SmmuV3Event::kAborted;
  std::uint8_t stage = 0;  // 1 or 2, of F_WALK_EABT to F_PERMISSION; 0 where the event has none
  SmmuV3Class fault_class = SmmuV3Class::kInput;  // means something where there is a stage

  bool operator==(const SmmuV3Fault&) const = default;
};

// "F_TRANSLATION stage 2, TT"
std::ostream& operator<<(std::ostream& out, const SmmuV3Fault& fault);

}  // namespace holdfast::hardware

#endif  // HOLDFAST_SUT_HARDWARE_SMMUV3_EVENT_H_
