#include "sut/kernel/machine/poison.h"

#include <cstdint>

namespace holdfast::kernel {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HOLDFAST_PLAIN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HOLDFAST_PLAIN
#endif
#endif

// Not instrumented, and written so that the compiler does not make a call of memcpy or memcmp:
// those calls are checked.
__attribute__((no_sanitize("address", "undefined", "thread"))) void CopyUnchecked(
    std::byte* to, const std::byte* from, std::size_t size) {
#ifdef HOLDFAST_PLAIN
  std::size_t i = 0;
  struct __attribute__((packed, may_alias)) Word {
    std::uint64_t bits;
  };
  for (; i + sizeof(Word) <= size; i += sizeof(Word)) {
    reinterpret_cast<volatile Word*>(to + i)->bits =
        reinterpret_cast<const volatile Word*>(from + i)->bits;
  }
  for (; i < size; ++i) *reinterpret_cast<volatile std::byte*>(to + i) = from[i];
#else
  __builtin_memcpy(to, from, size);
#endif
}

__attribute__((no_sanitize("address", "undefined", "thread"))) bool SameUnchecked(
    const std::byte* a, const std::byte* b, std::size_t size) {
#ifdef HOLDFAST_PLAIN
  for (std::size_t i = 0; i < size; ++i) {
    if (*static_cast<const volatile std::byte*>(a + i) !=
        *static_cast<const volatile std::byte*>(b + i))
      return false;
  }
  return true;
#else
  return __builtin_memcmp(a, b, size) == 0;
#endif
}

}  // namespace holdfast::kernel
