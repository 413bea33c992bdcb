// Looks at much memory fast: where the memory stops being one value, and where two memories begin
// to differ.
//
// A search takes back every command, and would spend most of its time in looking at zeros. So both
// functions are compiled for several processors, and the processor that runs them chooses.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_SCAN_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_SCAN_H_

#include <cstddef>

namespace holdfast::kernel {

inline constexpr std::size_t kBlock = 128;

// True if the bytes from `from` to `to` are all `value`. In whole blocks.
bool IsFilled(const std::byte* from, const std::byte* to, unsigned char value);

// The first block from `at` on in which the two memories differ, or `size`. Offsets and sizes are
// in whole blocks.
std::size_t FirstDifference(const std::byte* a, const std::byte* b, std::size_t at,
                            std::size_t size);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_MACHINE_SCAN_H_
