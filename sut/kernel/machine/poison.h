// Tells AddressSanitizer which memory of the arena the kernel's code must not touch: memory that is
// not allocated, or not allocated any more. Without AddressSanitizer these functions do nothing.
// Freed memory then holds kPoison, and a use of freed memory shows in other ways.
//
// A page that traps is not poisoned. The model knows the outcome of an access to such a page;
// AddressSanitizer would end the process instead.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_POISON_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_POISON_H_

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define HOLDFAST_WATCHED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HOLDFAST_WATCHED
#endif
#endif

#ifdef HOLDFAST_WATCHED
#include <sanitizer/asan_interface.h>
#endif

namespace holdfast::kernel {

#ifdef HOLDFAST_WATCHED
inline constexpr bool kWatched = true;
inline void Poison(const void* memory, std::size_t size) {
  __asan_poison_memory_region(memory, size);
}
inline void Unpoison(const void* memory, std::size_t size) {
  __asan_unpoison_memory_region(memory, size);
}
#else
inline constexpr bool kWatched = false;
inline void Poison(const void*, std::size_t) {}
inline void Unpoison(const void*, std::size_t) {}
#endif

// memcpy, and a comparison, of memory that may be poisoned.
void CopyUnchecked(std::byte* to, const std::byte* from, std::size_t size);
bool SameUnchecked(const std::byte* a, const std::byte* b, std::size_t size);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_MACHINE_POISON_H_
