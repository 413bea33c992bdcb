// Finds records by address while a call runs. sut/kernel/adapter/observe.h decodes all records.
#ifndef HOLDFAST_SUT_KERNEL_RECORDS_H_
#define HOLDFAST_SUT_KERNEL_RECORDS_H_

#include <cstring>

#include "model/slot.h"
#include "sut/kernel/binding.h"
#include "sut/kernel/machine/machine.h"

namespace holdfast::kernel {

enum class Chain : std::uint8_t { kHw, kDomain, kDevice };

inline std::uint32_t RecordSize(const Layout& layout, Chain chain) {
  return chain == Chain::kHw ? layout.hw : chain == Chain::kDomain ? layout.domain : layout.device;
}
inline std::uint32_t ChainOffset(const Layout& layout, Chain chain) {
  return chain == Chain::kHw       ? layout.hw_chain
         : chain == Chain::kDomain ? layout.domain_chain
                                   : layout.device_chain;
}

// Records are packed: no field is aligned.
template <typename T>
T Load(const std::byte* record, std::size_t offset) {
  T value;
  std::memcpy(&value, record + offset, sizeof(value));
  return value;
}

// The page of records at a physical address. -1 if the address is not the start of an allocated
// page.
inline int RecordPage(std::uint64_t physical) {
  const int page = PageOfPhysical(physical);
  if (page < kFirstPoolPage || physical % kPageSize != 0 || !machine().allocated.Has(page))
    return -1;
  return page;
}

// Where a domain's record names a domain of this kernel (restored_domain), or 0. That place is not
// part of the layout, so every place behind the known fields is looked at.
inline std::uint32_t PlaceOfRestoredDomain(const Layout& layout, const std::byte* record) {
  constexpr std::uint32_t kPointer = sizeof(std::uint64_t);
  for (std::uint32_t at = layout.domain_vasz; at + kPointer <= layout.domain; ++at) {
    const std::uint64_t word = Load<std::uint64_t>(record, at);
    if (word - reinterpret_cast<std::uintptr_t>(ArenaBase()) < kHeapPages * kPageSize) return at;
  }
  return 0;
}

// The slot number of a record of the outgoing FLB, by walking its chain: kNull for nullptr, kStale
// for freed memory, kWild for an address of no slot.
SlotRef FindSlot(const Layout& layout, Chain chain, const void* record);
// The same for the records of the kernel before.
SlotRef FindIncomingSlot(const Layout& layout, Chain chain, const void* record);

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_RECORDS_H_
