#include "sut/kernel/scan.h"

#include <cstdint>
#include <cstring>

namespace holdfast::kernel {
namespace {

using Words __attribute__((vector_size(32), may_alias, aligned(1))) = std::uint64_t;

[[gnu::always_inline]] inline const Words* LinesAt(const std::byte* memory) { return reinterpret_cast<const Words*>(memory); }

[[gnu::always_inline]] inline bool Filled(const std::byte* from, const std::byte* to, unsigned char value) {
  Words expected = {};
  std::memset(&expected, value, sizeof(expected));
  Words a = {}, b = {}, c = {}, d = {};
  for (; from != to; from += kBlock) {
    const Words* lines = LinesAt(from);
    a |= lines[0] ^ expected;
    b |= lines[1] ^ expected;
    c |= lines[2] ^ expected;
    d |= lines[3] ^ expected;
  }
  a |= b | (c | d);
  return (a[0] | a[1] | a[2] | a[3]) == 0;
}

[[gnu::always_inline]] inline std::size_t Differs(const std::byte* a, const std::byte* b, std::size_t at, std::size_t size) {
  for (; at != size; at += kBlock) {
    const Words *left = LinesAt(a + at), *right = LinesAt(b + at);
    const Words any = (left[0] ^ right[0]) | (left[1] ^ right[1]) | ((left[2] ^ right[2]) | (left[3] ^ right[3]));
    if ((any[0] | any[1] | any[2] | any[3]) != 0) break;
  }
  return at;
}

bool FilledPlain(const std::byte* from, const std::byte* to, unsigned char value) { return Filled(from, to, value); }
std::size_t DiffersPlain(const std::byte* a, const std::byte* b, std::size_t at, std::size_t size) {
  return Differs(a, b, at, size);
}

#ifdef __x86_64__
[[gnu::target("avx2")]] bool FilledByAvx2(const std::byte* from, const std::byte* to, unsigned char value) {
  return Filled(from, to, value);
}
[[gnu::target("avx2")]] std::size_t DiffersByAvx2(const std::byte* a, const std::byte* b, std::size_t at, std::size_t size) {
  return Differs(a, b, at, size);
}
const bool g_has_avx2 = __builtin_cpu_supports("avx2");
#else
const bool g_has_avx2 = false;
constexpr auto FilledByAvx2 = FilledPlain;
constexpr auto DiffersByAvx2 = DiffersPlain;
#endif

}  // namespace

bool IsFilled(const std::byte* from, const std::byte* to, unsigned char value) {
  return g_has_avx2 ? FilledByAvx2(from, to, value) : FilledPlain(from, to, value);
}

std::size_t FirstDifference(const std::byte* a, const std::byte* b, std::size_t at, std::size_t size) {
  return g_has_avx2 ? DiffersByAvx2(a, b, at, size) : DiffersPlain(a, b, at, size);
}

}  // namespace holdfast::kernel
