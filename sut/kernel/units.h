// A driver port's machine: units with registers, domains with mappings, devices attached to them,
// over the life of a kernel and of the next one.
//
// The environment calls the port as the kernel would (port.h) and keeps what it cannot ask the port
// for, because the port is what is being tested: whose each page is, and under which id and table
// the hardware knows a domain.
//
// In the next kernel the driver comes up when the records have been retrieved, or when the first
// call needs it, and at once where nothing came over. Until then the units do what the old kernel
// left them to do. It finds its records from the FLB's physical address alone.
//
// A device that is preserved is not moved: an `attach` of one takes effect in the hardware once it
// is unpreserved.
#ifndef HOLDFAST_SUT_KERNEL_UNITS_H_
#define HOLDFAST_SUT_KERNEL_UNITS_H_

#include <cstdint>

#include "model/command.h"
#include "model/topology.h"
#include "sut/kernel/binding.h"
#include "sut/kernel/machine/unit_state.h"
#include "sut/kernel/port.h"

namespace holdfast::kernel {

// The domain's mappings: the same in every kernel, and no two domains' alike.
struct Mapping {
  std::uint64_t iova, size;
  bool writable;
};
inline constexpr Mapping kMappings[] = {
    {0x1000, 0x1000, true}, {0x200000, 0x200000, true}, {(1ull << 39) + 0x3000, 0x1000, false}};
inline constexpr std::uint64_t kUnmapped[] = {0x5000, (1ull << 39) + 0x400000};
// Where a mapping of the domain goes: memory of a guest, which is not the arena's.
constexpr std::uint64_t TargetOf(int domain, std::size_t mapping) {
  return 0x10'0000'0000ull + 0x1000'0000ull * static_cast<unsigned>(domain) +
         0x40'0000ull * mapping;
}

// The domain whose top table that is, or -1. Of a domain that no device has been attached to, the
// hardware has not told which of its tables is the top one: any of them is taken for it.
int DomainOfTable(const KnownDomains& known, std::uint64_t table);

// For a world that is being built: units in reset, no driver yet.
void BuildUnits(const Topology& topology, const Binding& binding);
// The driver comes up, unless it has.
void BringUp(const Binding& binding);
// Whether a call of that verb needs the driver.
bool NeedsDriver(Verb verb);
// Makes the hardware's attachments those that were asked for.
void FollowAttachments(const Binding& binding);
// Attaches those of the devices (bits) that the driver drives to the first domain that it does.
void AttachAll(std::uint16_t devices, const Binding& binding);
// The kexec, on both sides of it.
void ShutDownUnits(const Binding& binding);
void RestartUnits();

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_UNITS_H_
