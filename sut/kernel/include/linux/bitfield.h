// A stand-in: fields of a word, each named by its mask.
#ifndef HOLDFAST_LINUX_BITFIELD_H_
#define HOLDFAST_LINUX_BITFIELD_H_

#include <linux/bits.h>

#define FIELD_GET(mask, word) (((word) & (mask)) >> __builtin_ctzll(mask))
#define FIELD_PREP(mask, value) (((u64)(value) << __builtin_ctzll(mask)) & (mask))

#endif  // HOLDFAST_LINUX_BITFIELD_H_
