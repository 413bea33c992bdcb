// The name of one implementation in reports. Compiled for each shared object, so that objects can
// share the rest.
#include "sut/kernel/name.h"

namespace holdfast::kernel {

const char kSutName[] = HOLDFAST_SUT_NAME;

}  // namespace holdfast::kernel
