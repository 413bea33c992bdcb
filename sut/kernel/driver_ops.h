// The ops that the core calls: the port's own, with the environment in between.
//
// Each call of one is recorded (Outcome::calls), held against what the core owes a driver
// (docs/spec/driver-contract.md; a breach is a Finding), and made to fail where a fault says so.
// Then the port's op runs.
//
// A fault of an op (iommu.preserve, iommu.preserve_device, pt.preserve) with depth 0 fails it
// before the port hears of it. With depth n the op runs, and its n-th request of the environment
// fails (a page, an object, a KHO call); a depth beyond the last request is the last. How many
// there are is found out by a rehearsal whose effects are taken back, so that a fault which is
// armed always strikes. An op that comes back with success all the same has a Finding.
#ifndef HOLDFAST_SUT_KERNEL_DRIVER_OPS_H_
#define HOLDFAST_SUT_KERNEL_DRIVER_OPS_H_

#include <cstdint>

#include "sut/kernel/port.h"

namespace holdfast::kernel {

// The tables without the ops in `missing` (OpBit of each); constant for the life of the process.
// They call the port of kBinding.
const struct iommu_ops* IommuOps(std::uint8_t missing);
const struct pt_iommu_ops* PtOps(std::uint8_t missing);
// The page table's two, where older code looks for them.
const struct iommu_domain_ops* DomainOps(std::uint8_t missing);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_DRIVER_OPS_H_
