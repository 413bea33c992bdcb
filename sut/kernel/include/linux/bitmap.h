// A stand-in: bitmaps on the heap. The bits are in linux/bitops.h.
#ifndef HOLDFAST_LINUX_BITMAP_H_
#define HOLDFAST_LINUX_BITMAP_H_

#include <linux/slab.h>

static inline unsigned long* bitmap_zalloc(unsigned int bits, gfp_t flags) {
  return (unsigned long*)kcalloc(DIV_ROUND_UP(bits, BITS_PER_LONG), sizeof(unsigned long), flags);
}
static inline void bitmap_free(const unsigned long* bits) { kfree(bits); }

#endif  // HOLDFAST_LINUX_BITMAP_H_
