// The name of the implementation in this shared object.
#ifndef HOLDFAST_SUT_KERNEL_NAME_H_
#define HOLDFAST_SUT_KERNEL_NAME_H_

namespace holdfast::kernel {

extern const char kSutName[];

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_NAME_H_
