// Records of another version must not be followed: the next kernel is tried with them before it
// gets its own.
#ifndef HOLDFAST_SUT_KERNEL_ADAPTER_OTHER_VERSION_H_
#define HOLDFAST_SUT_KERNEL_ADAPTER_OTHER_VERSION_H_

#include "sut/kernel/binding.h"

namespace holdfast::kernel {

// Within a retrieve, before it. If the top record that was handed over has a version, a retrieve of
// it with another one is rehearsed (rehearsal.h), and the lookups after it. An implementation that
// neither fails nor stops the machine is a Finding.
void TryOtherVersion(const Binding& binding);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_ADAPTER_OTHER_VERSION_H_
