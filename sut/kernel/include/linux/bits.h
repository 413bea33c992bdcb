// A stand-in: masks of bits. BIT() is in linux/kernel.h.
#ifndef HOLDFAST_LINUX_BITS_H_
#define HOLDFAST_LINUX_BITS_H_

#include <linux/kernel.h>

// The bits from `low` to `high`, both included.
#define GENMASK_ULL(high, low) ((~0ULL << (low)) & (~0ULL >> (63 - (high))))
#define GENMASK(high, low) ((unsigned long)GENMASK_ULL(high, low))

#endif  // HOLDFAST_LINUX_BITS_H_
