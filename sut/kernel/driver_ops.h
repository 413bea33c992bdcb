// The ops that the core calls: the port's ops, with the environment in between.
//
// The environment records each call of an op (Outcome::calls), checks what the core owes a driver
// (docs/spec/driver-contract.md; a breach is a Finding), and makes the call fail if a fault says
// so. Then the port's op runs.
//
// A fault of an op (iommu.preserve, iommu.preserve_device, pt.preserve) with depth 0 fails the op
// before the port hears of the call. With depth n the op runs, and its n-th request of the
// environment fails (a page, an object, a KHO call). A depth beyond the last request means the last
// request. A rehearsal counts the requests beforehand, so an armed fault always strikes. An op that
// returns success all the same has a Finding.
#ifndef HOLDFAST_SUT_KERNEL_DRIVER_OPS_H_
#define HOLDFAST_SUT_KERNEL_DRIVER_OPS_H_

#include <cstdint>

#include "sut/kernel/port.h"

namespace holdfast::kernel {

// The tables without the ops in `missing` (OpBit of each op). They are constant for the life of the
// process, and call the port of kBinding.
const struct iommu_ops* IommuOps(std::uint8_t missing);
const struct pt_iommu_ops* PtOps(std::uint8_t missing);
// The two ops of the page table, where older code looks for them.
const struct iommu_domain_ops* DomainOps(std::uint8_t missing);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_DRIVER_OPS_H_
