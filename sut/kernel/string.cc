// memset, memcpy and memmove of the code under test. An object is linked with --wrap
// (SUT_LINKOPTS), so its calls come here: what a call writes is announced as any other write
// (accesses.h).
#include <cstddef>

#include "sut/kernel/machine/accesses.h"

extern "C" {

void* __real_memset(void* to, int value, std::size_t size);
void* __real_memcpy(void* to, const void* from, std::size_t size);
void* __real_memmove(void* to, const void* from, std::size_t size);

void* __wrap_memset(void* to, int value, std::size_t size) {
  holdfast::kernel::AnnounceWrite(to, size, __builtin_return_address(0));
  return __real_memset(to, value, size);
}

void* __wrap_memcpy(void* to, const void* from, std::size_t size) {
  holdfast::kernel::AnnounceWrite(to, size, __builtin_return_address(0));
  return __real_memcpy(to, from, size);
}

void* __wrap_memmove(void* to, const void* from, std::size_t size) {
  holdfast::kernel::AnnounceWrite(to, size, __builtin_return_address(0));
  return __real_memmove(to, from, size);
}

}  // extern "C"
