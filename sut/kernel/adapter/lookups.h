// The next kernel's lookups, held against the records that came over, or against there being none.
#ifndef HOLDFAST_SUT_KERNEL_ADAPTER_LOOKUPS_H_
#define HOLDFAST_SUT_KERNEL_ADAPTER_LOOKUPS_H_

#include "sut/kernel/binding.h"

namespace holdfast::kernel {

// After a retrieve, in its call: one that succeeded, or one that found nothing. A Finding is a
// lookup that misses a record or shows one that is DELETED; that goes on when its caller has had
// enough; that keeps the orchestrator's reference, where it counts them; that finds something where
// nothing came over, or stops the machine, whether the kernel has live updates or not. Asks only
// what the implementation has.
void CheckLookups(const Binding& binding);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_ADAPTER_LOOKUPS_H_
