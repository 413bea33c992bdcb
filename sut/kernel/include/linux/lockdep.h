// A stand-in that behaves on purpose: an assertion that does not hold is a WARN, as in a kernel
// with lockdep.
#ifndef HOLDFAST_LINUX_LOCKDEP_H_
#define HOLDFAST_LINUX_LOCKDEP_H_

#include <linux/bug.h>

struct mutex;
HOLDFAST_BEGIN_C
bool holdfast_mutex_is_held(const struct mutex* lock);
void holdfast_might_sleep(void);
HOLDFAST_END_C

#define lockdep_is_held(lock) holdfast_mutex_is_held(lock)
#define lockdep_assert_held(lock) ((void)WARN_ON(!holdfast_mutex_is_held(lock)))
#define might_sleep() holdfast_might_sleep()

#endif  // HOLDFAST_LINUX_LOCKDEP_H_
