#include "model/step.h"

#include <utility>

#include "model/call.h"
#include "model/environment.h"
#include "model/restoring.h"

// Each action is guards in the seed's order, one errno a line; a blank line; effects in the seed's
// order.

namespace holdfast {
namespace {

unsigned Bit(int object) { return 1u << object; }

// Drops the reference of GetOutgoing if the profile puts the FLB: on every later exit, after
// unlocking.
void PutFlb(Call& call) {
  if (call.profile.puts_flb) PutOutgoing(call);
}

// There is no FLB: the call locks a NULL object, unless the profile checks the object first.
void NoFlb(Call& call, int error = 0) {
  if (!call.profile.checks_flb) return call.Crash();
  return error == 0 ? call.Void() : call.Return(error);
}

// alloc_object_ser: a new slot at the end of the chain, or a negative errno and no new slot. A new
// page is taken when the last page is full. The first page of each chain came with the FLB.
template <typename Slot>
int AllocSlot(Call& call, std::vector<Slot>& chain, std::uint32_t capacity, SlotRef* slot) {
  if (!chain.empty() && chain.size() % capacity == 0) {
    if (const int error = call.Pass(FaultSite::kKhoAlloc)) return error;
  }
  *slot = static_cast<SlotRef>(chain.size());
  chain.emplace_back().ref_count = 1;
  return 0;
}

// --- iommu_preserve_domain, iommu_unpreserve_domain ----------------------------------------------

int PreserveDomainLocked(Call& call, int d) {
  State& state = call.state;
  if (call.profile.double_domain != 0 && state.preserved_state[d] != kNull)
    return call.profile.double_domain;
  SlotRef slot;
  if (const int error =
          AllocSlot(call, state.flb.domains, call.profile.layout.domain_capacity(), &slot))
    return error;
  if (const int error = call.Preserve(Op::kPtPreserve, FaultSite::kPtPreserve, d, slot)) {
    state.flb.domains[slot] = Deleted<DomainSlot>();
    return error;
  }

  state.flb.domains[slot].domain = static_cast<std::uint8_t>(d);
  state.kho.domains |= Bit(d);
  state.preserved_state[d] = slot;
  call.outcome.out = slot;
  return 0;
}

void PreserveDomain(Call& call, int d) {
  const Domain& domain = call.topology.domains[d];
  if (!call.profile.config_enabled) return call.Return(-EOPNOTSUPP);
  if (!domain.Has(Op::kPtPreserve) || !domain.Has(Op::kPtUnpreserve))
    return call.Return(-EOPNOTSUPP);
  int error = 0;
  const Got got = GetOutgoing(call, &error);
  if (got == Got::kError) return call.Return(error);
  if (got == Got::kNothing) return NoFlb(call, -EINVAL);

  call.Return(PreserveDomainLocked(call, d));
  PutFlb(call);
}

void UnpreserveDomain(Call& call, int d) {
  State& state = call.state;
  if (!call.profile.config_enabled) return call.Void();
  if (!call.topology.domains[d].Has(Op::kPtUnpreserve)) return call.Warn();
  const SlotRef slot = state.preserved_state[d];
  if (call.profile.quiet_unpreserve_domain && slot == kNull) return call.Void();
  int error = 0;
  const Got got = GetOutgoing(call, &error);
  if (got == Got::kError) return call.Warn();
  if (got == Got::kNothing) return NoFlb(call);
  if (slot == kStale) return call.Crash();  // the record is freed memory

  call.Void();
  if (slot != kNull) {
    call.Unpreserve(Op::kPtUnpreserve, d, slot);
    state.kho.domains &= ~Bit(d);
    state.flb.domains[slot] = Deleted<DomainSlot>();
    state.preserved_state[d] = kNull;
  }
  PutFlb(call);
}

// --- the IOMMU as a dependency: iommu_preserve_locked, iommu_unpreserve_locked -------------------

// The two return false if they touch freed memory; `*error` is the return value otherwise.
[[nodiscard]] bool PreserveIommuLocked(Call& call, int i, int* error) {
  State& state = call.state;
  SlotRef& pointer = state.outgoing_preserved_state[i];
  *error = 0;
  if (pointer == kStale) return false;
  if (pointer != kNull) {
    ++state.flb.iommus[pointer].ref_count;
    return true;
  }
  SlotRef slot;
  if ((*error = AllocSlot(call, state.flb.iommus, call.profile.layout.hw_capacity(), &slot)))
    return true;
  if ((*error = call.Preserve(Op::kIommuPreserve, FaultSite::kIommuPreserve, i, slot))) {
    state.flb.iommus[slot] = Deleted<HwSlot>();
    return true;
  }

  state.flb.iommus[slot].iommu = static_cast<std::uint8_t>(i);
  state.kho.iommus |= Bit(i);
  pointer = slot;
  return true;
}

[[nodiscard]] bool UnpreserveIommuLocked(Call& call, int i) {
  State& state = call.state;
  const SlotRef slot = state.outgoing_preserved_state[i];
  if (slot == kStale) return false;
  if (slot == kNull) {
    call.outcome.warned = true;
    return true;
  }
  if (--state.flb.iommus[slot].ref_count != 0) return true;

  state.outgoing_preserved_state[i] = kNull;
  call.Unpreserve(Op::kIommuUnpreserve, i, slot);
  state.kho.iommus &= ~Bit(i);
  state.flb.iommus[slot] = Deleted<HwSlot>();
  return true;
}

// --- iommu_preserve_device, iommu_unpreserve_device ----------------------------------------------

[[nodiscard]] bool PreserveDeviceLocked(Call& call, int dom, int dev, int* error) {
  State& state = call.state;
  const Profile& profile = call.profile;
  const int iommu = call.topology.devices[dev].iommu;
  *error = -EINVAL;
  if (state.preserved_state[dom] == kNull) return true;
  *error = profile.double_device;
  if (*error && !profile.double_device_by_pointer && state.device_ser[dev] == kStale) return false;
  if (*error && state.device_ser[dev] != kNull) return true;
  if (*error && profile.double_device_by_pointer && state.restored_ser[dev] != kNull) return true;
  SlotRef slot;
  if ((*error = AllocSlot(call, state.flb.devices, profile.layout.device_capacity(), &slot)))
    return true;
  DeviceSlot& record = state.flb.devices[slot];
  if (!PreserveIommuLocked(call, iommu, error)) return false;
  if (*error) {
    record = Deleted<DeviceSlot>();
    return true;
  }

  record.device = static_cast<std::uint8_t>(dev);
  record.domain = state.preserved_state[dom];
  record.hw = state.outgoing_preserved_state[iommu];
  record.attachment = state.attached[dev];  // by the driver
  if (profile.stores_owner_token) record.dma_owner_token = DmaOwnerToken(dev);

  *error = call.Preserve(Op::kIommuPreserveDevice, FaultSite::kIommuPreserveDevice, dev, slot);
  if (*error == 0 && profile.needs_singleton_group && call.topology.GroupSize(dev) > 1) {
    call.Unpreserve(Op::kIommuUnpreserveDevice, dev, slot);
    *error = -EOPNOTSUPP;
  }
  if (*error) {
    record = Deleted<DeviceSlot>();
    return UnpreserveIommuLocked(call, iommu);
  }

  state.kho.devices |= Bit(dev);
  state.device_ser[dev] = slot;
  state.restored_ser[dev] = kNull;
  if (!profile.stores_owner_token) call.outcome.out = slot;
  return true;
}

bool OwnerClaimed(const State& state, const Device& device) {
  return state.owner_claims[device.group] != 0;
}

void PreserveDevice(Call& call, int dom, int dev) {
  const Device& device = call.topology.devices[dev];
  if (!call.profile.config_enabled) return call.Return(-EOPNOTSUPP);
  if (!device.is_pci()) return call.Return(-EOPNOTSUPP);
  // locks the mutex of a NULL group
  if (device.group == kNone && !call.profile.checks_group) return call.Crash();
  if (device.group == kNone) return call.Return(-EINVAL);
  if (!OwnerClaimed(call.state, device)) return call.Return(-EINVAL);
  // reads through a NULL dev->iommu
  if (!device.probed && !call.profile.checks_iommu) return call.Crash();
  if (!device.probed) return call.Return(-EINVAL);
  if (call.topology.iommus[device.iommu].missing_ops != 0) return call.Return(-EOPNOTSUPP);
  int error = 0;
  const Got got = GetOutgoing(call, &error);
  if (got == Got::kError) return call.Return(error);
  if (got == Got::kNothing) return NoFlb(call, -EINVAL);
  if (!PreserveDeviceLocked(call, dom, dev, &error)) return call.Crash();

  call.Return(error);
  PutFlb(call);
}

void UnpreserveDevice(Call& call, int dev) {
  State& state = call.state;
  const Device& device = call.topology.devices[dev];
  if (!call.profile.config_enabled) return call.Void();
  if (!device.is_pci()) return call.Void();
  if (device.group == kNone) return call.profile.checks_group ? call.Void() : call.Crash();
  if (!OwnerClaimed(state, device)) return call.Void();
  if (!device.probed) return call.Crash();
  const Iommu& iommu = call.topology.iommus[device.iommu];
  if (!iommu.Has(Op::kIommuUnpreserveDevice) || !iommu.Has(Op::kIommuUnpreserve))
    return call.Warn();
  const SlotRef slot = state.device_ser[dev];
  if (call.profile.quiet_unpreserve_device && slot == kStale) return call.Crash();
  if (call.profile.quiet_unpreserve_device && slot == kNull) return call.Void();
  int error = 0;
  const Got got = GetOutgoing(call, &error);
  if (got == Got::kError) return call.Warn();
  if (got == Got::kNothing) return NoFlb(call);
  if (slot == kStale) return call.Crash();
  if (slot == kNull) {
    call.Warn();
    return PutFlb(call);
  }

  state.flb.devices[slot] = Deleted<DeviceSlot>();
  call.Unpreserve(Op::kIommuUnpreserveDevice, dev, slot);
  state.kho.devices &= ~Bit(dev);
  state.device_ser[dev] = kNull;
  if (!UnpreserveIommuLocked(call, device.iommu)) return call.Crash();
  call.Void();
  PutFlb(call);
}

// --- iommu_for_each_dev --------------------------------------------------------------------------

void ForEachDev(Call& call, int i) {
  int visits = 0;
  for (int bus = 0; bus < kBusCount; ++bus) {
    for (std::size_t d = 0; d < call.topology.devices.size(); ++d) {
      const Device& device = call.topology.devices[d];
      if (static_cast<int>(device.bus) != bus || !device.probed || device.iommu != i) continue;
      call.outcome.AddCall({Op::kVisit, static_cast<std::uint8_t>(d), kNull, 0});
      if (++visits == call.command.stop) break;  // ends this bus only
    }
  }
  call.Void();
}

void Dispatch(Call& call) {
  const Command& command = call.command;
  switch (command.verb) {
    case Verb::kPreserveFile: return PreserveFile(call);
    case Verb::kUnpreserveFile: return UnpreserveFile(call);
    case Verb::kPreserveDomain: return PreserveDomain(call, command.domain);
    case Verb::kUnpreserveDomain: return UnpreserveDomain(call, command.domain);
    case Verb::kPreserveDevice: return PreserveDevice(call, command.domain, command.device);
    case Verb::kUnpreserveDevice: return UnpreserveDevice(call, command.device);
    case Verb::kForEachDev: return ForEachDev(call, command.iommu);
    case Verb::kClaimDmaOwner: return ClaimDmaOwner(call, call.topology.devices[command.device]);
    case Verb::kReleaseDmaOwner:
      return ReleaseDmaOwner(call, call.topology.devices[command.device]);
    case Verb::kAttach: return Attach(call, command.domain, command.device);
    case Verb::kFreeze: return Freeze(call);
    case Verb::kKexec: return Kexec(call);
    case Verb::kRetrieve: return Retrieve(call);
    case Verb::kFinish: return Finish(call);
    case Verb::kProbeDevice: return ProbeDevice(call, command.device);
    case Verb::kRestoreDomain: return RestoreDomain(call, command.device);
    case Verb::kReleaseDevice: return ReleaseDevice(call, command.device);
  }
}

}  // namespace

void StepInPlace(const Topology& topology, const Profile& profile, State& state,
                 const Command& command, Outcome& outcome) {
  outcome.kind = Outcome::Kind::kCrashed;
  outcome.warned = outcome.fault_fired = false;
  outcome.error = 0;
  outcome.out = kNull;
  outcome.findings = 0;
  outcome.call_count = 0;
  if (state.crashed) return;
  Call call{topology, profile, state, command, outcome};
  Dispatch(call);
  state.crashed = outcome.crashed();
}

StepResult Step(const Topology& topology, const Profile& profile, State state,
                const Command& command) {
  StepResult result{.state = std::move(state), .outcome = {}};
  StepInPlace(topology, profile, result.state, command, result.outcome);
  return result;
}

Queries AnswerQueries(const Topology& topology, const Profile& profile, const State& state) {
  Queries queries = {.device = kAllNull<kMaxDevices>, .iommu = kAllNull<kMaxIommus>};
  if (!profile.config_enabled) return queries;
  const std::size_t devices = topology.devices.size(), iommus = topology.iommus.size();
  for (std::size_t i = 0; i < devices; ++i) {
    if (topology.devices[i].probed) queries.device[i] = state.device_ser[i];
  }
  for (std::size_t i = 0; i < iommus; ++i) queries.iommu[i] = state.outgoing_preserved_state[i];
  return queries;
}

}  // namespace holdfast
