// One record in an array page, as the next kernel would read it: what counts of it, and no more.
//
// A slot's number is its position in its chain, from 0, counted over all pages: slot 72 of a chain with 72 slots a page is
// the first of the second page. Numbers never change, because slots are append-only (R7).
//
// A DELETED slot is canonical: all that remains of it is that it is there. Nothing reads a deleted record's fields (the next
// kernel skips it), so two implementations that differ only there do not differ.
#ifndef HOLDFAST_MODEL_SLOT_H_
#define HOLDFAST_MODEL_SLOT_H_

#include <cstdint>

#include "model/topology.h"

namespace holdfast {

// A pointer or physical address of a record, as a slot number or one of the three below.
using SlotRef = std::int16_t;
inline constexpr SlotRef kNull = -1;
inline constexpr SlotRef kStale = -2;  // points at a record of an FLB that is gone
inline constexpr SlotRef kWild = -3;   // points at no record at all

struct HwSlot {  // struct iommu_hw_ser
  bool deleted = false;
  bool incoming = false;
  std::uint8_t iommu = kNone;  // by its token; kNone: no IOMMU of the topology has that token
  std::uint32_t ref_count = 0;

  bool operator==(const HwSlot&) const = default;
};

struct DomainSlot {  // struct iommu_domain_ser
  bool deleted = false;
  bool incoming = false;
  std::uint8_t domain = kNone;  // by its top table; kNone: no domain of the topology has that table
  std::uint32_t ref_count = 0;  // set to 1 and left there

  bool operator==(const DomainSlot&) const = default;
};

struct DeviceSlot {  // struct iommu_device_ser
  bool deleted = false;
  bool incoming = false;
  std::uint8_t device = kNone;      // by (pci_domain_nr, devid); kNone: no device of the topology has them
  std::uint8_t attachment = kNone;  // the domain whose attachment_id is recorded: the one the device is attached to
  std::uint32_t ref_count = 0;      // set to 1 and left there
  SlotRef domain = kNull;           // domain_phys
  SlotRef hw = kNull;               // iommu_phys
  std::uint64_t dma_owner_token = 0;  // v5; 0 before

  bool operator==(const DeviceSlot&) const = default;
};

// What is left of any slot once it is DELETED.
template <typename Slot>
constexpr Slot Deleted() {
  Slot slot;
  slot.deleted = true;
  return slot;
}

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_SLOT_H_
