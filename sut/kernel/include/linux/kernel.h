// A stand-in: the few macros that C code expects everywhere.
#ifndef HOLDFAST_LINUX_KERNEL_H_
#define HOLDFAST_LINUX_KERNEL_H_

#include <linux/bitops.h>
#include <linux/compiler.h>
#include <string.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define container_of(pointer, type, member) ((type*)((char*)(pointer) - offsetof(type, member)))
#define BIT(n) (1UL << (n))
#define BITS_PER_LONG_LONG 64
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define IS_ALIGNED(n, size) (((n) & ((__typeof__(n))(size) - 1)) == 0)
#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)

// The machine is little-endian.
#define le64_to_cpu(value) ((u64)(value))
#define cpu_to_le64(value) ((__le64)(value))

// Messages are dropped.
#define pr_debug(...) ((void)0)
#define pr_info(...) ((void)0)
#define pr_warn(...) ((void)0)
#define pr_err(...) ((void)0)

#endif  // HOLDFAST_LINUX_KERNEL_H_
