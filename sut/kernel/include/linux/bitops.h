// A stand-in: single bits of a bitmap of unsigned longs. No access is atomic: only one thread runs.
#ifndef HOLDFAST_LINUX_BITOPS_H_
#define HOLDFAST_LINUX_BITOPS_H_

#include <linux/compiler.h>

#define BITS_PER_LONG 64
#define BIT_WORD(n) ((n) / BITS_PER_LONG)
#define BIT_MASK(n) (1UL << ((n) % BITS_PER_LONG))
#define BIT_ULL(n) (1ULL << (n))

static inline bool test_bit(long n, const volatile unsigned long* bits) {
  return (bits[BIT_WORD(n)] & BIT_MASK(n)) != 0;
}
static inline void set_bit(long n, volatile unsigned long* bits) {
  bits[BIT_WORD(n)] = bits[BIT_WORD(n)] | BIT_MASK(n);
}
static inline void clear_bit(long n, volatile unsigned long* bits) {
  bits[BIT_WORD(n)] = bits[BIT_WORD(n)] & ~BIT_MASK(n);
}
static inline bool test_and_set_bit(long n, volatile unsigned long* bits) {
  const bool was_set = test_bit(n, bits);

  set_bit(n, bits);
  return was_set;
}
static inline bool test_and_clear_bit(long n, volatile unsigned long* bits) {
  const bool was_set = test_bit(n, bits);

  clear_bit(n, bits);
  return was_set;
}

#define __set_bit(n, bits) set_bit(n, bits)
#define __clear_bit(n, bits) clear_bit(n, bits)

#endif  // HOLDFAST_LINUX_BITOPS_H_
