#include "sut/kernel/poison.h"

#include <cstdint>

namespace holdfast::kernel {

// Not instrumented, and in a way that the compiler does not make a call of memcpy, which is checked.
__attribute__((no_sanitize("address", "undefined", "thread"))) void CopyUnchecked(std::byte* to, const std::byte* from,
                                                                                 std::size_t size) {
  std::size_t i = 0;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HOLDFAST_PLAIN_COPY
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HOLDFAST_PLAIN_COPY
#endif
#endif
#ifdef HOLDFAST_PLAIN_COPY
  struct __attribute__((packed, may_alias)) Word {
    std::uint64_t bits;
  };
  for (; i + sizeof(Word) <= size; i += sizeof(Word)) {
    reinterpret_cast<volatile Word*>(to + i)->bits = reinterpret_cast<const volatile Word*>(from + i)->bits;
  }
  for (; i < size; ++i) *reinterpret_cast<volatile std::byte*>(to + i) = from[i];
#else
  __builtin_memcpy(to + i, from + i, size);
#endif
}

}  // namespace holdfast::kernel
