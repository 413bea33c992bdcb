// The world of a topology, in the arena: devices, groups, buses, IOMMUs and domains as the kernel's
// own structs.
#ifndef HOLDFAST_SUT_KERNEL_WORLD_H_
#define HOLDFAST_SUT_KERNEL_WORLD_H_

#include "model/topology.h"
#include "sut/kernel/binding.h"
#include "sut/kernel/machine/machine.h"

namespace holdfast::kernel {

// Builds the world in an empty machine. Every group is claimed once. Every probed device with a
// group is attached to domain 0. The implementation has not run yet.
void BuildWorld(const Topology& topology, Luo luo, const Binding& binding);

// The same world after a kexec: the objects are there, but nothing is claimed, attached or
// preserved.
void RestartWorld();
// The implementation registers its FLB, as its init code does.
void RegisterFlb(const Binding& binding);

int Attach(struct iommu_domain& domain, DeviceObject& device);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_WORLD_H_
