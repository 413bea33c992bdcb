#include "sut/kernel/records.h"

namespace holdfast::kernel {

SlotRef FindSlot(const Layout& layout, Chain chain, const void* record) {
  if (!record) return kNull;
  const Machine& m = machine();
  const int wanted = PageOf(record);
  if (wanted < 0) return kWild;
  if (m.freed.Has(wanted)) return kStale;
  const int top = m.luo.present ? RecordPage(m.luo.data) : -1;
  if (top < 0) return kWild;
  const std::uint32_t size = RecordSize(layout, chain), capacity = layout.Capacity(size);
  std::uint64_t physical = Load<std::uint64_t>(PageAddress(top), ChainOffset(layout, chain));
  for (int index = 0; index < kArenaPages; ++index) {  // bounded, should the chain be a cycle
    const int page = RecordPage(physical);
    if (page < 0) return kWild;
    if (page == wanted) {
      const std::size_t offset =
          static_cast<std::size_t>(static_cast<const std::byte*>(record) - PageAddress(page));
      const std::size_t position = (offset - layout.array_header) / size;
      const bool starts =
          offset >= layout.array_header && layout.array_header + position * size == offset;
      if (!starts || position >= capacity) return kWild;
      return static_cast<SlotRef>(index * static_cast<int>(capacity) + static_cast<int>(position));
    }
    physical = Load<std::uint64_t>(PageAddress(page), layout.next_array_phys);
  }
  return kWild;
}

}  // namespace holdfast::kernel
