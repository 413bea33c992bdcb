// Defines the name in the source that includes this header: in name.cc, or in the one source that a
// mutant compiles for itself.
#ifndef HOLDFAST_SUT_KERNEL_NAME_HERE_H_
#define HOLDFAST_SUT_KERNEL_NAME_HERE_H_

#include "sut/kernel/name.h"

const char holdfast_sut_name[] = HOLDFAST_SUT_NAME;

#endif  // HOLDFAST_SUT_KERNEL_NAME_HERE_H_
