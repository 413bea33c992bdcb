#include "sut/kernel/denied_take_over.h"

#include <algorithm>

#include "model/outcome.h"
#include "model/reach.h"
#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/machine.h"
#include "sut/kernel/dma/reach.h"
#include "sut/kernel/machine/rehearsal.h"
#include "sut/kernel/units.h"

namespace holdfast::kernel {
namespace {

// The findings of a refusal: a denied driver refuses, so they do not count against the driver.
constexpr FindingSet kOfRefusal =
    FindingBit(Finding::kRestoreRefused) | FindingBit(Finding::kPageNotRestored);

Reach Look() {
  Reach reach;
  HardwareObserver().ObserveReach(reach);
  return reach;
}

// The devices that the kernel before left translating (bits).
std::uint16_t Translating(const Reach& reach) {
  std::uint16_t devices = 0;
  for (int d = 0; d < machine().device_count; ++d) {
    devices |=
        static_cast<std::uint16_t>((reach.device[static_cast<std::size_t>(d)] < kMaxDomains) << d);
  }
  return devices;
}

// The other devices reach what they were attached to since, or nothing. A unit that is off and a
// unit that blocks count the same.
bool DoesHarm(const Reach& before, const Reach& after) {
  const std::uint16_t translating = Translating(before);
  for (int device = 0; device < machine().device_count; ++device) {
    const auto d = static_cast<std::size_t>(device);
    const bool is_nowhere = after.device[d] == Reach::kOff || after.device[d] == Reach::kBlocked;
    const bool holds = translating >> device & 1
                           ? after.device[d] == before.device[d]
                           : is_nowhere || after.device[d] == machine().units->attached[device];
    if (!holds) return true;
  }
  return false;
}

// Every device reaches what it was attached to, also those that were moved.
bool FollowsAttachments(const Reach& reach) {
  for (int device = 0; device < machine().device_count; ++device) {
    const std::uint8_t attached = machine().units->attached[device];
    if (attached != kNone && reach.device[static_cast<std::size_t>(device)] != attached)
      return false;
  }
  return true;
}

}  // namespace

void TryDeniedTakeOver(const Binding& binding) {
  CallContext& call = *g_call;
  if (!machine().units || machine().units->up) return;
  Rehearse([&] { BringUp(binding); });
  const int requests = call.requests;
  if (requests == 0) return;

  const Reach before = Look();
  FindingSet found = 0;
  bool did_harm = false, refused = false;
  Rehearse([&] {
    call.outcome->findings = 0;
    call.denied_request = static_cast<std::uint16_t>(std::clamp<int>(call.depth, 1, requests));
    const bool goes_on = RunUntilBug([](void* of) { BringUp(*static_cast<const Binding*>(of)); },
                                     const_cast<Binding*>(&binding));
    call.denied_request = 0;
    if (goes_on) {
      AttachAll(static_cast<std::uint16_t>(~Translating(before)), binding);
    } else {
      Find(Finding::kRestoreRefused);
    }
    did_harm = DoesHarm(before, Look());
    refused = call.outcome->findings & FindingBit(Finding::kRestoreRefused);
    if (!refused && !did_harm && !call.denied_promise) {
      // The drivers go on without what was denied: they must be as good as any others.
      AttachAll(Translating(before), binding);
      did_harm = !FollowsAttachments(Look());
    }
    found = call.outcome->findings;
  });
  call.outcome->findings |= refused ? found & ~kOfRefusal : found;
  if (!refused && call.denied_promise) Find(Finding::kDenialIgnored);
  if (did_harm) Find(Finding::kDenialDidHarm);
}

}  // namespace holdfast::kernel
