// A block of memory as its difference from another of the same size: what a snapshot keeps of it.
//
// Bytes: a line's number for each line that differs, with the line behind it, closed by kEnd. A
// line is 32 bytes: a call changes few words, and those that it changes lie together. What is
// behind the last whole line is kept as it is.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_DIFFERENCE_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_DIFFERENCE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace holdfast::kernel {

inline constexpr std::size_t kLine = 32;
inline constexpr std::uint32_t kEnd = 0xffffffff;

// Of two lines. Inlined, because a call costs more than the comparison.
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

// Makes `memory` what it was when the difference was taken. Returns where the difference ends.
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
