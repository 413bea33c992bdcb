#include "sut/kernel/adapter/callers.h"

#include <cstring>
#include <utility>

#include "sut/kernel/adapter/adapter.h"

namespace holdfast::kernel {

KernelCallers::KernelCallers(KernelSut& sut) : sut_(sut), ones_{One(0), One(1), One(2), One(3)} {
  static_assert(kMaxCallers == 4);
  RenumberLocks();
}

void KernelCallers::RunCall(void* argument) {
  Call& call = *static_cast<Call*>(argument);
  call.sut->Run(call.command, call.outcome);
}

void KernelCallers::Begin(int caller, const Command& command) {
  One& one = at(caller);
  std::memset(static_cast<void*>(&one.call), 0, sizeof(one.call));
  one.call.sut = &sut_;
  one.call.command = command;
  one.caller.Begin(RunCall, &one.call);
  GoOn(caller);
}

void KernelCallers::GoOn(int caller) {
  sut_.Forget();
  g_call->accesses->Begin();
  g_call->accesses->stop_before = std::exchange(stop_before_, 0);
  at(caller).caller.GoOn();
}

void KernelCallers::StopBefore(std::uint32_t n) { stop_before_ = n; }
std::span<const Access> KernelCallers::Accesses() const { return g_call->accesses->accesses; }
const Access& KernelCallers::Next(int caller) const { return at(caller).caller.next(); }

Point KernelCallers::At(int caller) const { return at(caller).caller.at(); }
bool KernelCallers::CanGoOn(int caller) const { return at(caller).caller.CanGoOn(); }
LockSet KernelCallers::Holds(int caller) const { return at(caller).caller.Holds(); }
const Outcome& KernelCallers::OutcomeOf(int caller) const { return at(caller).call.outcome; }

// The kernel's memory, then the callers, then where the callers begin.
void KernelCallers::Save(Snapshot& snapshot) {
  sut_.Forget();
  sut_.Save(snapshot);
  std::vector<std::byte>& bytes = snapshot.bytes;
  const auto start = static_cast<std::uint32_t>(bytes.size());
  for (const One& one : ones_) {
    one.caller.Append(bytes);
    if (!one.caller.under_way()) continue;
    const std::byte* call = reinterpret_cast<const std::byte*>(&one.call);
    bytes.insert(bytes.end(), call, call + sizeof(one.call));
  }
  const std::byte* end = reinterpret_cast<const std::byte*>(&start);
  bytes.insert(bytes.end(), end, end + sizeof(start));
}

void KernelCallers::Restore(const Snapshot& snapshot) {
  sut_.Restore(snapshot);
  std::uint32_t start;
  std::memcpy(&start, snapshot.bytes.data() + snapshot.bytes.size() - sizeof(start), sizeof(start));
  const std::byte* bytes = snapshot.bytes.data() + start;
  for (One& one : ones_) {
    bytes = one.caller.Read(bytes);
    if (!one.caller.under_way()) continue;
    std::memcpy(static_cast<void*>(&one.call), bytes, sizeof(one.call));
    bytes += sizeof(one.call);
  }
}

void KernelCallers::GiveUp() {
  for (One& one : ones_) one.caller.GiveUp();
}

}  // namespace holdfast::kernel
