#include "sut/hardware/smmuv3.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <ios>
#include <ostream>

#include "sut/hardware/bits.h"
#include "sut/hardware/smmuv3_paging.h"

namespace holdfast::hardware {
namespace {

using Event = SmmuV3Event;
// The words of each that this implementation looks at, of eight. They are aligned to 64 bytes, and
// fetched or not as a whole.
using Ste = std::array<std::uint64_t, 4>;
using Cd = std::array<std::uint64_t, 3>;

// A fault that is no stage's.
constexpr SmmuV3Fault Configuration(Event event) { return {event, 0, SmmuV3Class::kInput}; }

// One transaction on its way. Each step answers with the fault that ends it, or with nothing and
// goes on.
class Lookup {
 public:
  Lookup(const PhysicalMemory& memory, const SmmuV3Unit& unit, const SmmuV3Transaction& transaction)
      : memory_(memory), unit_(unit), transaction_(transaction) {}

  std::optional<SmmuV3Fault> Run() {
    if (!Bit(unit_.cr0, 0)) {  // section 3.11: bypass or abort, by GBPA
      if (Bit(unit_.gbpa, 20) || IsBeyondOutput(transaction_.address))
        return Configuration(Event::kAborted);
      mapping_.address = transaction_.address;
      return std::nullopt;
    }
    Ste ste;
    if (const auto fault = FetchSte(ste)) return fault;
    return Stream(ste);
  }

  // Of the walk that Run made.
  const std::optional<TablesInUse>& tables() const { return tables_; }

  SmmuV3Translation Translation() const {
    return {
        mapping_.address, mapping_.readable, mapping_.writable, mapping_.page_size, asid_, vmid_};
  }

 private:
  bool IsBeyondOutput(std::uint64_t address) const {
    return (address & Mask(63, unit_.output_bits)) != 0;
  }

  template <std::size_t kWords>
  bool Read(std::uint64_t address, std::array<std::uint64_t, kWords>& words) const {
    if (IsBeyondOutput(address)) return false;
    for (std::size_t i = 0; i < kWords; ++i) {
      const std::optional<std::uint64_t> word = memory_.Read(address + 8 * i);
      if (!word) return false;
      words[i] = *word;
    }
    return true;
  }

  // CD.IPS and STE.S2PS, capped by what the unit has.
  int OutputBits(std::uint64_t size) const {
    constexpr int kBits[] = {32, 36, 40, 42, 44, 48, 52, 56};
    return std::min(kBits[size], unit_.output_bits);
  }

  // Sections 3.3.1 and 5.1, and STRTAB_BASE(_CFG) in 6.3. The stream table is aligned to its size.
  std::optional<SmmuV3Fault> FetchSte(Ste& ste) const {
    const std::uint64_t stream = transaction_.stream_id;
    const int log2_size = static_cast<int>(Bits(unit_.strtab_base_cfg, 5, 0));
    if (stream >> std::min(log2_size, unit_.stream_id_bits))
      return Configuration(Event::kBadStreamId);
    const bool two_level = Bits(unit_.strtab_base_cfg, 17, 16) == 1;
    if (!two_level) {
      const std::uint64_t table = unit_.strtab_base & Mask(55, log2_size + 6);
      return Read(table + 64 * stream, ste) ? std::nullopt
                                            : std::optional(Configuration(Event::kSteFetch));
    }
    const int field = static_cast<int>(Bits(unit_.strtab_base_cfg, 10, 6));
    const int split = field == 8 || field == 10 ? field : 6;
    const std::uint64_t table = unit_.strtab_base & Mask(55, std::max(6, log2_size - split + 3));
    std::array<std::uint64_t, 1> descriptor{};
    if (!Read(table + 8 * (stream >> split), descriptor)) return Configuration(Event::kSteFetch);
    // Span: the second level has 2^(Span - 1) entries; 0 is none, and so is what is beyond SPLIT or
    // reserved (12 to 31).
    const int span = static_cast<int>(Bits(descriptor[0], 4, 0));
    const std::uint64_t index = Bits(stream, split - 1, 0);
    if (span == 0 || span > split + 1 || (index >> (span - 1)))
      return Configuration(Event::kBadStreamId);
    const std::uint64_t second = descriptor[0] & Mask(55, span - 1 + 6);
    return Read(second + 64 * index, ste) ? std::nullopt
                                          : std::optional(Configuration(Event::kSteFetch));
  }

  // Section 5.2.
  std::optional<SmmuV3Fault> Stream(const Ste& ste) {
    if (!Bit(ste[0], 0)) return Configuration(Event::kBadSte);
    const std::uint64_t config = Bits(ste[0], 3, 1);
    if (!Bit(config, 2)) return Configuration(Event::kAborted);
    const bool has_stage1 = Bit(config, 0), has_stage2 = Bit(config, 1);
    if ((has_stage1 && IsIllegalStage1(ste)) || (has_stage2 && IsIllegalStage2(ste)))
      return Configuration(Event::kBadSte);
    std::optional<SmmuV3Stage2> stage2;
    if (has_stage2) stage2 = Stage2Of(ste);
    if (stage2) Use(stage2->tables, false);

    const bool substreams = has_stage1 && unit_.substream_id_bits != 0 && SubstreamBits(ste) != 0;
    if (transaction_.substream_id) {
      if (!substreams || (*transaction_.substream_id >> SubstreamBits(ste)))
        return Configuration(Event::kBadSubstreamId);
    }
    bool bypass_stage1 = !has_stage1;
    if (substreams) {
      switch (Bits(ste[1], 1, 0)) {  // S1DSS: what becomes of transactions without a substream
        case 1: bypass_stage1 = !transaction_.substream_id; break;
        case 2:  // they have substream 0 to themselves
          if (transaction_.substream_id == 0u) return Configuration(Event::kStreamDisabled);
          break;
        default:
          if (!transaction_.substream_id) return Configuration(Event::kStreamDisabled);
      }
    }
    const std::uint16_t vmid = static_cast<std::uint16_t>(Bits(ste[2], 15, 0));
    if (!bypass_stage1) {
      vmid_ = vmid;
      Cd cd;
      if (const auto fault = FetchCd(ste, substreams, stage2, cd)) return fault;
      return Stage1(ste, cd, stage2);
    }
    if (IsBeyondOutput(transaction_.address))
      return SmmuV3Fault{Event::kAddressSize, 1, SmmuV3Class::kInput};
    mapping_.address = transaction_.address;
    if (!stage2) return std::nullopt;
    vmid_ = vmid;
    return WalkStage2(memory_, *stage2, transaction_.address, transaction_.access,
                      SmmuV3Class::kInput, mapping_);
  }

  // S1CDMax
  static int SubstreamBits(const Ste& ste) { return static_cast<int>(Bits(ste[0], 63, 59)); }
  static std::uint64_t ContextPointer(const Ste& ste) { return ste[0] & Mask(55, 6); }

  // Section 5.2.2. Stalls are not implemented, so S1STALLD is not allowed either.
  bool IsIllegalStage1(const Ste& ste) const {
    if (Bit(ste[1], 27)) return true;
    if (unit_.substream_id_bits != 0 && SubstreamBits(ste) > unit_.substream_id_bits) return true;
    return IsBeyondOutput(ContextPointer(ste));
  }

  // Not VMSAv8-64 (S2AA64), big-endian (S2ENDI), flags to be updated (S2HD, S2HA), stalls (S2S),
  // another granule (S2TG), or sizes that do not go together.
  bool IsIllegalStage2(const Ste& ste) const {
    if (!Bit(ste[2], 51) || Bit(ste[2], 52) || Bit(ste[2], 55) || Bit(ste[2], 56) ||
        Bit(ste[2], 57))
      return true;
    if (Bits(ste[2], 47, 46) != 0) return true;
    const int size = static_cast<int>(Bits(ste[2], 37, 32));  // S2T0SZ
    if (size < std::max(16, 64 - unit_.output_bits) || size > 39) return true;
    const std::uint64_t start = Bits(ste[2], 39, 38);  // S2SL0
    if (start == 2 && unit_.output_bits < 44) return true;
    // The first level resolves at least one bit, and at most sixteen tables are concatenated. S2SL0
    // 3 leaves no bit.
    const int first_bits = 64 - size - (12 + 9 * (3 - FirstLevelOf(start)));
    if (first_bits < 1 || first_bits > 9 + 4) return true;
    return ((ste[3] & Mask(51, 4)) >> OutputBits(Bits(ste[2], 50, 48))) != 0;
  }

  static int FirstLevelOf(std::uint64_t start) { return 2 - static_cast<int>(start); }

  SmmuV3Stage2 Stage2Of(const Ste& ste) const {
    return {.tables = {.base = ste[3] & Mask(51, 4),
                       .first_level = FirstLevelOf(Bits(ste[2], 39, 38)),
                       .input_bits = 64 - static_cast<int>(Bits(ste[2], 37, 32)),
                       .output_bits = OutputBits(Bits(ste[2], 50, 48)),
                       .access_flag = !Bit(ste[2], 53)}};
  }

  // Words of a CD table: at an intermediate address if stage 2 translates.
  template <std::size_t kWords>
  std::optional<SmmuV3Fault> FetchContext(std::uint64_t address,
                                          const std::optional<SmmuV3Stage2>& stage2,
                                          std::array<std::uint64_t, kWords>& words) const {
    if (stage2) {
      SmmuV3Mapping place;
      const auto fault = WalkStage2(memory_, *stage2, address, Access::kRead,
                                    SmmuV3Class::kContextDescriptor, place);
      if (fault) return fault;
      address = place.address;
    }
    return Read(address, words) ? std::nullopt : std::optional(Configuration(Event::kCdFetch));
  }

  // Sections 3.3.2 and 5.3, and STE.S1Fmt. Tables are aligned to their size.
  std::optional<SmmuV3Fault> FetchCd(const Ste& ste, bool substreams,
                                     const std::optional<SmmuV3Stage2>& stage2, Cd& cd) const {
    const std::uint64_t pointer = ContextPointer(ste);
    if (!substreams) return FetchContext(pointer, stage2, cd);
    const std::uint64_t index = transaction_.substream_id.value_or(0), format = Bits(ste[0], 5, 4);
    const int bits = SubstreamBits(ste);
    if (format == 0 || format == 3)
      return FetchContext((pointer & Mask(55, bits + 6)) + 64 * index, stage2, cd);
    const int split = format == 1 ? 6 : 10;  // second-level tables of 4 KB or 64 KB
    std::array<std::uint64_t, 1> descriptor{};
    const std::uint64_t first = pointer & Mask(55, std::max(6, bits - split + 3));
    if (const auto fault = FetchContext(first + 8 * (index >> split), stage2, descriptor))
      return fault;
    const std::uint64_t second = descriptor[0] & Mask(55, split + 6);
    if (!Bit(descriptor[0], 0) || IsBeyondOutput(second))
      return Configuration(Event::kBadSubstreamId);
    return FetchContext(second + 64 * Bits(index, split - 1, 0), stage2, cd);
  }

  // Section 5.4.2, with the fields of one of the two tables. TG0 and TG1 have different codes for 4
  // KB.
  static bool IsIllegalTable(std::uint64_t size, bool is_4k, std::uint64_t base, int output_bits) {
    return size < 16 || size > 39 || !is_4k || (base >> output_bits) != 0;
  }

  // Section 5.4: stage 1 by a context descriptor.
  std::optional<SmmuV3Fault> Stage1(const Ste& ste, const Cd& cd,
                                    const std::optional<SmmuV3Stage2>& stage2) {
    const auto bad = Configuration(Event::kBadCd);
    const auto translation_fault = SmmuV3Fault{Event::kTranslation, 1, SmmuV3Class::kInput};
    const int output_bits = OutputBits(Bits(cd[0], 34, 32));  // IPS
    const bool disabled0 = Bit(cd[0], 14), disabled1 = Bit(cd[0], 30);
    const std::uint64_t size0 = Bits(cd[0], 5, 0), size1 = Bits(cd[0], 21, 16);
    const std::uint64_t base0 = cd[1] & Mask(51, 4), base1 = cd[2] & Mask(51, 4);
    // Not valid; not VMSAv8-64 (AA64), flags to be updated (HD, HA), stalls (S), big-endian (ENDI).
    if (!Bit(cd[0], 31) || !Bit(cd[0], 41) || Bit(cd[0], 42) || Bit(cd[0], 43) || Bit(cd[0], 44))
      return bad;
    if (Bit(cd[0], 15) && !(disabled0 && disabled1)) return bad;
    if (!disabled0 && IsIllegalTable(size0, Bits(cd[0], 7, 6) == 0, base0, output_bits)) return bad;
    if (!disabled1 && IsIllegalTable(size1, Bits(cd[0], 23, 22) == 2, base1, output_bits))
      return bad;
    asid_ = static_cast<std::uint16_t>(Bits(cd[0], 63, 48));

    // VA[55] selects the table; the bits above its input are the sign, but for the top byte where
    // that is ignored (TBI).
    const bool upper = Bit(transaction_.address, 55);
    if (upper ? disabled1 : disabled0) return translation_fault;
    const int input_bits = 64 - static_cast<int>(upper ? size1 : size0);
    const std::uint64_t sign = Mask(Bit(cd[0], upper ? 39 : 38) ? 55 : 63, input_bits);
    if ((transaction_.address & sign) != (upper ? sign : 0)) return translation_fault;

    const SmmuV3Stage1 stage1 = {.tables = {.base = upper ? base1 : base0,
                                            .first_level = 3 - (input_bits - 1 - 12) / 9,
                                            .input_bits = input_bits,
                                            .output_bits = output_bits,
                                            .access_flag = !Bit(cd[0], 35)},      // AFFD
                                 .hierarchical = !Bit(upper ? cd[2] : cd[1], 1),  // HAD0, HAD1
                                 // PRIVCFG; devices send unprivileged transactions
                                 .privileged = Bits(ste[1], 49, 48) == 3,
                                 .privileged_access_never = Bit(cd[0], 40),
                                 .nested_in = stage2};
    if (!stage2) Use(stage1.tables, true);
    if (tables_) {
      tables_->contexts = ContextPointer(ste);
      tables_->context_count = 1ull << SubstreamBits(ste);
    }
    return WalkStage1(memory_, stage1, transaction_.address, transaction_.access, mapping_);
  }

  void Use(const SmmuV3Tables& tables, bool first_stage) {
    tables_ = {.top = tables.base,
               .levels = 4 - tables.first_level,
               .input_bits = tables.input_bits,
               .first_stage = first_stage};
  }

  const PhysicalMemory& memory_;
  const SmmuV3Unit& unit_;
  const SmmuV3Transaction& transaction_;
  SmmuV3Mapping mapping_;
  std::optional<std::uint16_t> asid_, vmid_;
  std::optional<TablesInUse> tables_;
};

}  // namespace

std::optional<TablesInUse> TablesOf(const PhysicalMemory& memory, const SmmuV3Unit& unit,
                                    const SmmuV3Transaction& transaction) {
  Lookup lookup(memory, unit, transaction);
  lookup.Run();
  return lookup.tables();
}

SmmuV3Outcome Translate(const PhysicalMemory& memory, const SmmuV3Unit& unit,
                        const SmmuV3Transaction& transaction) {
  Lookup lookup(memory, unit, transaction);
  if (const auto fault = lookup.Run()) return *fault;
  return lookup.Translation();
}

std::ostream& operator<<(std::ostream& out, const SmmuV3Translation& translation) {
  const std::ios_base::fmtflags flags = out.flags();
  out << "0x" << std::hex << translation.address;
  out.flags(flags);
  out << ' ' << (translation.readable ? 'r' : '-') << (translation.writable ? 'w' : '-') << ' '
      << translation.page_size;
  if (translation.asid) out << " asid " << *translation.asid;
  if (translation.vmid) out << " vmid " << *translation.vmid;
  return out;
}

}  // namespace holdfast::hardware
