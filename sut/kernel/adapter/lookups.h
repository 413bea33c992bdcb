// Checks the next kernel's lookups against the records that came over, or against their absence.
#ifndef HOLDFAST_SUT_KERNEL_ADAPTER_LOOKUPS_H_
#define HOLDFAST_SUT_KERNEL_ADAPTER_LOOKUPS_H_

#include "sut/kernel/binding.h"

namespace holdfast::kernel {

// After a retrieve, in its call. The retrieve succeeded or found nothing. A lookup has a Finding in
// each of these cases:
//   - the lookup misses a record, or shows a DELETED record;
//   - the lookup goes on after its caller has asked it to stop;
//   - the lookup keeps the orchestrator's reference, if the orchestrator counts references;
//   - the lookup finds something where nothing came over, or stops the machine, in a kernel with or
//     without live updates.
//
// Asks only the lookups that the implementation has.
void CheckLookups(const Binding& binding);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_ADAPTER_LOOKUPS_H_
