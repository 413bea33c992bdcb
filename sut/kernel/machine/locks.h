// The environment's questions about its locks. The locks of groups are known. Every other mutex
// that the implementation holds is taken for flb.lock.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_LOCKS_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_LOCKS_H_

#include <linux/mutex.h>

namespace holdfast::kernel {

bool IsGroupLock(const struct mutex* lock);
bool HoldsFlbLock();

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_MACHINE_LOCKS_H_
