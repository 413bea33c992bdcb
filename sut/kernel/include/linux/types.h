// A stand-in: the kernel's integer types, with the kernel's widths and ranks (u64 is unsigned long
// long). The system has a header of this name, which some of its own headers need.
#include_next <linux/types.h>
#ifndef HOLDFAST_LINUX_TYPES_H_
#define HOLDFAST_LINUX_TYPES_H_

#ifndef __cplusplus
#include <stdbool.h>
#endif
#include <stddef.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;
typedef u64 phys_addr_t;
typedef u64 dma_addr_t;
typedef unsigned int gfp_t;

struct list_head {
  struct list_head *next, *prev;
};

#endif  // HOLDFAST_LINUX_TYPES_H_
