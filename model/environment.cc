#include "model/environment.h"

#include <utility>

namespace holdfast {
namespace {

void Dangle(SlotRef& pointer) {
  if (pointer != kNull) pointer = kStale;
}

// The FLB's unpreserve callback frees the records. It does not look at the pointers to them, so
// those dangle.
void UnpreserveFlb(State& state) {
  state.flb.Clear();
  for (SlotRef& pointer : state.preserved_state) Dangle(pointer);
  for (SlotRef& pointer : state.device_ser) Dangle(pointer);
  for (SlotRef& pointer : state.outgoing_preserved_state) Dangle(pointer);
}

// Pages of a chain: one, and another for each full page.
std::size_t Pages(std::size_t slots, std::size_t capacity) {
  return slots == 0 ? 1 : (slots + capacity - 1) / capacity;
}

}  // namespace

Retrieved GetIncoming(Call& call, int* error) {
  using Status = Incoming::Status;
  Incoming& incoming = call.state.incoming;
  *error = -EOPNOTSUPP;
  if (call.profile.luo == Luo::kOff) return Retrieved::kError;
  *error = -ENODATA;
  if (incoming.status == Status::kNone || incoming.status == Status::kFinished)
    return Retrieved::kError;
  if (incoming.status == Status::kRetrieved) return Retrieved::kYes;
  *error = incoming.error;
  // sticky
  if (incoming.status == Status::kFailed && call.profile.luo == Luo::kStageC)
    return Retrieved::kError;

  *error = call.Pass(FaultSite::kFlbRetrieve);
  if (*error == 0 && call.Pass(FaultSite::kKzalloc)) *error = -ENOMEM;
  if (*error) {
    incoming.status = Status::kFailed;
    incoming.error = static_cast<std::int16_t>(*error);
    return Retrieved::kError;
  }
  if (incoming.lost) return Retrieved::kCrash;  // a page that cannot be restored is a BUG
  const Layout& layout = call.profile.layout;
  const std::size_t pages = 1 + Pages(incoming.flb.domains.size(), layout.domain_capacity()) +
                            Pages(incoming.flb.devices.size(), layout.device_capacity()) +
                            Pages(incoming.flb.iommus.size(), layout.hw_capacity());
  for (std::size_t page = 0; page < pages; ++page) {
    if (call.Pass(FaultSite::kKhoRestore)) return Retrieved::kCrash;
  }
  incoming.status = Status::kRetrieved;
  incoming.error = 0;
  // the drivers fail and then succeed; the core sees neither
  call.Pass(FaultSite::kTakeOver);
  return Retrieved::kYes;
}

Got GetOutgoing(Call& call, int* error) {
  State& state = call.state;
  if ((*error = call.Pass(FaultSite::kFlbGetOutgoing))) return Got::kError;
  *error = -EOPNOTSUPP;
  if (call.profile.luo == Luo::kOff) return Got::kError;
  if (call.profile.luo == Luo::kStageC) {
    *error = -ENOENT;
    if (state.flb_refs == 0) return Got::kError;
    ++state.flb_refs;
  }
  *error = 0;
  return state.flb.present ? Got::kFlb : Got::kNothing;
}

void PutOutgoing(Call& call) {
  State& state = call.state;
  if (state.flb_refs == 0) {
    call.outcome.warned = true;
    return;
  }
  if (--state.flb_refs == 0) UnpreserveFlb(state);
}

void PreserveFile(Call& call) {
  State& state = call.state;
  if (state.frozen) return call.Return(-EBUSY);
  if (call.profile.config_enabled) {
    if (call.profile.luo == Luo::kOff) return call.Return(-EOPNOTSUPP);
    if (state.flb_refs == 0) {
      if (const int error = call.Pass(FaultSite::kFlbPreserve)) return call.Return(error);
      if (call.Pass(FaultSite::kKzalloc)) return call.Return(-ENOMEM);
      for (int page = 0; page < 4; ++page) {  // the top record, and the first page of each chain
        if (const int error = call.Pass(FaultSite::kKhoAlloc)) return call.Return(error);
      }
      state.flb.present = true;
    }
    ++state.flb_refs;
  }
  ++state.files;
  call.Return(0);
}

void UnpreserveFile(Call& call) {
  if (call.state.files == 0) return call.Warn();
  --call.state.files;
  if (call.profile.config_enabled) PutOutgoing(call);
  call.Void();
}

void Freeze(Call& call) {
  State& state = call.state;
  if (call.profile.luo == Luo::kOff) return call.Return(-EOPNOTSUPP);
  state.frozen = true;
  state.frozen_flb = state.flb.present;
  state.frozen_files = state.files;
  call.Return(0);
}

void Kexec(Call& call) {
  State& state = call.state;
  Incoming incoming;
  if (state.frozen && state.frozen_flb) {
    incoming.status = Incoming::Status::kHandedOver;
    incoming.files = state.frozen_files;
    incoming.lost = !state.flb.present;  // a frozen session takes no file, so no new FLB has come
    incoming.flb = std::move(state.flb);
  }
  state = InitialState(call.topology);
  state.owner_claims.fill(0);  // vfio has claimed and attached nothing yet
  state.attached.fill(kNone);
  state.incoming = std::move(incoming);
  call.Void();
}

void Retrieve(Call& call) {
  int error = 0;
  switch (GetIncoming(call, &error)) {
    case Retrieved::kYes: return call.Return(0);
    case Retrieved::kError: return call.Return(error);
    case Retrieved::kCrash: return call.Crash();
  }
}

void Finish(Call& call) {
  Incoming& incoming = call.state.incoming;
  if (incoming.files == 0) return call.Warn();
  if (incoming.files > 1) {
    --incoming.files;
    return call.Void();
  }
  int error = 0;
  switch (GetIncoming(call, &error)) {
    case Retrieved::kYes: break;
    case Retrieved::kError: return call.Warn();
    case Retrieved::kCrash: return call.Crash();
  }
  // The owner of dev->iommu forgets the records before they go.
  call.state.restored_ser = kAllNull<kMaxDevices>;
  incoming = Incoming();
  incoming.status = Incoming::Status::kFinished;
  call.Void();
}

void ClaimDmaOwner(Call& call, const Device& device) {
  if (device.group == kNone) return call.Return(-ENODEV);
  std::uint8_t& claims = call.state.owner_claims[device.group];
  if (claims == 0xff) return call.Return(-EBUSY);
  ++claims;
  call.Return(0);
}

void ReleaseDmaOwner(Call& call, const Device& device) {
  if (device.group == kNone || call.state.owner_claims[device.group] == 0) return call.Warn();
  --call.state.owner_claims[device.group];
  call.Void();
}

void Attach(Call& call, int domain, int device) {
  const Device& traits = call.topology.devices[device];
  if (!traits.probed || traits.group == kNone) return call.Return(-ENODEV);
  call.state.attached[device] = static_cast<std::uint8_t>(domain);
  call.Return(0);
}

}  // namespace holdfast
