#include "sut/kernel/records.h"

namespace holdfast::kernel {
namespace {

// `top` is the page of the top record, or -1.
SlotRef FindSlotBelow(int top, const Layout& layout, Chain chain, const void* record) {
  if (!record) return kNull;
  const Machine& m = machine();
  const int wanted = PageOf(record);
  if (wanted < 0) return kWild;
  if (m.freed.Has(wanted)) return kStale;
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

}  // namespace

SlotRef FindSlot(const Layout& layout, Chain chain, const void* record) {
  const LuoState& luo = machine().luo;
  return FindSlotBelow(luo.present ? RecordPage(luo.data) : -1, layout, chain, record);
}

SlotRef FindIncomingSlot(const Layout& layout, Chain chain, const void* record) {
  return FindSlotBelow(RecordPage(machine().luo.incoming.data), layout, chain, record);
}

}  // namespace holdfast::kernel
