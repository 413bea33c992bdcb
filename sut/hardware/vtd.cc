#include "sut/hardware/vtd.h"

#include <array>
#include <cstddef>
#include <ios>
#include <ostream>

#include "sut/hardware/bits.h"
#include "sut/hardware/vtd_paging.h"

namespace holdfast::hardware {
namespace {

// One request on its way. Each step answers with the fault that ends it, or with nothing and goes
// on.
class Remapping {
 public:
  Remapping(const PhysicalMemory& memory, const VtdUnit& unit, const VtdRequest& request,
            const Entries& cached = {})
      : memory_(memory), unit_(unit), request_(request), entries_(cached) {}

  std::optional<VtdFault> Run() {
    if (const auto fault = Configure()) return fault;
    return Walk();
  }

  // To the page tables. Section 3.4: by the table mode of RTADDR_REG.
  std::optional<VtdFault> Configure() {
    if (!request_.pasid && Bits(request_.address, 63, 20) == 0xfee)
      return VtdFault::kInterruptRange;
    const bool scalable_supported = Bit(unit_.ecap, 43), abort_supported = Bit(unit_.ecap, 52);
    if (unit_.rtaddr & (Mask(63, unit_.host_address_width) | Mask(9, 0))) return VtdFault::kRta1;
    switch (Bits(unit_.rtaddr, 11, 10)) {
      case 0: return request_.pasid ? VtdFault::kRta2 : Legacy();
      case 1: return scalable_supported ? Scalable() : VtdFault::kRta1;
      case 3: return abort_supported ? VtdFault::kAbortDmaMode : VtdFault::kRta1;
      default: return VtdFault::kRta1;
    }
  }

  // Of what Configure met.
  const std::optional<TablesInUse>& tables() const { return tables_; }
  const Entries& entries() const { return entries_; }
  std::uint16_t domain_id() const { return domain_id_.value_or(0); }

  VtdTranslation Translation() const {
    return {mapping_.address, mapping_.readable, mapping_.writable, mapping_.page_size, domain_id_};
  }

 private:
  int bus() const { return request_.source_id >> 8; }
  int devfn() const { return request_.source_id & 0xff; }
  std::uint64_t root_table() const { return unit_.rtaddr & Mask(63, 12); }
  // What an address in a table must not have.
  std::uint64_t beyond_host() const { return Mask(63, unit_.host_address_width); }

  // A whole entry, or false.
  template <std::size_t kWords>
  bool Read(std::uint64_t address, std::array<std::uint64_t, kWords>& entry) const {
    for (std::size_t i = 0; i < kWords; ++i) {
      const std::optional<std::uint64_t> word = memory_.Read(address + 8 * i);
      if (!word) return false;
      entry[i] = *word;
    }
    return true;
  }

  // CAP.ND: the unit has 2^(4 + 2 ND) domain ids.
  bool HasDomain(std::uint64_t id) const { return (id >> (4 + 2 * Bits(unit_.cap, 2, 0))) == 0; }

  // An address width field: 1, 2, 3 are 39, 48, 57 bits in as many levels, if CAP.SAGAW has the
  // bit. 0: not supported.
  int LevelsOf(std::uint64_t width) const {
    return width >= 1 && width <= 3 && Bit(unit_.cap, 8 + static_cast<int>(width))
               ? static_cast<int>(width) + 2
               : 0;
  }

  // Section 9.1.
  std::optional<VtdFault> FetchContext(std::array<std::uint64_t, 2>& context) const {
    if (entries_.device.there) return entries_.device.Get(context), std::nullopt;
    std::array<std::uint64_t, 2> root;
    if (!Read(root_table() + 16u * static_cast<unsigned>(bus()), root)) return VtdFault::kLrt1;
    if (!Bit(root[0], 0)) return VtdFault::kLrt2;
    if ((root[0] & (beyond_host() | Mask(11, 1))) || root[1] != 0) return VtdFault::kLrt3;
    if (!Read((root[0] & Mask(63, 12)) + 16u * static_cast<unsigned>(devfn()), context))
      return VtdFault::kLct1;
    return Bit(context[0], 0) ? std::nullopt : std::optional(VtdFault::kLct2);
  }

  // Section 9.3.
  std::optional<VtdFault> Legacy() {
    std::array<std::uint64_t, 2> context;
    if (const auto fault = FetchContext(context)) return fault;
    const std::uint64_t type = Bits(context[0], 3, 2), domain_id = Bits(context[1], 23, 8);
    const bool pass_through = type == 2;
    const std::uint64_t pointer_reserved = pass_through ? 0 : beyond_host();
    if ((context[0] & (pointer_reserved | Mask(11, 4))) ||
        (context[1] & (Mask(63, 24) | Mask(7, 7))) || !HasDomain(domain_id)) {
      return VtdFault::kLct3;
    }
    if (type == 3 || (type == 1 && !Bit(unit_.ecap, 2)) || (pass_through && !Bit(unit_.ecap, 6)))
      return VtdFault::kLct4;
    const int levels = LevelsOf(Bits(context[1], 2, 0));
    if (levels == 0) return VtdFault::kLct4;
    domain_id_ = static_cast<std::uint16_t>(domain_id);
    entries_.device.Set(context);
    names_ = {kVtdLegacyFaults, VtdFault::kLgn1, VtdFault::kLgn4};
    if (!pass_through) UseSecond({context[0] & Mask(63, 12), levels});
    return std::nullopt;
  }

  std::optional<VtdFault> Walk() {
    if (!first_stage_ && !second_stage_) {  // pass-through
      if (request_.address & beyond_host()) return names_.beyond;
      mapping_.address = request_.address;
      return std::nullopt;
    }
    const auto fault = first_stage_
                           ? WalkFirstStage(memory_, unit_, *first_stage_, request_.address,
                                            request_.access, mapping_)
                           : WalkSecondStage(memory_, unit_, *second_stage_, request_.address,
                                             request_.access, names_.second_stage, mapping_);
    if (fault) return fault;
    return LandsOnInterrupts() ? std::optional(names_.interrupts) : std::nullopt;
  }

  // Section 9.2: a root entry is two, for the devices 0 to 15 and 16 to 31 of its bus.
  std::optional<VtdFault> FetchContext(std::array<std::uint64_t, 4>& context) const {
    if (entries_.device.there) return entries_.device.Get(context), std::nullopt;
    std::array<std::uint64_t, 2> root;
    if (!Read(root_table() + 16u * static_cast<unsigned>(bus()), root)) return VtdFault::kSrt1;
    const std::uint64_t half = root[devfn() < 128 ? 0 : 1];
    if (!Bit(half, 0)) return VtdFault::kSrt2;
    if (half & (beyond_host() | Mask(11, 1))) return VtdFault::kSrt3;
    if (!Read((half & Mask(63, 12)) + 32u * static_cast<unsigned>(devfn() & 127), context))
      return VtdFault::kSct1;
    return Bit(context[0], 0) ? std::nullopt : std::optional(VtdFault::kSct2);
  }

  // Section 9.4.
  std::optional<VtdFault> Scalable() {
    std::array<std::uint64_t, 4> context;
    if (const auto fault = FetchContext(context)) return fault;
    if ((context[0] & (beyond_host() | Mask(8, 5))) || (context[1] & Mask(63, 21)) ||
        context[2] != 0 || context[3] != 0) {
      return VtdFault::kSct3;
    }
    // The directory has 2^(PDTS + 7) entries of 64 PASIDs each.
    const int pasid_bits = static_cast<int>(Bits(context[0], 11, 9)) + 7 + 6;
    const std::uint64_t rid_pasid = Bits(context[1], 19, 0);
    if (rid_pasid >> pasid_bits) return VtdFault::kSct4;
    if (request_.pasid && !Bit(context[0], 3)) return VtdFault::kSct6;
    if (request_.pasid && (*request_.pasid >> pasid_bits)) return VtdFault::kSct7;
    // RID_PRIV makes a request without PASID a supervisor's, on units that have it.
    supervisor_ = !request_.pasid && Bit(context[1], 20) && Bit(unit_.ecap, 53);
    entries_.device.Set(context);
    contexts_ = {context[0] & Mask(63, 12), 1ull << pasid_bits};
    return Pasid(contexts_.address, request_.pasid.value_or(static_cast<std::uint32_t>(rid_pasid)));
  }

  // Section 9.5.
  std::optional<VtdFault> FetchPasid(std::uint64_t directory, std::uint32_t pasid,
                                     std::array<std::uint64_t, 8>& entry) const {
    if (entries_.space.there) return entries_.space.Get(entry), std::nullopt;
    std::array<std::uint64_t, 1> place;
    if (!Read(directory + 8ull * (pasid >> 6), place)) return VtdFault::kSpd1;
    if (!Bit(place[0], 0)) return VtdFault::kSpd2;
    if (place[0] & (beyond_host() | Mask(11, 2))) return VtdFault::kSpd3;
    if (!Read((place[0] & Mask(63, 12)) + 64ull * (pasid & 63), entry)) return VtdFault::kSpt1;
    return Bit(entry[0], 0) ? std::nullopt : std::optional(VtdFault::kSpt2);
  }

  // Section 9.6.
  std::optional<VtdFault> Pasid(std::uint64_t directory, std::uint32_t pasid) {
    std::array<std::uint64_t, 8> entry;
    if (const auto fault = FetchPasid(directory, pasid, entry)) return fault;
    const std::uint64_t type = Bits(entry[0], 8, 6), domain_id = Bits(entry[1], 15, 0);
    const bool first = type == 1 || type == 3, second = type == 2 || type == 3,
               pass_through = type == 4;
    if ((entry[0] & Mask(11, 10)) || (entry[1] & Mask(22, 16)) || (entry[2] & Mask(11, 8)) ||
        !HasDomain(domain_id)) {
      return VtdFault::kSpt3;
    }
    for (std::size_t i = 3; i < entry.size(); ++i) {
      if (entry[i] != 0) return VtdFault::kSpt3;
    }
    // A nested first stage is at a guest address, which the second stage judges.
    if ((second && (entry[0] & beyond_host())) || (first && !second && (entry[2] & beyond_host())))
      return VtdFault::kSpt3;

    const bool type_supported =
        (type == 1 && Bit(unit_.ecap, 47)) || (type == 2 && Bit(unit_.ecap, 46)) ||
        (type == 3 && Bit(unit_.ecap, 26)) || (pass_through && Bit(unit_.ecap, 6));
    if (!type_supported) return VtdFault::kSpt4;
    const int second_levels = LevelsOf(Bits(entry[0], 4, 2));
    if (second && second_levels == 0) return VtdFault::kSpt4;
    const std::uint64_t first_mode = Bits(entry[2], 3, 2);
    if (first && (first_mode > 1 || (first_mode == 1 && !Bit(unit_.cap, 60))))
      return VtdFault::kSpt4;
    if (first && supervisor_ && !Bit(entry[2], 0)) return VtdFault::kSpt6;
    domain_id_ = static_cast<std::uint16_t>(domain_id);
    entries_.space.Set(entry);
    names_ = {kVtdScalableFaults, VtdFault::kSgn4, VtdFault::kSgn8};

    const VtdSecondStage second_stage = {entry[0] & Mask(63, 12), second_levels};
    if (first) {
      first_stage_ = {.root = entry[2] & Mask(63, 12),
                      .levels = first_mode == 0 ? 4 : 5,
                      .supervisor = supervisor_,
                      .write_protect = Bit(entry[2], 4),
                      .nested_in = second ? std::optional(second_stage) : std::nullopt};
      Use(first_stage_->root, first_stage_->levels, true);
    } else if (second) {
      UseSecond(second_stage);
    }
    return std::nullopt;
  }

  void UseSecond(const VtdSecondStage& stage) {
    second_stage_ = stage;
    Use(stage.root, stage.levels, false);
  }

  void Use(std::uint64_t root, int levels, bool first_stage) {
    tables_ = {.top = root,
               .levels = levels,
               .input_bits = 12 + 9 * levels,
               .first_stage = first_stage,
               .contexts = contexts_.address,
               .context_count = contexts_.count};
  }

  // Section 3.14.
  bool LandsOnInterrupts() const { return Bits(mapping_.address, 63, 20) == 0xfee; }

  const PhysicalMemory& memory_;
  const VtdUnit& unit_;
  const VtdRequest& request_;
  Entries entries_;  // from a cache or fetched
  bool supervisor_ = false;
  std::optional<VtdFirstStage> first_stage_;
  std::optional<VtdSecondStage> second_stage_;  // without a first stage
  // The names of the faults of the mode.
  struct {
    VtdSecondStageFaults second_stage;
    VtdFault beyond, interrupts;
  } names_{};
  VtdMapping mapping_;
  std::optional<std::uint16_t> domain_id_;
  struct {
    std::uint64_t address = 0, count = 0;
  } contexts_;  // the PASID directory
  std::optional<TablesInUse> tables_;
};

}  // namespace

std::optional<TablesInUse> TablesOf(const PhysicalMemory& memory, const VtdUnit& unit,
                                    const VtdRequest& request) {
  if (!Bit(unit.gsts, 31)) return std::nullopt;
  Remapping remapping(memory, unit, request);
  remapping.Configure();
  return remapping.tables();
}

VtdOutcome Translate(const PhysicalMemory& memory, const VtdUnit& unit, const VtdRequest& request,
                     const Entries& cached) {
  if (!Bit(unit.gsts, 31)) return VtdTranslation{request.address, true, true, 0, std::nullopt};
  Remapping remapping(memory, unit, request, cached);
  if (const auto fault = remapping.Run()) return *fault;
  return remapping.Translation();
}

Entries EntriesOf(const PhysicalMemory& memory, const VtdUnit& unit, const VtdRequest& request,
                  std::uint16_t& domain_id) {
  domain_id = 0;
  if (!Bit(unit.gsts, 31)) return {};
  Remapping remapping(memory, unit, request);
  remapping.Configure();
  domain_id = remapping.domain_id();
  return remapping.entries();
}

std::ostream& operator<<(std::ostream& out, const VtdTranslation& translation) {
  const std::ios_base::fmtflags flags = out.flags();
  out << "0x" << std::hex << translation.address;
  out.flags(flags);
  out << ' ' << (translation.readable ? 'r' : '-') << (translation.writable ? 'w' : '-') << ' '
      << translation.page_size;
  if (translation.domain_id) return out << " domain " << *translation.domain_id;
  return out << " untranslated";
}

}  // namespace holdfast::hardware
