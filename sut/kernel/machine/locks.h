// What the environment asks of its locks. A mutex of the implementation's own is taken for
// flb.lock; groups' locks are known.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_LOCKS_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_LOCKS_H_

#include <linux/mutex.h>

namespace holdfast::kernel {

bool IsGroupLock(const struct mutex* lock);
bool HoldsFlbLock();

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_MACHINE_LOCKS_H_
