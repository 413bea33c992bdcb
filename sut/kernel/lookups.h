// The next kernel's lookups, held against the records that came over.
#ifndef HOLDFAST_SUT_KERNEL_LOOKUPS_H_
#define HOLDFAST_SUT_KERNEL_LOOKUPS_H_

#include "sut/kernel/binding.h"

namespace holdfast::kernel {

// After a retrieve that succeeded, in its call. A lookup that misses a record or shows one that is DELETED is a Finding. Asks only what
// the implementation has.
void CheckLookups(const Binding& binding);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_LOOKUPS_H_
