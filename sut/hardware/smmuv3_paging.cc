#include "sut/hardware/smmuv3_paging.h"

#include <algorithm>

#include "sut/hardware/bits.h"

namespace holdfast::hardware {
namespace {

constexpr int ShiftOf(int level) { return 12 + 9 * (3 - level); }

// The address of the descriptor that `address` selects at `level`. The base is aligned to the size
// of what it points at.
std::uint64_t DescriptorOf(const SmmuV3Tables& tables, std::uint64_t table, std::uint64_t address,
                           int level) {
  if (level != tables.first_level)
    return table + 8 * Bits(address, ShiftOf(level) + 8, ShiftOf(level));
  const int index_bits = tables.input_bits - ShiftOf(level);
  return (table & Mask(55, index_bits + 3)) +
         8 * Bits(address, tables.input_bits - 1, ShiftOf(level));
}

enum class Kind { kInvalid, kTable, kLeaf };

// Bits [1:0]: 0b11 is a page at level 3 and a table above; 0b01 is a block, which levels 1 and 2
// can have.
Kind KindOf(std::uint64_t descriptor, int level) {
  if (!Bit(descriptor, 0)) return Kind::kInvalid;
  if (Bit(descriptor, 1)) return level == 3 ? Kind::kLeaf : Kind::kTable;
  return level == 1 || level == 2 ? Kind::kLeaf : Kind::kInvalid;
}

// The address in a table's descriptor, or in a leaf's at `level`.
std::uint64_t AddressIn(std::uint64_t descriptor, Kind kind, int level) {
  return descriptor & Mask(47, kind == Kind::kTable ? 12 : ShiftOf(level));
}

// What the descriptor itself says of its address and of its access flag. Nothing: no fault.
std::optional<SmmuV3Event> Check(const SmmuV3Tables& tables, std::uint64_t descriptor, Kind kind,
                                 int level) {
  if (kind == Kind::kInvalid) return SmmuV3Event::kTranslation;
  if (AddressIn(descriptor, kind, level) & Mask(63, tables.output_bits))
    return SmmuV3Event::kAddressSize;
  if (kind == Kind::kLeaf && tables.access_flag && !Bit(descriptor, 10))
    return SmmuV3Event::kAccessFlag;
  return std::nullopt;
}

void SetPage(SmmuV3Mapping& mapping, std::uint64_t descriptor, std::uint64_t address, int level) {
  const int shift = ShiftOf(level);
  mapping.address = AddressIn(descriptor, Kind::kLeaf, level) | (address & Mask(shift - 1, 0));
  mapping.page_size = 1ull << shift;
}

bool Permits(const SmmuV3Mapping& mapping, Access access) {
  return access == Access::kWrite ? mapping.writable : mapping.readable;
}

}  // namespace

std::optional<SmmuV3Fault> WalkStage2(const PhysicalMemory& memory, const SmmuV3Stage2& stage,
                                      std::uint64_t address, Access access, SmmuV3Class what,
                                      SmmuV3Mapping& mapping) {
  const auto fault = [what](SmmuV3Event event) { return SmmuV3Fault{event, 2, what}; };
  const SmmuV3Tables& tables = stage.tables;
  if (address & Mask(63, tables.input_bits)) return fault(SmmuV3Event::kTranslation);
  std::uint64_t table = tables.base;
  for (int level = tables.first_level;; ++level) {
    const std::optional<std::uint64_t> descriptor =
        memory.Read(DescriptorOf(tables, table, address, level));
    if (!descriptor) return fault(SmmuV3Event::kWalkExternalAbort);
    const Kind kind = KindOf(*descriptor, level);
    if (const auto event = Check(tables, *descriptor, kind, level)) return fault(*event);
    if (kind == Kind::kTable) {
      table = AddressIn(*descriptor, kind, level);
      continue;
    }
    SetPage(mapping, *descriptor, address, level);
    mapping.readable = Bit(*descriptor, 6);  // S2AP [7:6]
    mapping.writable = Bit(*descriptor, 7);
    if (!Permits(mapping, access)) return fault(SmmuV3Event::kPermission);
    return std::nullopt;
  }
}

std::optional<SmmuV3Fault> WalkStage1(const PhysicalMemory& memory, const SmmuV3Stage1& stage,
                                      std::uint64_t address, Access access,
                                      SmmuV3Mapping& mapping) {
  const auto fault = [](SmmuV3Event event) { return SmmuV3Fault{event, 1, SmmuV3Class::kInput}; };
  const SmmuV3Tables& tables = stage.tables;
  bool read_only = false, privileged_only = false;  // so far, by APTable
  std::uint64_t table = tables.base;
  for (int level = tables.first_level;; ++level) {
    std::uint64_t place = DescriptorOf(tables, table, address, level);
    if (stage.nested_in) {
      SmmuV3Mapping fetched;
      if (const auto outer = WalkStage2(memory, *stage.nested_in, place, Access::kRead,
                                        SmmuV3Class::kTable, fetched)) {
        return outer;
      }
      place = fetched.address;
    }
    const std::optional<std::uint64_t> descriptor = memory.Read(place);
    if (!descriptor) return SmmuV3Fault{SmmuV3Event::kWalkExternalAbort, 1, SmmuV3Class::kTable};
    const Kind kind = KindOf(*descriptor, level);
    if (const auto event = Check(tables, *descriptor, kind, level)) return fault(*event);
    if (kind == Kind::kTable) {
      if (stage.hierarchical) {
        read_only = read_only || Bit(*descriptor, 62);
        privileged_only = privileged_only || Bit(*descriptor, 61);
      }
      table = AddressIn(*descriptor, kind, level);
      continue;
    }
    SetPage(mapping, *descriptor, address, level);
    // AP[2:1] is [7:6]: read-only, and accessible to the unprivileged.
    const bool unprivileged = Bit(*descriptor, 6) && !privileged_only;
    mapping.readable =
        stage.privileged ? !(stage.privileged_access_never && unprivileged) : unprivileged;
    mapping.writable = mapping.readable && !Bit(*descriptor, 7) && !read_only;
    if (!Permits(mapping, access)) return fault(SmmuV3Event::kPermission);
    if (!stage.nested_in) return std::nullopt;
    SmmuV3Mapping outer;
    if (const auto outer_fault = WalkStage2(memory, *stage.nested_in, mapping.address, access,
                                            SmmuV3Class::kInput, outer)) {
      return outer_fault;
    }
    mapping.address = outer.address;
    mapping.readable = mapping.readable && outer.readable;
    mapping.writable = mapping.writable && outer.writable;
    mapping.page_size = std::min(mapping.page_size, outer.page_size);
    return std::nullopt;
  }
}

}  // namespace holdfast::hardware
