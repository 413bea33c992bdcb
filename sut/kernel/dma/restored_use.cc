#include "sut/kernel/dma/restored_use.h"

#include <string>

#include "sut/kernel/dma/dma_watch.h"
#include "sut/kernel/dma/reach.h"
#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/page_owners.h"
#include "sut/kernel/machine/rehearsal.h"
#include "sut/kernel/units.h"

namespace holdfast::kernel {
namespace {

// One in the table of another mapping, and one that needs tables of its own.
constexpr std::uint64_t kMore[] = {0x6000, (3ull << 39) + 0x7000};

std::uint64_t TargetOfMore(int domain, std::size_t which) {
  return TargetOf(domain, std::size(kMappings) + which);
}

void MapMore(int domain, const Binding& binding) {
  const CalledFor called(OwnerOfDomain(domain));
  const DmaWatch watch(AdoptedDevices(), "map");
  for (std::size_t i = 0; i < std::size(kMore); ++i) {
    const int error =
        binding.port->map(machine().domains[domain], kMore[i], TargetOfMore(domain, i), kPageSize,
                          IOMMU_READ | IOMMU_WRITE);
    if (error == 0) continue;
    Find(Finding::kRestoreRefused, "map on dom" + std::to_string(domain) +
                                       ", which came over, fails with " + std::to_string(error));
    return;
  }
}

void ExpectMore(int device, int domain) {
  for (std::size_t i = 0; i < std::size(kMore); ++i) {
    if (Reaches(device, kMore[i], TargetOfMore(domain, i))) continue;
    Find(Finding::kDmaDisturbed, "dev" + std::to_string(device) +
                                     " does not reach what was mapped in dom" +
                                     std::to_string(domain) + " since the take-over");
  }
}

}  // namespace

void TryRestoredUse(const Binding& binding) {
  const Machine& m = machine();
  if (!m.units || m.units->taken_domains == 0) return;
  FindingSet found = 0;
  Rehearse([&] {
    g_call->outcome->findings = 0;
    const std::uint16_t adopted = AdoptedDevices();
    for (int domain = 0; domain < m.domain_count; ++domain) {
      if (m.units->taken_domains >> domain & 1) MapMore(domain, binding);
    }
    for (int d = 0; d < m.device_count && g_call->outcome->findings == 0; ++d) {
      if (adopted >> d & 1) ExpectMore(d, m.units->adopted[d]);
    }
    if (g_call->outcome->findings == 0) {
      AttachAll(adopted, binding);
      if (!FollowsAttachments())
        Find(Finding::kDmaDisturbed,
             "DMA does not follow a device that came over to another domain");
    }
    found = g_call->outcome->findings;
  });
  g_call->outcome->findings |= found;
}

}  // namespace holdfast::kernel
