// A stand-in: compiler attributes and single accesses. No access is ordered: only one thread runs
// at a time.
#ifndef HOLDFAST_LINUX_COMPILER_H_
#define HOLDFAST_LINUX_COMPILER_H_

#include <linux/types.h>

#ifndef __packed
#define __packed __attribute__((__packed__))
#endif
#define __maybe_unused __attribute__((__unused__))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define READ_ONCE(x) (*(const volatile __typeof__(x)*)&(x))
#define WRITE_ONCE(x, value) (*(volatile __typeof__(x)*)&(x) = (value))
#define IS_ENABLED(option) (option)

#ifdef __cplusplus
#define HOLDFAST_BEGIN_C extern "C" {
#define HOLDFAST_END_C }
#else
#define HOLDFAST_BEGIN_C
#define HOLDFAST_END_C
#endif

#endif  // HOLDFAST_LINUX_COMPILER_H_
