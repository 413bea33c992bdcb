#include "model/rules/contract.h"

#include <algorithm>
#include <cstddef>

#include "model/rules/live_slot.h"

namespace holdfast {
namespace {

// A state has two views of "preserved". They are equal while the caller has kept the contract.
// After a breach the question is asked of the view that the call depends on.

// By the pointer, which an unpreserve call follows.
bool IsPreserved(const State& state, std::uint8_t device) {
  const DeviceSlot* slot = LiveSlot(state.flb.devices, state.device_ser[device]);
  return slot && slot->device == device;
}

bool IsDomainPreserved(const State& state, std::uint8_t domain) {
  const DomainSlot* slot = LiveSlot(state.flb.domains, state.preserved_state[domain]);
  return slot && slot->domain == domain;
}

// By any trace: a record that was left behind, or a pointer into an FLB that is gone.
bool HasTrace(const State& state, std::uint8_t device) {
  return state.device_ser[device] != kNull ||
         std::any_of(state.flb.devices.begin(), state.flb.devices.end(),
                     [&](const auto& slot) { return !slot.deleted && slot.device == device; });
}

bool HasDomainTrace(const State& state, std::uint8_t domain) {
  return state.preserved_state[domain] != kNull ||
         std::any_of(state.flb.domains.begin(), state.flb.domains.end(),
                     [&](const auto& slot) { return !slot.deleted && slot.domain == domain; });
}

bool IsOwned(const State& state, const Device& device) {
  return device.group != kNone && state.owner_claims[device.group] > 0;
}

bool DeviceNames(const State& state, SlotRef domain_slot) {
  return std::any_of(state.flb.devices.begin(), state.flb.devices.end(),
                     [&](const auto& slot) { return !slot.deleted && slot.domain == domain_slot; });
}

bool AnythingLive(const Flb& flb) {
  const auto live = [](const auto& slot) { return !slot.deleted; };
  return std::any_of(flb.devices.begin(), flb.devices.end(), live) ||
         std::any_of(flb.domains.begin(), flb.domains.end(), live);
}

// The last claim goes while a device of the group is preserved, or there is no claim.
bool LosesOwnership(const Topology& topology, const State& state, std::uint8_t group) {
  if (group == kNone || state.owner_claims[group] == 0) return true;
  if (state.owner_claims[group] > 1) return false;
  for (std::size_t i = 0; i < topology.devices.size(); ++i) {
    if (topology.devices[i].group == group && HasTrace(state, static_cast<std::uint8_t>(i)))
      return true;
  }
  return false;
}

// The device's record came over without the record of its domain.
bool NamesNoDomain(const State& state, std::uint8_t device) {
  const Flb& flb = state.incoming.flb;
  const DeviceSlot* slot = LiveSlot(flb.devices, state.restored_ser[device]);
  return slot && !LiveSlot(flb.domains, slot->domain);
}

Breaches If(bool broken, Clause clause) { return broken ? BreachBit(clause) : Breaches{0}; }

Breaches BreachesOfPreserveDevice(const Topology& topology, const State& state,
                                  const Command& command) {
  const Device& device = topology.devices[command.device];
  if (!device.is_pci()) return 0;  // refused before anything of the device is looked at
  const Iommu& iommu = topology.iommus[device.iommu];
  const Breaches kept_first =
      If(!device.probed, Clause::kC1) | If(!IsOwned(state, device), Clause::kC5);
  const bool refused = !iommu.Has(Op::kIommuPreserve) || !iommu.Has(Op::kIommuUnpreserve) ||
                       !iommu.Has(Op::kIommuPreserveDevice) ||
                       !iommu.Has(Op::kIommuUnpreserveDevice);
  if (refused) return kept_first;  // but only after the group and dev->iommu were followed
  return kept_first | If(state.attached[command.device] != command.domain, Clause::kC1) |
         If(!IsDomainPreserved(state, command.domain), Clause::kC1) |
         If(HasTrace(state, command.device), Clause::kC2) | If(!state.flb.present, Clause::kC7);
}

Breaches BreachesOfPreserveDomain(const Topology& topology, const State& state,
                                  const Command& command) {
  const Domain& domain = topology.domains[command.domain];
  if (!domain.Has(Op::kPtPreserve) || !domain.Has(Op::kPtUnpreserve)) return 0;
  return If(HasDomainTrace(state, command.domain), Clause::kC2) |
         If(!state.flb.present, Clause::kC7);
}

// C6 apart, which is the same for every verb.
Breaches BreachesOfVerb(const Topology& topology, const State& state, const Command& command) {
  switch (command.verb) {
    case Verb::kPreserveDevice: return BreachesOfPreserveDevice(topology, state, command);
    case Verb::kPreserveDomain: return BreachesOfPreserveDomain(topology, state, command);
    case Verb::kUnpreserveDevice:
      return If(!IsPreserved(state, command.device), Clause::kC3) |
             If(!IsOwned(state, topology.devices[command.device]), Clause::kC5);
    case Verb::kUnpreserveDomain:
      return If(!IsDomainPreserved(state, command.domain), Clause::kC3) |
             If(IsDomainPreserved(state, command.domain) &&
                    DeviceNames(state, state.preserved_state[command.domain]),
                Clause::kC4);
    case Verb::kUnpreserveFile:
      return If(state.files == 0, Clause::kC3) |
             If(state.files == 1 && AnythingLive(state.flb), Clause::kC4);
    case Verb::kReleaseDmaOwner:
      return If(LosesOwnership(topology, state, topology.devices[command.device].group),
                Clause::kC5);
    case Verb::kFinish: {
      const Incoming::Status status = state.incoming.status;
      const bool nothing =
          status == Incoming::Status::kNone || status == Incoming::Status::kFinished;
      return If(nothing || state.incoming.files == 0, Clause::kC3);
    }
    case Verb::kProbeDevice:
    case Verb::kReleaseDevice: return If(state.restored_ser[command.device] != kNull, Clause::kC8);
    case Verb::kRestoreDomain: return If(NamesNoDomain(state, command.device), Clause::kC8);
    case Verb::kPreserveFile:
    case Verb::kForEachDev:
    case Verb::kClaimDmaOwner:
    case Verb::kAttach:
    case Verb::kFreeze:
    case Verb::kKexec:
    case Verb::kRetrieve: return 0;
  }
  return 0;
}

constexpr std::string_view kNames[kClauseCount] = {"C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8"};

}  // namespace

Breaches BreachesOf(const Topology& topology, const State& state, const Command& command) {
  return BreachesOfVerb(topology, state, command) |
         If(state.frozen && command.verb != Verb::kKexec, Clause::kC6);
}

std::string_view ClauseName(Clause clause) { return kNames[static_cast<std::size_t>(clause) - 1]; }

std::string PrintBreaches(Breaches breaches) {
  std::string text;
  for (int i = 1; i <= kClauseCount; ++i) {
    const Clause clause = static_cast<Clause>(i);
    if (breaches & BreachBit(clause))
      text += (text.empty() ? "" : " ") + std::string(ClauseName(clause));
  }
  return text;
}

}  // namespace holdfast
