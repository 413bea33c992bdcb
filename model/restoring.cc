#include "model/restoring.h"

#include <cstddef>

#include "model/environment.h"

// Guards in order, one errno a line; a blank line; effects. As in step.cc.

namespace holdfast {
namespace {

bool Lacks(const Call& call) { return !call.profile.config_enabled || !call.profile.restores; }

// liveupdate_flb_get_incoming, as the restoring side calls it.
Retrieved LookUp(Call& call, int* error) {
  if ((*error = call.Pass(FaultSite::kFlbGetIncoming))) return Retrieved::kError;
  return GetIncoming(call, error);
}

// The first live record of the device that no device has taken.
SlotRef FindRecord(const std::vector<DeviceSlot>& chain, int device) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const DeviceSlot& slot = chain[i];
    if (!slot.deleted && !slot.incoming && slot.device == device) return static_cast<SlotRef>(i);
  }
  return kNull;
}

// The domain that a device's record names, if the record of that domain is live.
DomainSlot* FindDomain(Flb& flb, SlotRef ref) {
  if (ref < 0) return nullptr;
  DomainSlot& slot = flb.domains[static_cast<std::size_t>(ref)];
  return slot.deleted ? nullptr : &slot;
}

}  // namespace

void ProbeDevice(Call& call, int device) {
  State& state = call.state;
  const Device& traits = call.topology.devices[device];
  if (!traits.probed) return call.Return(-ENODEV);
  if (state.device_ser[device] != kNull) return call.Return(-EBUSY);  // it is in use
  if (Lacks(call)) return call.Return(0);
  if (!traits.is_pci()) return call.Return(0);
  int error = 0;
  const Retrieved got = LookUp(call, &error);
  if (got == Retrieved::kCrash) return call.Crash();
  const bool nothing = error == -ENODATA || error == -ENOENT || error == -EOPNOTSUPP;
  if (got == Retrieved::kError) return call.Return(nothing ? 0 : error);

  const SlotRef record = FindRecord(state.incoming.flb.devices, device);
  if (record != kNull) state.incoming.flb.devices[static_cast<std::size_t>(record)].incoming = true;
  state.restored_ser[device] = record;
  call.Return(0);
}

void RestoreDomain(Call& call, int device) {
  State& state = call.state;
  const Device& traits = call.topology.devices[device];
  if (!traits.probed || traits.group == kNone) return call.Return(-ENODEV);
  if (Lacks(call)) return call.Return(-EOPNOTSUPP);
  const SlotRef record = state.restored_ser[device];
  if (record == kNull) return call.Return(-ENOENT);  // the caller has no record to pass
  int error = 0;
  if (LookUp(call, &error) != Retrieved::kYes) return call.Return(error);
  Flb& flb = state.incoming.flb;
  const SlotRef ref = flb.devices[static_cast<std::size_t>(record)].domain;
  DomainSlot* const domain = FindDomain(flb, ref);
  if (domain == nullptr) return call.Return(-EINVAL);
  if (!domain->incoming) {
    if ((error = call.Pass(FaultSite::kPagingDomainAlloc))) return call.Return(error);
    if ((error = call.Preserve(Op::kPtRestore, FaultSite::kPtRestore, domain->domain, ref)))
      return call.Return(error);
  }

  domain->incoming = true;
  call.outcome.out = ref;
  state.attached[device] = domain->domain;
  std::uint8_t& claims = state.owner_claims[traits.group];
  if (claims == 0) claims = 1;
  call.Return(0);
}

void ReleaseDevice(Call& call, int device) {
  const Device& traits = call.topology.devices[device];
  if (!traits.probed || Lacks(call) || !call.profile.releases) return call.Void();
  // a record that is freed memory
  if (call.state.device_ser[device] == kStale) return call.Crash();
  SlotRef& record = call.state.restored_ser[device];
  if (record != kNull && !call.profile.releases_restored) return call.Crash();

  record = kNull;
  call.Void();
}

}  // namespace holdfast
