// The accesses of the code under test to memory, one by one.
//
// A compiler announces them. Code that is compiled with ACCESS_COPTS (sut/defs.bzl) calls a
// function before each read and each write. `-fsanitize=thread` makes gcc and clang insert these
// calls, and the environment answers them itself (accesses.cc). The sanitizer's runtime is not
// linked. So the code under test is compiled as it stands, and no access depends on a macro that
// its author used. A driver's files are compiled so; the core and the environment are not.
//
// A watcher hears of a write before the write. The result of a write can be seen when the next
// announcement comes. Between the two the code under test does nothing else to memory: so a watcher
// sees each state that memory was in. Calls of the environment that change memory or registers
// announce themselves (AnnounceWrite).
//
// Calls of memset and memcpy go through sut/kernel/string.cc, which announces them. No test shows
// that yet: a planted defect that cleared a live entry with memset was not caught. Two kinds of
// write are never announced: what the environment writes on its own account, unless it calls these;
// and `__builtin_memset` by name, which a compiler may write out as one instruction.
//
// A read is announced too. Only callers at once hear of it (caller.h).
//
// AddressSanitizer cannot be combined with this option. With AddressSanitizer, a driver's files are
// compiled with this option instead, and the announced access is checked as AddressSanitizer would.
// Only accesses beyond the driver's own locals and statics are missed. With ThreadSanitizer
// (--config=tsan) the real runtime hears of the accesses, and no watcher does.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_ACCESSES_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_ACCESSES_H_

#include <cstddef>

#include "sut/kernel/machine/call.h"

namespace holdfast::kernel {

class AccessWatcher {
 public:
  // `size` bytes are about to be written; 0: nothing is, and all that was announced has happened.
  // `code`: an address in the code that writes, behind the announcement.
  virtual void BeforeWrite(const void* address, std::size_t size, const void* code) = 0;

 protected:
  ~AccessWatcher() = default;
};

// For a call of the environment that writes on behalf of the code under test.
inline void AnnounceWrite(const volatile void* address, std::size_t size, const void* code) {
  // The first call of a process makes g_call.
  if (AccessWatcher* watcher = g_call ? g_call->watcher : nullptr)
    watcher->BeforeWrite(const_cast<const void*>(address), size, code);
}

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_MACHINE_ACCESSES_H_
