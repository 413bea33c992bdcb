// A stand-in: an array of pointers (XArray) with the indices from 0 to 31, in the object itself. To
// store beyond 31 is -ENOMEM; no other store fails. A reserved index loads as NULL and is not free.
#ifndef HOLDFAST_LINUX_XARRAY_H_
#define HOLDFAST_LINUX_XARRAY_H_

#include <linux/err.h>
#include <linux/slab.h>

enum { HOLDFAST_XA_ENTRIES = 32 };
#define HOLDFAST_XA_RESERVED ((void*)1)

struct xarray {
  void* entries[HOLDFAST_XA_ENTRIES];
};

static inline void xa_init(struct xarray* array) {
  __builtin_memset(array->entries, 0, sizeof(array->entries));
}
static inline void* xa_load(const struct xarray* array, unsigned long index) {
  void* entry = index < HOLDFAST_XA_ENTRIES ? array->entries[index] : NULL;

  return entry == HOLDFAST_XA_RESERVED ? NULL : entry;
}
static inline bool xa_is_err(const void* entry) { return IS_ERR(entry); }
static inline int xa_err(const void* entry) { return IS_ERR(entry) ? (int)PTR_ERR(entry) : 0; }

// Returns what was there, or an error pointer.
static inline void* xa_cmpxchg(struct xarray* array, unsigned long index, void* old, void* entry,
                               gfp_t flags) {
  void* current = xa_load(array, index);

  (void)flags;
  if (index >= HOLDFAST_XA_ENTRIES) return ERR_PTR(-ENOMEM);
  if (current == old) array->entries[index] = entry;
  return current;
}
static inline void* xa_store(struct xarray* array, unsigned long index, void* entry, gfp_t flags) {
  return xa_cmpxchg(array, index, xa_load(array, index), entry, flags);
}
// Only where nothing is stored or reserved.
static inline int xa_insert(struct xarray* array, unsigned long index, void* entry, gfp_t flags) {
  (void)flags;
  if (index >= HOLDFAST_XA_ENTRIES) return -ENOMEM;
  if (array->entries[index]) return -EBUSY;
  array->entries[index] = entry;
  return 0;
}
// Leaves what is there.
static inline int xa_reserve(struct xarray* array, unsigned long index, gfp_t flags) {
  const int error = xa_insert(array, index, HOLDFAST_XA_RESERVED, flags);

  return error == -EBUSY ? 0 : error;
}
static inline void* xa_erase(struct xarray* array, unsigned long index) {
  return xa_store(array, index, NULL, GFP_KERNEL);
}
static inline bool xa_empty(const struct xarray* array) {
  int i;

  for (i = 0; i < HOLDFAST_XA_ENTRIES; ++i) {
    if (array->entries[i]) return false;
  }
  return true;
}
static inline void xa_destroy(struct xarray* array) { xa_init(array); }

#endif  // HOLDFAST_LINUX_XARRAY_H_
