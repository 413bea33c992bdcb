// A stand-in: the type is in linux/mutex.h.
#ifndef HOLDFAST_LINUX_MUTEX_TYPES_H_
#define HOLDFAST_LINUX_MUTEX_TYPES_H_

#include <linux/mutex.h>

#endif  // HOLDFAST_LINUX_MUTEX_TYPES_H_
