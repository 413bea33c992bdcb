// The restoring side of the code under test, tried after each retrieve: the probe of each device
// and the restore of its domain, as the next kernel's IOMMU core calls them.
//
// The trial is a rehearsal, so the records stay as they came over. What it expects:
//   - a probe takes the first live record of its device, or none, and fails for no other reason
//   - devices whose records name one domain get one domain, and each of them an owner
//   - a restore that is denied a request fails, frees what it allocated, names no owner, and can be
//     repeated
//   - every reference on the incoming FLB is put
#ifndef HOLDFAST_SUT_KERNEL_ADAPTER_RESTORING_H_
#define HOLDFAST_SUT_KERNEL_ADAPTER_RESTORING_H_

#include "sut/kernel/binding.h"

namespace holdfast::kernel {

// Within a call. Does nothing unless the records are retrieved and the binding has both calls.
void TryRestoring(const Binding& binding);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_ADAPTER_RESTORING_H_
