// Where the hardware lets each device's DMA go, walked from the tables. R12 and R13 ask it.
//
// Only a driver port with hardware has a Reach (sut/kernel/port.h). For every other implementation
// `walked` is false, and the two rules have no premise. A Reach holds nothing that a port claims.
// sut/hardware walks a device's requests from the unit's registers on. The device reaches a domain
// if the requests end exactly where the domain's mappings say, and nowhere else.
#ifndef HOLDFAST_MODEL_REACH_H_
#define HOLDFAST_MODEL_REACH_H_

#include <array>
#include <cstdint>

#include "model/topology.h"

namespace holdfast {

struct Reach {
  // What a device reaches: a domain's index, or one of these.
  // an entry of the tables refuses every request of each of the device's ids
  static constexpr std::uint8_t kBlocked = kNone;
  static constexpr std::uint8_t kOff = 0xfe;    // its unit translates nothing
  static constexpr std::uint8_t kGone = 0xfd;   // the walk leads through missing memory
  static constexpr std::uint8_t kOther = 0xfc;  // somewhere, but no domain's mappings

  bool walked = false;
  // this kernel's driver runs; until then the units work as the previous kernel left them
  bool up = false;
  // What this kernel's driver has taken over from the previous kernel: bits, and for each device
  // the adopted domain or kNone.
  std::uint8_t iommus = 0, domains = 0;
  std::array<std::uint8_t, kMaxDevices> adopted{};
  std::array<std::uint8_t, kMaxDevices> device{};

  bool operator==(const Reach&) const = default;
};

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_REACH_H_
