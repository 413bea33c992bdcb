// The part of linux/slab.h that memory.cc needs.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_SLAB_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_SLAB_H_

namespace holdfast::kernel {

// Poisons the objects that are free, and the header in front of each object (poison.h).
void PoisonFreedObjects();

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_MACHINE_SLAB_H_
