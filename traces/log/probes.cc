#include "traces/log/probes.h"

#include <array>

namespace holdfast {
namespace {

struct Row {
  std::string_view name;
  std::string_view arguments;
};
constexpr std::array<Row, kProbeCount> kRows = {{
    {"iommu_preserve_domain", "d-"},
    {"iommu_unpreserve_domain", "d-"},
    {"iommu_preserve_device", "dv"},
    {"iommu_unpreserve_device", "dv"},
    {"iommu_liveupdate_flb_preserve", "--"},
    {"iommu_liveupdate_flb_unpreserve", "--"},
    {"liveupdate_flb_get_outgoing", "--"},
    {"iommu_domain_free", "d-"},
    {"iommu.preserve", "i-"},
    {"iommu.unpreserve", "i-"},
    {"iommu.preserve_device", "v-"},
    {"iommu.unpreserve_device", "v-"},
    {"pt.preserve", "--"},
    {"pt.unpreserve", "--"},
}};

const Row& RowOf(Probe probe) { return kRows[static_cast<std::size_t>(probe)]; }

// An op of a driver: the driver's prefix, and the op's name.
constexpr std::string_view kDrivers[] = {"intel_iommu_", "arm_smmu_", "amd_iommu_"};

}  // namespace

std::optional<Probe> ProbeOf(std::string_view function) {
  for (std::size_t i = 0; i < kProbeCount; ++i) {
    if (kRows[i].name == function) return static_cast<Probe>(i);
  }
  // the first versions of the series
  if (function == "iommu_domain_preserve") return Probe::kPreserveDomain;
  if (function == "iommu_domain_unpreserve") return Probe::kUnpreserveDomain;
  if (function.starts_with("pt_iommu_")) {
    if (function.ends_with("_unpreserve")) return Probe::kPtUnpreserve;
    if (function.ends_with("_preserve")) return Probe::kPtPreserve;
  }
  for (const std::string_view driver : kDrivers) {
    if (!function.starts_with(driver)) continue;
    const std::string_view op = function.substr(driver.size());
    if (op == "preserve") return Probe::kIommuPreserve;
    if (op == "unpreserve") return Probe::kIommuUnpreserve;
    if (op == "preserve_device") return Probe::kIommuPreserveDevice;
    if (op == "unpreserve_device") return Probe::kIommuUnpreserveDevice;
  }
  return std::nullopt;
}

std::string_view ProbeName(Probe probe) { return RowOf(probe).name; }

std::string_view ArgumentsOf(Probe probe) { return RowOf(probe).arguments; }

}  // namespace holdfast
