// The part of linux/slab.h that is the environment's own.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_SLAB_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_SLAB_H_

#include <cstddef>

namespace holdfast::kernel {

// Zeroed memory that kfree frees. This call is not a fault site. nullptr: the heap is used up.
void* AllocateFreeable(std::size_t size);

// Poisons the objects that are free, and the header in front of each object (poison.h).
void PoisonFreedObjects();

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_MACHINE_SLAB_H_
