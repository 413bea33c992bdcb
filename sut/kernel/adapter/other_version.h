// The next kernel must not follow records of another version. So the next kernel is tried with such
// records before the real retrieve.
#ifndef HOLDFAST_SUT_KERNEL_ADAPTER_OTHER_VERSION_H_
#define HOLDFAST_SUT_KERNEL_ADAPTER_OTHER_VERSION_H_

#include "sut/kernel/binding.h"

namespace holdfast::kernel {

// Within a retrieve, before the real one. If the top record has a version, this rehearses
// (machine/rehearsal.h) a retrieve of the record with another version, and then the lookups. An
// implementation that neither fails nor stops the machine has a Finding.
void TryOtherVersion(const Binding& binding);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_ADAPTER_OTHER_VERSION_H_
