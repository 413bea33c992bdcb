#include "sut/kernel/machine/scan.h"

#include <cstdint>
#include <cstring>

namespace holdfast::kernel {
namespace {

// The memory that one instruction looks at. Each is a type of its own: as a parameter of a
// template, a vector would lose its alignment, and that is none.
struct Of32 {
  using Line __attribute__((vector_size(32), may_alias, aligned(1))) = std::uint64_t;
  [[gnu::always_inline]] static bool IsNonzero(const Line& line) {
    return (line[0] | line[1] | line[2] | line[3]) != 0;
  }
};
struct Of64 {
  using Line __attribute__((vector_size(64), may_alias, aligned(1))) = std::uint64_t;
  [[gnu::always_inline]] static bool IsNonzero(const Line& line) {
    return (line[0] | line[1] | line[2] | line[3] | line[4] | line[5] | line[6] | line[7]) != 0;
  }
};

template <typename Of>
[[gnu::always_inline]] inline bool Filled(const std::byte* from, const std::byte* to,
                                          unsigned char value) {
  using Line = typename Of::Line;
  Line expected = {};
  std::memset(&expected, value, sizeof(expected));
  Line differs = {};
  if (value == 0) {
    for (; from != to; from += kBlock) {
      const Line* lines = reinterpret_cast<const Line*>(from);
      differs |= lines[0] | lines[1];
      if constexpr (sizeof(Line) == 32) differs |= lines[2] | lines[3];
    }
  } else {
    for (; from != to; from += sizeof(Line))
      differs |= *reinterpret_cast<const Line*>(from) ^ expected;
  }
  return !Of::IsNonzero(differs);
}

template <typename Of>
[[gnu::always_inline]] inline std::size_t Differs(const std::byte* a, const std::byte* b,
                                                  std::size_t at, std::size_t size) {
  using Line = typename Of::Line;
  // Most of the time nothing differs. So many blocks are compared at once, and single blocks only
  // after a difference.
  constexpr std::size_t kMany = 8 * kBlock;
  for (bool found = false; at != size;) {
    const std::size_t end = found || size - at < kMany ? at + kBlock : at + kMany;
    Line differs = {};
    for (std::size_t block = at; block != end; block += kBlock) {
      const Line *left = reinterpret_cast<const Line*>(a + block),
                 *right = reinterpret_cast<const Line*>(b + block);
      differs |= (left[0] ^ right[0]) | (left[1] ^ right[1]);
      if constexpr (sizeof(Line) == 32) differs |= (left[2] ^ right[2]) | (left[3] ^ right[3]);
    }
    if (!Of::IsNonzero(differs)) {
      at = end;
    } else if (end == at + kBlock) {
      break;
    } else {
      found = true;
    }
  }
  return at;
}

struct Scans {
  bool (*filled)(const std::byte* from, const std::byte* to, unsigned char value);
  std::size_t (*differs)(const std::byte* a, const std::byte* b, std::size_t at, std::size_t size);
};

#ifdef __x86_64__
[[gnu::target("avx2")]] bool FilledByAvx2(const std::byte* from, const std::byte* to,
                                          unsigned char value) {
  return Filled<Of32>(from, to, value);
}
[[gnu::target("avx2")]] std::size_t DiffersByAvx2(const std::byte* a, const std::byte* b,
                                                  std::size_t at, std::size_t size) {
  return Differs<Of32>(a, b, at, size);
}
[[gnu::target("avx512f")]] bool FilledByAvx512(const std::byte* from, const std::byte* to,
                                               unsigned char value) {
  return Filled<Of64>(from, to, value);
}
[[gnu::target("avx512f")]] std::size_t DiffersByAvx512(const std::byte* a, const std::byte* b,
                                                       std::size_t at, std::size_t size) {
  return Differs<Of64>(a, b, at, size);
}
#endif

Scans ScansOfThisProcessor() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f")) return {FilledByAvx512, DiffersByAvx512};
  if (__builtin_cpu_supports("avx2")) return {FilledByAvx2, DiffersByAvx2};
#endif
  return {Filled<Of32>, Differs<Of32>};
}

const Scans g_scans = ScansOfThisProcessor();

}  // namespace

bool IsFilled(const std::byte* from, const std::byte* to, unsigned char value) {
  return g_scans.filled(from, to, value);
}

std::size_t FirstDifference(const std::byte* a, const std::byte* b, std::size_t at,
                            std::size_t size) {
  return g_scans.differs(a, b, at, size);
}

}  // namespace holdfast::kernel
