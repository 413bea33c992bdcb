// The alphabet: one command is one call into the system, with the fault that is armed for the call.
//
// A command names objects by index. A command that names a missing object is a mistake of Step's
// caller, and no behaviour. The parser and the generators make no such command; Fits() asks.
#ifndef HOLDFAST_MODEL_COMMAND_H_
#define HOLDFAST_MODEL_COMMAND_H_

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/topology.h"

namespace holdfast {

enum class Verb : std::uint8_t {
  // The session, through the live update orchestrator (LUO).
  kPreserveFile,    // a dependent file is preserved; the first one preserves the FLB
  kUnpreserveFile,  // a dependent file is unpreserved; the last one unpreserves the FLB
  // The entry points of the seed and of its neighbour.
  kPreserveDomain,    // iommu_preserve_domain(domain, &ser)
  kUnpreserveDomain,  // iommu_unpreserve_domain(domain)
  kPreserveDevice,    // iommu_preserve_device(domain, device, ...)
  kUnpreserveDevice,  // iommu_unpreserve_device(domain, device)
  kForEachDev,        // iommu_for_each_dev over one IOMMU
  // The environment.
  kClaimDmaOwner,  // the device's group gets one more claim of its DMA owner
  kReleaseDmaOwner,
  kAttach,    // the device is attached to the domain
  kFreeze,    // LUO freezes the session: the hand-over is written
  kKexec,     // the next kernel starts
  kRetrieve,  // liveupdate_flb_get_incoming in the next kernel
  kFinish,    // a dependent file is finished; the last one finishes the FLB
  // The restoring side of the core, for the devices of the next kernel.
  kProbeDevice,    // iommu_init_device_preserved_data(device)
  kRestoreDomain,  // iommu_restore_domain(device, record, &owner), and what its caller does then
  kReleaseDevice,  // iommu_release_restored_device(device)
};
inline constexpr int kVerbCount = 17;

// Where a fault can be injected. The names are qualified: four different ops are called preserve.
enum class FaultSite : std::uint8_t {
  kNone,
  kKzalloc,              // kzalloc returns NULL
  kKhoAlloc,             // kho_alloc_preserve returns an error pointer
  kKhoRestore,           // kho_restore_folio returns NULL
  kFlbPreserve,          // LUO fails before it calls the FLB's preserve
  kFlbGetOutgoing,       // liveupdate_flb_get_outgoing fails
  kFlbRetrieve,          // LUO fails before it calls the FLB's retrieve
  kIommuPreserve,        // iommu_ops::preserve fails
  kIommuPreserveDevice,  // iommu_ops::preserve_device fails
  kPtPreserve,           // pt_iommu_ops::preserve fails
  // a driver takes over the retrieved records, with one of its requests denied
  kTakeOver,
  kFlbGetIncoming,     // liveupdate_flb_get_incoming fails before it retrieves
  kPagingDomainAlloc,  // iommu_paging_domain_alloc fails
  kPtRestore,          // pt_iommu_ops::restore fails
};
inline constexpr int kFaultSiteCount = 14;

// The fault is inside a driver. How far the driver gets makes no difference to the core, and so
// none to the model.
constexpr bool HasDepth(FaultSite site) {
  return site == FaultSite::kIommuPreserve || site == FaultSite::kIommuPreserveDevice ||
         site == FaultSite::kPtPreserve || site == FaultSite::kTakeOver;
}

// The site allocates: its failure is NULL, and the errno is always -ENOMEM.
constexpr bool ReturnsNull(FaultSite site) {
  return site == FaultSite::kKzalloc || site == FaultSite::kKhoRestore;
}

struct Fault {
  FaultSite site = FaultSite::kNone;
  std::uint8_t nth = 1;  // the n-th time the site is passed within the command, from 1
  // HasDepth: how far the driver gets. n denies the driver's n-th request of the kernel, or the
  // last request if there are fewer. 0 fails an op at once, and a take-over at its first request
  std::uint8_t depth = 0;
  // the errno that the site returns; -ENOMEM where ReturnsNull(site)
  std::int16_t error = -ENOMEM;

  bool armed() const { return site != FaultSite::kNone; }
  bool operator==(const Fault&) const = default;
};

struct Command {
  Verb verb = Verb::kPreserveFile;
  std::uint8_t iommu = 0;   // kForEachDev
  std::uint8_t device = 0;  // the device verbs, the owner verbs, kAttach
  std::uint8_t domain = 0;  // the device and domain verbs, kAttach
  // kForEachDev: the callback returns non-zero at its stop-th call; 0: never
  std::uint8_t stop = 0;
  Fault fault{};

  bool operator==(const Command&) const = default;
};

// Which objects a verb takes. Text, generators and shrinkers ask this table.
struct Operands {
  bool iommu = false, device = false, domain = false;
};
inline constexpr std::array<Operands, kVerbCount> kOperands = {{
    {},                                // preserve_file
    {},                                // unpreserve_file
    {.domain = true},                  // preserve_domain
    {.domain = true},                  // unpreserve_domain
    {.device = true, .domain = true},  // preserve_device
    {.device = true, .domain = true},  // unpreserve_device
    {.iommu = true},                   // for_each_dev
    {.device = true},                  // claim_dma_owner
    {.device = true},                  // release_dma_owner
    {.device = true, .domain = true},  // attach
    {},                                // freeze
    {},                                // kexec
    {},                                // retrieve
    {},                                // finish
    {.device = true},                  // probe_device
    {.device = true},                  // restore_domain
    {.device = true},                  // release_device
}};
constexpr Operands OperandsOf(Verb verb) { return kOperands[static_cast<std::size_t>(verb)]; }

// The verb that takes a verb back, for the same objects. Attach has none: the model's state says
// which domain was attached before.
constexpr std::optional<Verb> InverseOf(Verb verb) {
  switch (verb) {
    case Verb::kPreserveFile: return Verb::kUnpreserveFile;
    case Verb::kUnpreserveFile: return Verb::kPreserveFile;
    case Verb::kPreserveDomain: return Verb::kUnpreserveDomain;
    case Verb::kUnpreserveDomain: return Verb::kPreserveDomain;
    case Verb::kPreserveDevice: return Verb::kUnpreserveDevice;
    case Verb::kUnpreserveDevice: return Verb::kPreserveDevice;
    case Verb::kClaimDmaOwner: return Verb::kReleaseDmaOwner;
    case Verb::kReleaseDmaOwner: return Verb::kClaimDmaOwner;
    default: return std::nullopt;
  }
}

// True if every object that the command names exists.
constexpr bool Fits(const Command& command, std::size_t iommus, std::size_t devices,
                    std::size_t domains) {
  const Operands operands = OperandsOf(command.verb);
  return (!operands.iommu || command.iommu < iommus) &&
         (!operands.device || command.device < devices) &&
         (!operands.domain || command.domain < domains);
}
inline bool Fits(const Command& command, const Topology& topology) {
  return Fits(command, topology.iommus.size(), topology.devices.size(), topology.domains.size());
}

// One factory for each entry point. PreserveDevice(dom, dev) reads like the kernel's call.
constexpr Command PreserveFile() { return {.verb = Verb::kPreserveFile}; }
constexpr Command UnpreserveFile() { return {.verb = Verb::kUnpreserveFile}; }
constexpr Command PreserveDomain(std::uint8_t domain) {
  return {.verb = Verb::kPreserveDomain, .domain = domain};
}
constexpr Command UnpreserveDomain(std::uint8_t domain) {
  return {.verb = Verb::kUnpreserveDomain, .domain = domain};
}
constexpr Command PreserveDevice(std::uint8_t domain, std::uint8_t device) {
  return {.verb = Verb::kPreserveDevice, .device = device, .domain = domain};
}
constexpr Command UnpreserveDevice(std::uint8_t domain, std::uint8_t device) {
  return {.verb = Verb::kUnpreserveDevice, .device = device, .domain = domain};
}
constexpr Command ForEachDev(std::uint8_t iommu, std::uint8_t stop = 0) {
  return {.verb = Verb::kForEachDev, .iommu = iommu, .stop = stop};
}
constexpr Command ClaimDmaOwner(std::uint8_t device) {
  return {.verb = Verb::kClaimDmaOwner, .device = device};
}
constexpr Command ReleaseDmaOwner(std::uint8_t device) {
  return {.verb = Verb::kReleaseDmaOwner, .device = device};
}
constexpr Command Attach(std::uint8_t domain, std::uint8_t device) {
  return {.verb = Verb::kAttach, .device = device, .domain = domain};
}
constexpr Command Freeze() { return {.verb = Verb::kFreeze}; }
constexpr Command Kexec() { return {.verb = Verb::kKexec}; }
constexpr Command Retrieve() { return {.verb = Verb::kRetrieve}; }
constexpr Command Finish() { return {.verb = Verb::kFinish}; }
constexpr Command ProbeDevice(std::uint8_t device) {
  return {.verb = Verb::kProbeDevice, .device = device};
}
constexpr Command RestoreDomain(std::uint8_t device) {
  return {.verb = Verb::kRestoreDomain, .device = device};
}
constexpr Command ReleaseDevice(std::uint8_t device) {
  return {.verb = Verb::kReleaseDevice, .device = device};
}

// A call of the restoring side. An implementation may lack that side (Profile::restores).
constexpr bool IsOfRestoring(Verb verb) {
  return verb == Verb::kProbeDevice || verb == Verb::kRestoreDomain || verb == Verb::kReleaseDevice;
}
// The call may retrieve what was handed over.
constexpr bool MayRetrieve(Verb verb) {
  return verb == Verb::kRetrieve || verb == Verb::kFinish || verb == Verb::kProbeDevice ||
         verb == Verb::kRestoreDomain;
}

// The same command with a fault armed for it.
constexpr Command WithFault(Command command, FaultSite site, int error = -ENOMEM, int nth = 1) {
  command.fault = {.site = site,
                   .nth = static_cast<std::uint8_t>(nth),
                   .error = static_cast<std::int16_t>(error)};
  return command;
}

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_COMMAND_H_
