// One event of a log: a probed function was entered or has returned, or events were lost.
//
// An event holds what its line says and nothing more. A field that the line does not have is 0 or
// nothing, and may have been anything.
#ifndef HOLDFAST_TRACES_LOG_EVENT_H_
#define HOLDFAST_TRACES_LOG_EVENT_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace holdfast {

// The probed functions. The driver's ops have another name in each driver.
enum class Probe : std::uint8_t {
  kPreserveDomain,
  kUnpreserveDomain,
  kPreserveDevice,
  kUnpreserveDevice,
  kFlbPreserve,  // the FLB's callbacks, which LUO calls with the first and the last file
  kFlbUnpreserve,
  kGetOutgoing,    // liveupdate_flb_get_outgoing
  kDomainFree,     // the address may become another domain
  kIommuPreserve,  // the driver's ops from here on
  kIommuUnpreserve,
  kIommuPreserveDevice,
  kIommuUnpreserveDevice,
  kPtPreserve,
  kPtUnpreserve,
};
inline constexpr std::size_t kProbeCount = 14;

constexpr bool IsOp(Probe probe) { return probe >= Probe::kIommuPreserve; }

inline constexpr std::uint32_t kAnyCpu = std::numeric_limits<std::uint32_t>::max();

struct LogEvent {
  enum class Kind : std::uint8_t { kEntry, kReturn, kLost, kOther };
  Kind kind = Kind::kOther;
  Probe probe = Probe::kPreserveDomain;  // kEntry, kReturn
  std::uint32_t cpu = kAnyCpu;           // kLost: kAnyCpu if the line names no CPU
  std::uint64_t task = 0;
  // addresses of the arguments, 0: not said
  std::uint64_t domain = 0, device = 0, iommu = 0;
  std::optional<int> result;  // kReturn

  bool operator==(const LogEvent&) const = default;
};

}  // namespace holdfast

#endif  // HOLDFAST_TRACES_LOG_EVENT_H_
