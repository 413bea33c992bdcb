#include "sut/kernel/adapter/other_version.h"

#include <setjmp.h>

#include <cstdint>
#include <cstring>

#include "model/layout.h"
#include "model/outcome.h"
#include "model/state.h"
#include "sut/kernel/machine/call.h"
#include "sut/kernel/luo.h"
#include "sut/kernel/machine/machine.h"
#include "sut/kernel/records.h"
#include "sut/kernel/machine/rehearsal.h"

namespace holdfast::kernel {
namespace {

// Whether the retrieve, or a lookup after it, is refused. Only for a rehearsal.
bool IsRefused(const Binding& binding) {
  if (Retrieve() != 0) return true;
  if (!binding.for_each_incoming_device) return false;
  bool followed = false;
  const int error = binding.for_each_incoming_device(
      [](void*, void* argument) { return *static_cast<bool*>(argument) = true, 0; }, &followed);
  return error != 0 && !followed;
}

// A panic refuses too. The panic would end the call, and the rehearsal goes on from here.
bool IsRefusedOrFatal(const Binding& binding) {
  CallContext& call = *g_call;
  sigjmp_buf exit;
  std::memcpy(&exit, &call.exit, sizeof(exit));
  const int fault_depth = call.fault_depth;
  volatile bool refused = true;
  if (sigsetjmp(call.exit, 0) == 0) refused = IsRefused(binding);
  std::memcpy(&g_call->exit, &exit, sizeof(exit));
  g_call->fault_depth = fault_depth;
  return refused;
}

}  // namespace

void TryOtherVersion(const Binding& binding) {
  const std::uint32_t place = binding.layout.version;
  const LuoState& luo = machine().luo;
  if (place == Layout::kNoField || luo.incoming.status != Incoming::Status::kHandedOver ||
      luo.incoming.lost)
    return;
  const int top = RecordPage(luo.incoming.data);
  if (top < 0) return;

  // The command's fault is for the retrieve itself.
  const FaultSite site = g_call->site;
  const auto passes = g_call->passes, requests_of = g_call->requests_of;
  g_call->site = FaultSite::kNone;
  bool refused = true;
  Rehearse([&] {
    std::byte* version = PageAddress(top) + place;
    const std::uint64_t other = Load<std::uint64_t>(version, 0) + 1;
    std::memcpy(version, &other, sizeof(other));
    refused = IsRefusedOrFatal(binding);
  });
  g_call->site = site;
  g_call->passes = passes;
  g_call->requests_of = requests_of;
  g_call->in_op = g_call->coming_up = false;
  g_call->owner = 0;
  if (!refused) Find(Finding::kOtherVersionFollowed);
}

}  // namespace holdfast::kernel
