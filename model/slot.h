// One record in an array page, as the next kernel reads it: only the fields that count.
//
// A slot's number is its position in its chain, from 0, over all pages. With 72 slots a page, slot
// 72 is the first slot of the second page. A number never changes, because slots are append-only
// (R7).
//
// A DELETED slot is canonical: it says only that a slot is there. Nobody reads the fields of a
// deleted record, and the next kernel skips the record. Two implementations whose deleted records
// differ are equal.
#ifndef HOLDFAST_MODEL_SLOT_H_
#define HOLDFAST_MODEL_SLOT_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include "model/topology.h"

namespace holdfast {

// A pointer or physical address of a record, as a slot number or one of the three below.
using SlotRef = std::int16_t;
inline constexpr SlotRef kNull = -1;
inline constexpr SlotRef kStale = -2;  // points at a record of an FLB that is gone
inline constexpr SlotRef kWild = -3;   // points at no record at all

// "#3", "null", "stale" or "wild".
inline std::string PrintSlotRef(SlotRef ref) {
  if (ref >= 0) return "#" + std::to_string(ref);
  return ref == kNull ? "null" : ref == kStale ? "stale" : "wild";
}

// `padding` fills each hole that the compiler would leave, so that SameChain can compare bytes.

struct HwSlot {  // struct iommu_hw_ser
  bool deleted = false;
  bool incoming = false;
  std::uint8_t iommu = kNone;  // by token; kNone: no IOMMU of the topology has the record's token
  std::uint8_t padding = 0;
  std::uint32_t ref_count = 0;

  bool operator==(const HwSlot&) const = default;
};

struct DomainSlot {  // struct iommu_domain_ser
  bool deleted = false;
  bool incoming = false;        // the next kernel has restored the domain
  std::uint8_t domain = kNone;  // by top table; kNone: no domain of the topology has that table
  std::uint8_t padding = 0;
  std::uint32_t ref_count = 0;  // set to 1 and left there

  bool operator==(const DomainSlot&) const = default;
};

struct DeviceSlot {  // struct iommu_device_ser
  bool deleted = false;
  bool incoming = false;  // the device of the next kernel has taken the record
  // by (pci_domain_nr, devid); kNone: no device of the topology has this pair
  std::uint8_t device = kNone;
  // the domain whose attachment_id is recorded: the domain that the device is attached to
  std::uint8_t attachment = kNone;
  std::uint32_t ref_count = 0;  // set to 1 and left there
  SlotRef domain = kNull;       // domain_phys
  SlotRef hw = kNull;           // iommu_phys
  std::uint32_t padding = 0;
  std::uint64_t dma_owner_token = 0;  // v5; 0 before

  bool operator==(const DeviceSlot&) const = default;
};

// The object whose record a slot is.
constexpr std::uint8_t ObjectOf(const HwSlot& slot) { return slot.iommu; }
constexpr std::uint8_t ObjectOf(const DomainSlot& slot) { return slot.domain; }
constexpr std::uint8_t ObjectOf(const DeviceSlot& slot) { return slot.device; }

// Equality of values without a hole, by all bytes at once. It is faster than field by field.
template <typename T>
bool SameBytes(const T& a, const T& b) {
  static_assert(std::has_unique_object_representations_v<T>, "equal values are equal bytes");
  return std::memcmp(&a, &b, sizeof(T)) == 0;
}

// True if the first `count` slots of both chains are equal; neither may be shorter.
template <typename Slot>
bool SameSlots(const std::vector<Slot>& a, const std::vector<Slot>& b, std::size_t count) {
  static_assert(std::has_unique_object_representations_v<Slot>, "equal slots are equal bytes");
  return count == 0 || std::memcmp(a.data(), b.data(), count * sizeof(Slot)) == 0;
}
template <typename Slot>
bool SameChain(const std::vector<Slot>& a, const std::vector<Slot>& b) {
  return a.size() == b.size() && SameSlots(a, b, a.size());
}

// Any slot once it is DELETED.
template <typename Slot>
constexpr Slot Deleted() {
  Slot slot;
  slot.deleted = true;
  return slot;
}

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_SLOT_H_
