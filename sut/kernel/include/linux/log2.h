// A stand-in: logarithms to base 2.
#ifndef HOLDFAST_LINUX_LOG2_H_
#define HOLDFAST_LINUX_LOG2_H_

#include <linux/types.h>

#define ilog2(n) (63 - __builtin_clzll(n))
#define is_power_of_2(n) ((n) != 0 && ((n) & ((n) - 1)) == 0)

#endif  // HOLDFAST_LINUX_LOG2_H_
