#include "sut/kernel/lookups.h"

#include "sut/kernel/call.h"
#include "sut/kernel/machine.h"
#include "sut/kernel/records.h"

namespace holdfast::kernel {
namespace {

// The live records of a chain, one after the other. A chain that is damaged ends where it is: the decoder tells of that.
class LiveRecords {
 public:
  LiveRecords(const RecordLayout& layout, Chain chain) : layout_(layout), size_(RecordSize(layout.sizes, chain)) {
    const int top = RecordPage(machine().luo.incoming.data);
    if (top >= 0) Enter(Load<std::uint64_t>(PageAddress(top), ChainOffset(layout, chain)));
  }

  // nullptr at the end.
  const std::byte* Next() {
    while (page_) {
      while (index_ < objects_) {
        const std::byte* record = page_ + layout_.sizes.array_header + size_ * index_++;
        if (!(Load<std::uint32_t>(record, layout_.flags) & layout_.deleted_flag)) return record;
      }
      Enter(Load<std::uint64_t>(page_, layout_.next_array_phys));
    }
    return nullptr;
  }

 private:
  void Enter(std::uint64_t physical) {
    const int page = physical == 0 || ++pages_ > kArenaPages ? -1 : RecordPage(physical);
    page_ = page < 0 ? nullptr : PageAddress(page);
    index_ = 0;
    if (!page_) return;
    const std::uint64_t written = Load<std::uint64_t>(page_, layout_.nr_objects);
    objects_ = written < layout_.sizes.Capacity(size_) ? static_cast<std::uint32_t>(written) : layout_.sizes.Capacity(size_);
  }

  const RecordLayout& layout_;
  const std::uint32_t size_;
  const std::byte* page_ = nullptr;
  std::uint32_t index_ = 0, objects_ = 0;
  int pages_ = 0;
};

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
