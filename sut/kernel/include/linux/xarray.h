// A stand-in: an array of pointers (XArray) with the indices from 0 to 15, in the object itself. To
// store beyond 15 is -ENOMEM; no other store fails.
#ifndef HOLDFAST_LINUX_XARRAY_H_
#define HOLDFAST_LINUX_XARRAY_H_

#include <linux/err.h>
#include <linux/slab.h>

enum { HOLDFAST_XA_ENTRIES = 16 };

struct xarray {
  void* entries[HOLDFAST_XA_ENTRIES];
};

static inline void xa_init(struct xarray* array) {
  __builtin_memset(array->entries, 0, sizeof(array->entries));
}
static inline void* xa_load(const struct xarray* array, unsigned long index) {
  return index < HOLDFAST_XA_ENTRIES ? array->entries[index] : NULL;
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
