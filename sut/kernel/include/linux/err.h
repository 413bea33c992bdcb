// A stand-in: error numbers in pointers, as in the kernel: the last 4095 addresses are errors.
#ifndef HOLDFAST_LINUX_ERR_H_
#define HOLDFAST_LINUX_ERR_H_

#include <linux/compiler.h>
#include <linux/errno.h>

#define MAX_ERRNO 4095

static inline void* ERR_PTR(long error) { return (void*)error; }
static inline long PTR_ERR(const void* pointer) { return (long)pointer; }
static inline bool IS_ERR(const void* pointer) {
  return (unsigned long)pointer >= (unsigned long)-MAX_ERRNO;
}
static inline bool IS_ERR_OR_NULL(const void* pointer) { return !pointer || IS_ERR(pointer); }
#define ERR_CAST(pointer) ((void*)(pointer))

#endif  // HOLDFAST_LINUX_ERR_H_
