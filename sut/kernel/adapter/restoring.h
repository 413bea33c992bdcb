// The verbs of the restoring side: each calls the code under test, and then does what the caller
// does in the kernel.
//
// A restored domain becomes the domain of its device, and the device's owner gets the group. The
// environment believes no promise: a failed restore must have freed its domain, and every reference
// on the incoming FLB must be put.
#ifndef HOLDFAST_SUT_KERNEL_ADAPTER_RESTORING_H_
#define HOLDFAST_SUT_KERNEL_ADAPTER_RESTORING_H_

#include "sut/kernel/binding.h"
#include "sut/kernel/machine/machine.h"

namespace holdfast::kernel {

// True if the suite can ask the code's restoring side. A driver port with hardware takes its
// records over by itself.
bool HasRestoring(const Binding& binding);

// Within a call. The results are those of the verbs (model/restoring.h). Without a restoring side
// the verbs do nothing.
int ProbeDevice(const Binding& binding, DeviceObject& device);
int RestoreDomain(const Binding& binding, DeviceObject& device);
void ReleaseDevice(const Binding& binding, DeviceObject& device);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_ADAPTER_RESTORING_H_
