// A stand-in: BIT() is in linux/kernel.h.
#ifndef HOLDFAST_LINUX_BITS_H_
#define HOLDFAST_LINUX_BITS_H_

#include <linux/kernel.h>

#endif  // HOLDFAST_LINUX_BITS_H_
