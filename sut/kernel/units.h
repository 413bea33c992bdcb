// The hardware of a driver port: units with registers, domains with mappings, and attached devices,
// over the life of a kernel and of the next one.
//
// The environment calls the port as the kernel would (port.h). The port is under test, so the
// environment keeps its own account: the owner of each page, and the id and the table by which the
// hardware knows each domain.
//
// In the next kernel the driver comes up when the records have been retrieved, or when the first
// call needs the driver. If no records came over, the driver comes up at once. Until then the units
// work as the old kernel left them. The driver finds its records from the FLB's physical address
// alone.
//
// A preserved device does not move: an `attach` of a preserved device takes effect in the hardware
// after its unpreserve.
#ifndef HOLDFAST_SUT_KERNEL_UNITS_H_
#define HOLDFAST_SUT_KERNEL_UNITS_H_

#include <cstdint>

#include "model/command.h"
#include "model/topology.h"
#include "sut/kernel/binding.h"
#include "sut/kernel/machine/unit_state.h"
#include "sut/kernel/port.h"

namespace holdfast::kernel {

// The domain's mappings. They are the same in every kernel, and they differ between domains.
struct Mapping {
  std::uint64_t iova, size;
  bool writable;
};
inline constexpr Mapping kMappings[] = {
    {0x1000, 0x1000, true}, {0x200000, 0x200000, true}, {(1ull << 39) + 0x3000, 0x1000, false}};
inline constexpr std::uint64_t kUnmapped[] = {0x5000, (1ull << 39) + 0x400000};
// The target of a mapping of the domain: memory of a guest, outside of the arena.
constexpr std::uint64_t TargetOf(int domain, std::size_t mapping) {
  return 0x10'0000'0000ull + 0x1000'0000ull * static_cast<unsigned>(domain) +
         0x40'0000ull * mapping;
}

// The domain with that top table, or -1. If no device has been attached to a domain, the hardware
// has not told which table is the top one. Then each table of the domain counts as its top table.
int DomainOfTable(const KnownDomains& known, std::uint64_t table);

// For a new world: units in reset, no driver yet.
void BuildUnits(const Topology& topology, const Binding& binding);
// The driver comes up, unless it is up.
void BringUp(const Binding& binding);
// Whether a call of that verb needs the driver.
bool NeedsDriver(Verb verb);
// Attaches the devices in hardware as the commands asked.
void FollowAttachments(const Binding& binding);
// Attaches each of the devices (bits) that the driver drives to the first domain that the driver
// drives and that the device is not in.
void AttachAll(std::uint16_t devices, const Binding& binding);
// The kexec, on both sides of it.
void ShutDownUnits(const Binding& binding);
void RestartUnits();

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_UNITS_H_
