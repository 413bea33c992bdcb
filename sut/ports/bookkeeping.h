// A driver port that moves no hardware: it records every call of its ops, checks what the core owes it, and preserves
// one page for each object, so that the records and KHO's bitmap can be held against each other.
//
// The contract is spec/driver-contract.md. A breach by the core is a Finding; the op then goes on as if nothing were
// wrong. An op that is made to fail (fault sites iommu.preserve, iommu.preserve_device, pt.preserve) has touched
// nothing.
#ifndef HOLDFAST_SUT_PORTS_BOOKKEEPING_H_
#define HOLDFAST_SUT_PORTS_BOOKKEEPING_H_

#include <linux/generic_pt/iommu.h>
#include <linux/iommu.h>

#include <cstdint>

namespace holdfast::bookkeeping {

// The port's tables without the ops in `missing` (OpBit of each); constant for the life of the process.
const struct iommu_ops* IommuOps(std::uint8_t missing);
const struct pt_iommu_ops* PtOps(std::uint8_t missing);
const struct iommu_domain_ops* DomainOps(std::uint8_t missing);

}  // namespace holdfast::bookkeeping

#endif  // HOLDFAST_SUT_PORTS_BOOKKEEPING_H_
