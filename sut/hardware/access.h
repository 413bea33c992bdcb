// What a device asks of memory. Execution and atomics are not modelled: a device's atomic needs
// both rights.
#ifndef HOLDFAST_SUT_HARDWARE_ACCESS_H_
#define HOLDFAST_SUT_HARDWARE_ACCESS_H_

#include <cstdint>

namespace holdfast::hardware {

enum class Access : std::uint8_t { kRead, kWrite };

}  // namespace holdfast::hardware

#endif  // HOLDFAST_SUT_HARDWARE_ACCESS_H_
