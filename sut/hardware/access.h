// An access of a device to memory. Execution and atomics are not modelled: an atomic access needs
// both rights.
#ifndef HOLDFAST_SUT_HARDWARE_ACCESS_H_
#define HOLDFAST_SUT_HARDWARE_ACCESS_H_

#include <cstdint>

namespace holdfast::hardware {

enum class Access : std::uint8_t { kRead, kWrite };

}  // namespace holdfast::hardware

#endif  // HOLDFAST_SUT_HARDWARE_ACCESS_H_
