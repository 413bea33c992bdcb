// The functions that the probe files name, and their arguments.
#ifndef HOLDFAST_TRACES_LOG_PROBES_H_
#define HOLDFAST_TRACES_LOG_PROBES_H_

#include <optional>
#include <string_view>

#include "traces/log/event.h"

namespace holdfast {

// The probe of a kernel function: the core's names of all versions, and the ops of each driver by
// the ends of their names.
std::optional<Probe> ProbeOf(std::string_view function);

// "iommu_preserve_device"; an op by the model's name, "iommu.preserve_device".
std::string_view ProbeName(Probe probe);

// The kinds of the first and the second argument: 'd' domain, 'v' device, 'i' IOMMU, '-' another.
std::string_view ArgumentsOf(Probe probe);

// The probe files as they ship (probes.ftrace, probes.bt).
extern const std::string_view kFtraceProbes, kBpftraceProbes;

}  // namespace holdfast

#endif  // HOLDFAST_TRACES_LOG_PROBES_H_
