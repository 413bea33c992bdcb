#include "sut/hardware/vtd_paging.h"

#include <algorithm>

#include "sut/hardware/bits.h"

namespace holdfast::hardware {
namespace {

// Level 1 is the last; each resolves nine bits.
constexpr int ShiftOf(int level) { return 12 + 9 * (level - 1); }

// The address of the entry of `table` that `address` selects.
constexpr std::uint64_t EntryOf(std::uint64_t table, std::uint64_t address, int level) {
  return table + 8 * Bits(address, ShiftOf(level) + 8, ShiftOf(level));
}

// An input address of either stage has at most this many bits.
int SecondStageWidth(const VtdUnit& unit, int levels) {
  const int mgaw = static_cast<int>(Bits(unit.cap, 21, 16)) + 1;
  return std::min(mgaw, ShiftOf(levels) + 9);
}

// The page that a leaf at `level` maps `address` into; bits above the host's width were refused as
// reserved.
VtdMapping Page(std::uint64_t entry, std::uint64_t address, int level) {
  const int shift = ShiftOf(level);
  return {.address = (entry & Mask(51, shift)) | (address & Mask(shift - 1, 0)),
          .page_size = 1ull << shift};
}

// Section 9.8. Bit 7 is the page size: 2 MB at level 2, 1 GB at level 3 if the unit has them
// (CAP.SLLPS), ignored at level 1, reserved elsewhere. Bit 11 (snoop) and bit 62 (transient
// mapping) mean something in leaves of units that have them.
std::uint64_t SecondStageReserved(const VtdUnit& unit, int level, bool leaf) {
  const bool snoop_control = Bit(unit.ecap, 7), device_tlb = Bit(unit.ecap, 2);
  std::uint64_t reserved = Mask(51, unit.host_address_width);
  if (!leaf || !snoop_control) reserved |= Mask(11, 11);
  if (!leaf || !device_tlb) reserved |= Mask(62, 62);
  if (!leaf || level == 1) return reserved;
  const bool supported = (level == 2 || level == 3) && Bit(unit.cap, 34 + level - 2);
  return reserved | (supported ? Mask(ShiftOf(level) - 1, 12) : Mask(7, 7));
}

// Section 9.7. Bit 12 of a large page is its PAT bit. A nested first stage holds guest addresses:
// the second stage judges them.
std::uint64_t FirstStageReserved(const VtdUnit& unit, int level, bool leaf, bool nested) {
  std::uint64_t reserved = nested ? 0 : Mask(51, unit.host_address_width);
  if (!leaf || level == 1) return reserved;
  const bool supported = level == 2 || (level == 3 && Bit(unit.cap, 56));
  return reserved | (supported ? Mask(ShiftOf(level) - 1, 13) : Mask(7, 7));
}

bool IsCanonical(std::uint64_t address, int width) {
  const std::uint64_t top = address & Mask(63, width - 1);
  return top == 0 || top == Mask(63, width - 1);
}

// The faults of a second-stage walk whose input is the address of a first-stage entry.
VtdSecondStageFaults FetchFaults(bool first_entry) {
  VtdSecondStageFaults faults = kVtdScalableFaults;
  faults.beyond = VtdFault::kSfs5;
  faults.not_readable = first_entry ? VtdFault::kSfs6 : VtdFault::kSfs7;
  return faults;
}

}  // namespace

std::optional<VtdFault> WalkSecondStage(const PhysicalMemory& memory, const VtdUnit& unit,
                                        const VtdSecondStage& stage, std::uint64_t address,
                                        Access access, const VtdSecondStageFaults& faults,
                                        VtdMapping& mapping) {
  if (address & Mask(63, SecondStageWidth(unit, stage.levels))) return faults.beyond;
  bool readable = true, writable = true;
  std::uint64_t table = stage.root;
  for (int level = stage.levels;; --level) {
    const std::optional<std::uint64_t> entry = memory.Read(EntryOf(table, address, level));
    if (!entry) return level == stage.levels ? faults.root_unreadable : faults.entry_unreadable;
    readable = readable && Bit(*entry, 0);
    writable = writable && Bit(*entry, 1);
    if (!readable && !writable && faults.not_present) return faults.not_present;
    if (access == Access::kWrite && !writable) return faults.not_writable;
    if (access == Access::kRead && !readable) return faults.not_readable;
    const bool leaf = level == 1 || Bit(*entry, 7);
    if (*entry & SecondStageReserved(unit, level, leaf)) return faults.reserved;
    if (leaf) {
      mapping = Page(*entry, address, level);
      mapping.readable = readable;
      mapping.writable = writable;
      return std::nullopt;
    }
    table = *entry & Mask(51, 12);
  }
}

std::optional<VtdFault> WalkFirstStage(const PhysicalMemory& memory, const VtdUnit& unit,
                                       const VtdFirstStage& stage, std::uint64_t address,
                                       Access access, VtdMapping& mapping) {
  if (!IsCanonical(address, ShiftOf(stage.levels) + 9)) return VtdFault::kSgn1;
  bool writable = true;
  std::uint64_t table = stage.root;
  for (int level = stage.levels;; --level) {
    const bool first = level == stage.levels;
    std::uint64_t place = EntryOf(table, address, level);
    if (stage.nested_in) {
      VtdMapping fetched;
      if (const auto fault = WalkSecondStage(memory, unit, *stage.nested_in, place, Access::kRead,
                                             FetchFaults(first), fetched)) {
        return fault;
      }
      place = fetched.address;
    }
    const std::optional<std::uint64_t> entry = memory.Read(place);
    if (!entry) return first ? VtdFault::kSfs4 : VtdFault::kSfs1;
    if (!Bit(*entry, 0)) return VtdFault::kSfs2;
    const bool leaf = level == 1 || Bit(*entry, 7);
    if (*entry & FirstStageReserved(unit, level, leaf, stage.nested_in.has_value()))
      return VtdFault::kSfs3;
    if (!stage.supervisor && !Bit(*entry, 2)) return VtdFault::kSgn2;
    // A supervisor may write to what is read-only, unless WPE says no.
    writable = writable && (Bit(*entry, 1) || (stage.supervisor && !stage.write_protect));
    if (access == Access::kWrite && !writable) return VtdFault::kSgn6;
    if (!leaf) {
      table = *entry & Mask(51, 12);
      continue;
    }
    mapping = Page(*entry, address, level);
    mapping.writable = writable;
    if (!stage.nested_in) return std::nullopt;
    VtdMapping outer;
    if (const auto fault = WalkSecondStage(memory, unit, *stage.nested_in, mapping.address, access,
                                           kVtdScalableFaults, outer)) {
      return fault;
    }
    mapping.address = outer.address;
    mapping.readable = outer.readable;
    mapping.writable = mapping.writable && outer.writable;
    mapping.page_size = std::min(mapping.page_size, outer.page_size);
    return std::nullopt;
  }
}

}  // namespace holdfast::hardware
