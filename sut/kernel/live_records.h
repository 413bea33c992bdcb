// The live records of a chain, one after the other.
#ifndef HOLDFAST_SUT_KERNEL_LIVE_RECORDS_H_
#define HOLDFAST_SUT_KERNEL_LIVE_RECORDS_H_

#include "sut/kernel/records.h"

namespace holdfast::kernel {

// `data` is the physical address of the top record. A damaged chain ends at the damage; the decoder
// reports the damage. A chain that is a cycle ends too.
class LiveRecords {
 public:
  LiveRecords(const RecordLayout& layout, Chain chain, std::uint64_t data)
      : layout_(layout), size_(RecordSize(layout, chain)) {
    const int top = RecordPage(data);
    if (top >= 0) Enter(Load<std::uint64_t>(PageAddress(top), ChainOffset(layout, chain)));
  }

  // Of the records that came over a kexec.
  LiveRecords(const RecordLayout& layout, Chain chain)
      : LiveRecords(layout, chain, machine().luo.incoming.data) {}

  // nullptr at the end.
  std::byte* Next() {
    while (page_) {
      while (index_ < objects_) {
        std::byte* record = page_ + layout_.array_header + size_ * index_++;
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
    objects_ = written < layout_.Capacity(size_) ? static_cast<std::uint32_t>(written)
                                                 : layout_.Capacity(size_);
  }

  const RecordLayout& layout_;
  const std::uint32_t size_;
  std::byte* page_ = nullptr;
  std::uint32_t index_ = 0, objects_ = 0;
  int pages_ = 0;
};

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_LIVE_RECORDS_H_
