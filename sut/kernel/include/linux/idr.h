// A stand-in: an allocator of ids (IDA) for the ids from 0 to 255. An id beyond 255 is -ENOSPC. The
// allocation itself never fails, as in the kernel for the lowest ids.
#ifndef HOLDFAST_LINUX_IDR_H_
#define HOLDFAST_LINUX_IDR_H_

#include <linux/bitops.h>
#include <linux/errno.h>

enum { HOLDFAST_IDS = 256 };

struct ida {
  unsigned long in_use[HOLDFAST_IDS / BITS_PER_LONG];
};

static inline void ida_init(struct ida* ida) {
  __builtin_memset(ida->in_use, 0, sizeof(ida->in_use));
}

// The lowest free id in [min, max].
static inline int ida_alloc_range(struct ida* ida, unsigned int min, unsigned int max,
                                  gfp_t flags) {
  unsigned int id;

  (void)flags;
  for (id = min; id <= max && id < HOLDFAST_IDS; ++id) {
    if (!test_and_set_bit(id, ida->in_use)) return (int)id;
  }
  return -ENOSPC;
}
#define ida_alloc_min(ida, min, flags) ida_alloc_range(ida, min, HOLDFAST_IDS - 1, flags)
#define ida_alloc_max(ida, max, flags) ida_alloc_range(ida, 0, max, flags)
#define ida_alloc(ida, flags) ida_alloc_range(ida, 0, HOLDFAST_IDS - 1, flags)

static inline void ida_free(struct ida* ida, unsigned int id) {
  if (id < HOLDFAST_IDS) clear_bit(id, ida->in_use);
}
static inline bool ida_exists(const struct ida* ida, unsigned int id) {
  return id < HOLDFAST_IDS && test_bit(id, ida->in_use);
}
static inline void ida_destroy(struct ida* ida) { ida_init(ida); }

#endif  // HOLDFAST_LINUX_IDR_H_
