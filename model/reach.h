// Where the hardware lets each device's DMA go, as walked from its tables: what R12 and R13 are
// asked of.
//
// Only an implementation with a driver port that has hardware has one (sut/kernel/port.h); of every
// other, `walked` is false and the two rules have no premise. Nothing in it comes from what a port
// says: a device reaches a domain if its requests, walked by sut/hardware from the unit's registers
// on, land exactly where that domain's mappings say and nowhere else.
#ifndef HOLDFAST_MODEL_REACH_H_
#define HOLDFAST_MODEL_REACH_H_

#include <array>
#include <cstdint>

#include "model/topology.h"

namespace holdfast {

struct Reach {
  // What a device reaches: a domain's index, or one of these.
  // every request of every id of it is refused by an entry that is there
  static constexpr std::uint8_t kBlocked = kNone;
  static constexpr std::uint8_t kOff = 0xfe;    // its unit translates nothing
  static constexpr std::uint8_t kGone = 0xfd;   // the way leads through memory that is not there
  static constexpr std::uint8_t kOther = 0xfc;  // somewhere, but no domain's mappings

  bool walked = false;
  // the driver of this kernel runs; before, the units do what the kernel before left them to do
  bool up = false;
  // What the driver of this kernel has taken over from the kernel before: bits, and for each device
  // the domain that it was adopted with, or kNone.
  std::uint8_t iommus = 0, domains = 0;
  std::array<std::uint8_t, kMaxDevices> adopted{};
  std::array<std::uint8_t, kMaxDevices> device{};

  bool operator==(const Reach&) const = default;
};

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_REACH_H_
