// A block of memory as its difference from another block of the same size. A snapshot keeps this
// difference.
//
// The bytes are, for each line that differs, the line's number and the line; kEnd closes the list.
// A line is 32 bytes, because a call changes few words and those words lie together. The bytes
// behind the last whole line are kept as they are.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_DIFFERENCE_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_DIFFERENCE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace holdfast::kernel {

inline constexpr std::size_t kLine = 32;
inline constexpr std::uint32_t kEnd = 0xffffffff;

// Whether two lines are equal. Inlined, because a call costs more than the comparison.
inline bool SameLine(const std::byte* a, const std::byte* b) {
  std::uint64_t difference = 0;
  for (std::size_t i = 0; i < kLine; i += sizeof(difference)) {
    std::uint64_t left, right;
    std::memcpy(&left, a + i, sizeof(left));
    std::memcpy(&right, b + i, sizeof(right));
    difference |= left ^ right;
  }
  return difference == 0;
}

inline void AppendDifference(const std::byte* memory, const std::byte* base, std::size_t size,
                             std::vector<std::byte>& bytes) {
  const auto append = [&bytes](const void* from, std::size_t count) {
    const std::byte* first = static_cast<const std::byte*>(from);
    bytes.insert(bytes.end(), first, first + count);
  };
  const std::size_t lines = size / kLine;
  for (std::size_t line = 0; line < lines; ++line) {
    if (SameLine(memory + line * kLine, base + line * kLine)) continue;
    const std::uint32_t number = static_cast<std::uint32_t>(line);
    append(&number, sizeof(number));
    append(memory + line * kLine, kLine);
  }
  append(&kEnd, sizeof(kEnd));
  append(memory + lines * kLine, size - lines * kLine);
}

// Makes `memory` as it was when the difference was taken. Returns the end of the difference.
inline const std::byte* ApplyDifference(const std::byte* bytes, const std::byte* base,
                                        std::size_t size, std::byte* memory) {
  std::memcpy(memory, base, size);
  while (true) {
    std::uint32_t number;
    std::memcpy(&number, bytes, sizeof(number));
    bytes += sizeof(number);
    if (number == kEnd) break;
    std::memcpy(memory + number * kLine, bytes, kLine);
    bytes += kLine;
  }
  const std::size_t rest = size % kLine;
  std::memcpy(memory + size - rest, bytes, rest);
  return bytes + rest;
}

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_MACHINE_DIFFERENCE_H_
