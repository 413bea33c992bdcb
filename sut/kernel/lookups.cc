#include "sut/kernel/lookups.h"

#include "sut/kernel/call.h"
#include "sut/kernel/live_records.h"
#include "sut/kernel/machine.h"

namespace holdfast::kernel {
namespace {

int Compare(void* record, void* argument) {
  if (static_cast<LiveRecords*>(argument)->Next() != record) Find(Finding::kLookupWrong);
  return 0;
}

}  // namespace

void CheckLookups(const Binding& binding) {
  if (binding.for_each_incoming_device) {
    LiveRecords devices(binding.layout, Chain::kDevice);
    const int error = binding.for_each_incoming_device(Compare, &devices);
    if (error != 0 || devices.Next()) Find(Finding::kLookupWrong);
  }
  if (!binding.incoming_iommu) return;
  for (int i = 0; i < machine().iommu_count; ++i) {
    // The first, should there be two.
    const std::byte* expected = nullptr;
    LiveRecords iommus(binding.layout, Chain::kHw);
    while (!expected) {
      const std::byte* record = iommus.Next();
      if (!record) break;
      if (Load<std::uint64_t>(record, binding.layout.hw_token) == TokenOf(i)) expected = record;
    }
    if (binding.incoming_iommu(TokenOf(i)) != expected) Find(Finding::kLookupWrong);
  }
}

}  // namespace holdfast::kernel
