#include "sut/kernel/adapter/lookups.h"

#include <utility>

#include <linux/err.h>

#include "model/state.h"
#include "sut/kernel/machine/call.h"
#include "sut/kernel/live_records.h"
#include "sut/kernel/machine/machine.h"

namespace holdfast::kernel {
namespace {

constexpr int kEnough = 1;  // what a caller returns who wants no more

int Compare(void* record, void* argument) {
  if (static_cast<LiveRecords*>(argument)->Next() != record) Find(Finding::kLookupWrong);
  return 0;
}

int TakeOne(void*, void* argument) {
  ++*static_cast<int*>(argument);
  return kEnough;
}

// One lookup. At its end LUO must have back the references that LUO gave.
template <typename Lookup>
auto Balanced(Lookup lookup) {
  const int before = g_call->incoming_references;
  const auto result = lookup();
  if (g_call->incoming_references > before) Find(Finding::kIncomingKept);
  return result;
}

void CheckDevices(const Binding& binding) {
  const auto walk = [&](int (*fn)(void*, void*), void* argument) {
    return Balanced([&] { return binding.for_each_incoming_device(fn, argument); });
  };
  LiveRecords devices(binding.layout, Chain::kDevice);
  if (walk(Compare, &devices) != 0 || devices.Next()) Find(Finding::kLookupWrong);

  const bool any = LiveRecords(binding.layout, Chain::kDevice).Next() != nullptr;
  int taken = 0;
  const int result = walk(TakeOne, &taken);
  if (taken != (any ? 1 : 0) || result != (any ? kEnough : 0)) Find(Finding::kLookupWrong);
}

void CheckIommus(const Binding& binding) {
  for (int i = 0; i < machine().iommu_count; ++i) {
    // The first, should there be two.
    const std::byte* expected = nullptr;
    LiveRecords iommus(binding.layout, Chain::kHw);
    while (!expected) {
      const std::byte* record = iommus.Next();
      if (!record) break;
      if (Load<std::uint64_t>(record, binding.layout.hw_token) == TokenOf(i)) expected = record;
    }
    if (Balanced([&] { return binding.incoming_iommu(TokenOf(i)); }) != expected)
      Find(Finding::kLookupWrong);
  }
}

// An implementation may say so by an error or by silence.
void CheckNothingIsFound(const Binding& binding) {
  int taken = 0;
  if (binding.for_each_incoming_device) binding.for_each_incoming_device(TakeOne, &taken);
  if (taken != 0) Find(Finding::kLookupWrong);
  for (int i = 0; binding.incoming_iommu && i < machine().iommu_count; ++i) {
    if (!IS_ERR_OR_NULL(binding.incoming_iommu(TokenOf(i)))) Find(Finding::kLookupWrong);
  }
}

}  // namespace

void CheckLookups(const Binding& binding) {
  const Unarmed unarmed;
  using Status = Incoming::Status;
  const Status status = machine().luo.incoming.status;
  if (status == Status::kNone || status == Status::kFinished) {
    CheckNothingIsFound(binding);
    // A driver asks in every kernel that starts, also in a kernel without live updates.
    const Luo stage = std::exchange(machine().luo.stage, Luo::kOff);
    CheckNothingIsFound(binding);
    machine().luo.stage = stage;
    return;
  }
  if (status != Status::kRetrieved) return;
  if (binding.for_each_incoming_device) CheckDevices(binding);
  if (binding.incoming_iommu) CheckIommus(binding);
}

}  // namespace holdfast::kernel
