// A stand-in: compiler attributes and single accesses. No access is ordered: only one thread runs
// at a time. Before a single access another caller may run (sut/kernel/machine/caller.h).
#ifndef HOLDFAST_LINUX_COMPILER_H_
#define HOLDFAST_LINUX_COMPILER_H_

#include <linux/types.h>

#ifndef __packed
#define __packed __attribute__((__packed__))
#endif
#define __maybe_unused __attribute__((__unused__))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define READ_ONCE(x) (*(const volatile __typeof__(x)*)holdfast_access(&(x), sizeof(x), 0))
#define WRITE_ONCE(x, value) \
  (*(volatile __typeof__(x)*)holdfast_access(&(x), sizeof(x), 1) = (value))
#define IS_ENABLED(option) (option)

#ifdef __cplusplus
#define HOLDFAST_BEGIN_C extern "C" {
#define HOLDFAST_END_C }
#else
#define HOLDFAST_BEGIN_C
#define HOLDFAST_END_C
#endif

HOLDFAST_BEGIN_C
// Not 0 while a call runs that stops at its points.
extern int holdfast_stops_at_points;
void holdfast_stop_before_access(const volatile void* address, unsigned long size, int write);
HOLDFAST_END_C

static inline volatile void* holdfast_access(const volatile void* address, unsigned long size,
                                             int write) {
  if (unlikely(holdfast_stops_at_points)) holdfast_stop_before_access(address, size, write);
  return (volatile void*)address;
}

#endif  // HOLDFAST_LINUX_COMPILER_H_
