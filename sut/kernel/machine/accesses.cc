// The functions that instrumented code calls. Their names and meanings are the interface between a
// compiler and the runtime of ThreadSanitizer; gcc and clang use the same one, and each uses a part
// of it.
#include "sut/kernel/machine/accesses.h"

#include <cstdint>
#include <cstring>

#include "sut/kernel/machine/caller.h"
#include "sut/kernel/machine/poison.h"

#if defined(__SANITIZE_THREAD__)
#define HOLDFAST_ANNOUNCED_ELSEWHERE
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HOLDFAST_ANNOUNCED_ELSEWHERE
#endif
#endif

#ifndef HOLDFAST_ANNOUNCED_ELSEWHERE

#ifdef HOLDFAST_WATCHED
// Of AddressSanitizer's runtime: the checks that it would have inserted.
extern "C" void __asan_loadN(std::uintptr_t address, std::size_t size);
extern "C" void __asan_storeN(std::uintptr_t address, std::size_t size);
#endif

namespace {

using holdfast::kernel::g_call;

inline void Read(const void* address, std::size_t size, const void* code) {
#ifdef HOLDFAST_WATCHED
  __asan_loadN(reinterpret_cast<std::uintptr_t>(address), size);
#endif
  if (holdfast_stops_at_points) [[unlikely]]
    holdfast::kernel::PassAccess(address, size, /*write=*/false, code);
}

// Code of a static initializer runs before there is a call.
inline void Write(const void* address, std::size_t size, const void* code) {
#ifdef HOLDFAST_WATCHED
  __asan_storeN(reinterpret_cast<std::uintptr_t>(address), size);
#endif
  if (holdfast_stops_at_points) [[unlikely]]
    holdfast::kernel::PassAccess(address, size, /*write=*/true, code);
  if (g_call && g_call->watcher) g_call->watcher->BeforeWrite(address, size, code);
}

}  // namespace

extern "C" {

// Plain accesses of each size: aligned, unaligned, volatile (gcc, if asked to tell them apart), and
// a read and a write of one place (clang).
#define ACCESSES(size)                                                                          \
  void __tsan_read##size(void* address) { Read(address, size, __builtin_return_address(0)); }   \
  void __tsan_write##size(void* address) { Write(address, size, __builtin_return_address(0)); } \
  void __tsan_read_write##size(void* address) {                                                 \
    Write(address, size, __builtin_return_address(0));                                          \
  }                                                                                             \
  void __tsan_volatile_read##size(void* address) {                                              \
    Read(address, size, __builtin_return_address(0));                                           \
  }                                                                                             \
  void __tsan_volatile_write##size(void* address) {                                             \
    Write(address, size, __builtin_return_address(0));                                          \
  }                                                                                             \
  void __tsan_unaligned_read##size(void* address) {                                             \
    Read(address, size, __builtin_return_address(0));                                           \
  }                                                                                             \
  void __tsan_unaligned_write##size(void* address) {                                            \
    Write(address, size, __builtin_return_address(0));                                          \
  }                                                                                             \
  void __tsan_unaligned_read_write##size(void* address) {                                       \
    Write(address, size, __builtin_return_address(0));                                          \
  }                                                                                             \
  void __tsan_unaligned_volatile_read##size(void* address) {                                    \
    Read(address, size, __builtin_return_address(0));                                           \
  }                                                                                             \
  void __tsan_unaligned_volatile_write##size(void* address) {                                   \
    Write(address, size, __builtin_return_address(0));                                          \
  }
ACCESSES(1)
ACCESSES(2)
ACCESSES(4)
ACCESSES(8)
ACCESSES(16)
#undef ACCESSES

void __tsan_read_range(void* address, std::size_t size) {
  Read(address, size, __builtin_return_address(0));
}
void __tsan_write_range(void* address, std::size_t size) {
  Write(address, size, __builtin_return_address(0));
}

// clang has these in the place of the C library's.
void* __tsan_memset(void* to, int value, std::size_t size) {
  Write(to, size, __builtin_return_address(0));
  return std::memset(to, value, size);
}
void* __tsan_memcpy(void* to, const void* from, std::size_t size) {
  Read(from, size, __builtin_return_address(0));
  Write(to, size, __builtin_return_address(0));
  return std::memcpy(to, from, size);
}
void* __tsan_memmove(void* to, const void* from, std::size_t size) {
  Read(from, size, __builtin_return_address(0));
  Write(to, size, __builtin_return_address(0));
  return std::memmove(to, from, size);
}

// Atomic accesses: these do the access as well. The strongest order serves for every order.
#define ATOMICS(bits)                                                                             \
  std::uint##bits##_t __tsan_atomic##bits##_load(const volatile std::uint##bits##_t* from, int) { \
    Read(const_cast<const std::uint##bits##_t*>(from), bits / 8, __builtin_return_address(0));    \
    return __atomic_load_n(from, __ATOMIC_SEQ_CST);                                               \
  }                                                                                               \
  void __tsan_atomic##bits##_store(volatile std::uint##bits##_t* to, std::uint##bits##_t value,   \
                                   int) {                                                         \
    Write(const_cast<const std::uint##bits##_t*>(to), bits / 8, __builtin_return_address(0));     \
    __atomic_store_n(to, value, __ATOMIC_SEQ_CST);                                                \
  }                                                                                               \
  int __tsan_atomic##bits##_compare_exchange_strong(volatile std::uint##bits##_t* to,             \
                                                    std::uint##bits##_t* expected,                \
                                                    std::uint##bits##_t value, int, int) {        \
    Write(const_cast<const std::uint##bits##_t*>(to), bits / 8, __builtin_return_address(0));     \
    return __atomic_compare_exchange_n(to, expected, value, false, __ATOMIC_SEQ_CST,              \
                                       __ATOMIC_SEQ_CST);                                         \
  }                                                                                               \
  int __tsan_atomic##bits##_compare_exchange_weak(volatile std::uint##bits##_t* to,               \
                                                  std::uint##bits##_t* expected,                  \
                                                  std::uint##bits##_t value, int, int) {          \
    Write(const_cast<const std::uint##bits##_t*>(to), bits / 8, __builtin_return_address(0));     \
    return __atomic_compare_exchange_n(to, expected, value, false, __ATOMIC_SEQ_CST,              \
                                       __ATOMIC_SEQ_CST);                                         \
  }                                                                                               \
  std::uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(                                 \
      volatile std::uint##bits##_t* to, std::uint##bits##_t expected, std::uint##bits##_t value,  \
      int, int) {                                                                                 \
    Write(const_cast<const std::uint##bits##_t*>(to), bits / 8, __builtin_return_address(0));     \
    __atomic_compare_exchange_n(to, &expected, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
    return expected;                                                                              \
  }
#define ATOMIC(bits, name, operation)                                                         \
  std::uint##bits##_t __tsan_atomic##bits##_##name(volatile std::uint##bits##_t* to,          \
                                                   std::uint##bits##_t value, int) {          \
    Write(const_cast<const std::uint##bits##_t*>(to), bits / 8, __builtin_return_address(0)); \
    return operation(to, value, __ATOMIC_SEQ_CST);                                            \
  }
#define OPERATIONS(bits)                      \
  ATOMIC(bits, exchange, __atomic_exchange_n) \
  ATOMIC(bits, fetch_add, __atomic_fetch_add) \
  ATOMIC(bits, fetch_sub, __atomic_fetch_sub) \
  ATOMIC(bits, fetch_and, __atomic_fetch_and) \
  ATOMIC(bits, fetch_or, __atomic_fetch_or)   \
  ATOMIC(bits, fetch_xor, __atomic_fetch_xor) \
  ATOMIC(bits, fetch_nand, __atomic_fetch_nand)
ATOMICS(8)
ATOMICS(16)
ATOMICS(32)
ATOMICS(64)
OPERATIONS(8)
OPERATIONS(16)
OPERATIONS(32)
OPERATIONS(64)
#undef OPERATIONS
#undef ATOMIC
#undef ATOMICS

void __tsan_atomic_thread_fence(int) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
void __tsan_atomic_signal_fence(int) { __atomic_signal_fence(__ATOMIC_SEQ_CST); }

// Of C++: a table of virtual functions is read, or changes while an object comes and goes.
void __tsan_vptr_read(void**) {}
void __tsan_vptr_update(void** object, void*) {
  Write(object, sizeof(*object), __builtin_return_address(0));
}

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}

}  // extern "C"

#endif  // HOLDFAST_ANNOUNCED_ELSEWHERE
