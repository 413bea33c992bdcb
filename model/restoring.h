// The restoring side of the core in the transition function: the three calls by which the next
// kernel takes a device over.
//
// The core's part is what iommu_init_device_preserved_data, iommu_restore_domain and
// iommu_release_restored_device do. The caller's part is here too, because it is one step for the
// caller: a restored domain becomes the domain of the device, and its owner owns the device's
// group.
// docs/spec/semantics.md 8 has both.
#ifndef HOLDFAST_MODEL_RESTORING_H_
#define HOLDFAST_MODEL_RESTORING_H_

#include "model/call.h"

namespace holdfast {

void ProbeDevice(Call& call, int device);
void RestoreDomain(Call& call, int device);
void ReleaseDevice(Call& call, int device);

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_RESTORING_H_
