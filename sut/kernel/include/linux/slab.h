// A stand-in that behaves on purpose: objects come from the arena. An allocation can be made to
// fail (fault site `kzalloc`). A freed object is poisoned. To free an address of no object is a
// crash.
#ifndef HOLDFAST_LINUX_SLAB_H_
#define HOLDFAST_LINUX_SLAB_H_

#include <linux/kernel.h>

#define GFP_KERNEL 0u
#define GFP_ATOMIC 1u

HOLDFAST_BEGIN_C
void* kzalloc(size_t size, gfp_t flags);
void kfree(const void* object);
HOLDFAST_END_C

static inline void* kcalloc(size_t count, size_t size, gfp_t flags) {
  return kzalloc(count * size, flags);
}
// The device's driver frees it: no driver here leaves a device.
#define devm_kcalloc(dev, count, size, flags) ((void)(dev), kcalloc(count, size, flags))

// kzalloc_obj(*pointer) or kzalloc_obj(struct type): an object of that type. Flags may follow; they
// are GFP_KERNEL.
#ifdef __cplusplus
#include <type_traits>
#define kzalloc_obj(object, ...) \
  (static_cast<std::remove_reference_t<__typeof__(object)>*>(kzalloc(sizeof(object), GFP_KERNEL)))
#else
#define kzalloc_obj(object, ...) ((__typeof__(object)*)kzalloc(sizeof(object), GFP_KERNEL))
#endif

#endif  // HOLDFAST_LINUX_SLAB_H_
