// States, parsed. The sections may stand in any order. So the line is first cut into sections
// (state_cut.h). Then the sections are resolved in the order of their enum, each by the
// implications of the sections before it.
#include <algorithm>
#include <array>
#include <bitset>
#include <limits>
#include <type_traits>
#include <utility>

#include "model/text/scanner.h"
#include "model/text/state_cut.h"
#include "model/text/state_sections.h"
#include "model/text/text.h"

namespace holdfast {
namespace {

// a slot number is a SlotRef
constexpr std::size_t kMaxSlots = std::numeric_limits<SlotRef>::max();

class StateParser {
 public:
  StateParser(std::string_view text, const Topology& topology)
      : text_(text), topology_(topology), scanner_(text), state_(InitialState(topology)) {}

  Parsed<StateClaim> Parse() {
    Cut cut;
    if (!CutUp(scanner_, kOfState, cut)) return scanner_.error();
    if (cut.stand == 0) {
      scanner_.Fail("a section such as devices[dev0:dom0]");
      return scanner_.error();
    }
    if (cut.Has(Section::kRestored) && !cut.Has(Section::kIncoming)) {
      scanner_.FailAt(cut[Section::kRestored].begin, "incoming[...] too");
      return scanner_.error();
    }
    // The sections of pointers and pages are differences from the records.
    for (Section section : {Section::kPointers, Section::kKho}) {
      if (cut.Has(section) && (cut.stand & kChains) != kChains && !cut.Has(Section::kNoFlb)) {
        scanner_.FailAt(cut[section].begin,
                        "domains[...], iommus[...] and devices[...] too, or no-flb");
        return scanner_.error();
      }
    }
    state_.crashed = cut.Has(Section::kCrashed);
    if (!ResolveFlb(cut, state_.flb) || !ResolveFiles(cut) || !ResolvePointers(cut) ||
        !ResolveKho(cut) || !ResolveOwners(cut) || !ResolveAttached(cut) || !ResolveFrozen(cut) ||
        !ResolveIncoming(cut) || !ResolveRestored(cut)) {
      return scanner_.error();
    }
    // A chain implies an FLB, unless no-flb stands beside it.
    if (cut.stand & kChains) cut.stand |= SectionBit(Section::kNoFlb);
    return StateClaim{.state = std::move(state_), .sections = cut.stand};
  }

 private:
  // Reads the body of a section from here on.
  void Enter(const Body& body) {
    scanner_.Window(body.begin, body.end);
    scanner_.SkipBlanks();
  }

  // After an entry of a list: its end, or blanks.
  bool TakeSeparator() {
    return scanner_.AtEnd() || scanner_.SkipBlanks() || scanner_.Fail("a blank or ']'");
  }

  // Calls take() for each entry of a list.
  template <typename TakeEntry>
  bool ForEachEntry(const Body& body, TakeEntry take) {
    for (Enter(body); !scanner_.AtEnd();) {
      if (!take() || !TakeSeparator()) return false;
    }
    return true;
  }

  bool TakeValue(const Body& body, std::uint64_t max, std::uint64_t& value) {
    Enter(body);
    return scanner_.TakeNumber(0, max, "a number", value) && scanner_.TakeEnd();
  }

  // "dom3", "iommu0" or "dev2", as `kinds` allows. `taken` marks the earlier objects of this list.
  struct Object {
    char kind = 0;  // 'd'omain, 'i'ommu or de'v'ice
    std::uint8_t index = 0;
  };
  using Taken = std::bitset<3 * 256>;
  bool TakeOnce(std::string_view kinds, Taken& taken, Object& object) {
    const std::size_t at = scanner_.at();
    const std::string_view word = scanner_.PeekWord();
    object.kind = word.starts_with("dom") ? 'd' : word.starts_with("iommu") ? 'i' : 'v';
    if (kinds.find(object.kind) == std::string_view::npos) object.kind = kinds.back();
    const bool took =
        object.kind == 'd'   ? scanner_.TakeObject("dom", topology_.domains.size(), object.index)
        : object.kind == 'i' ? scanner_.TakeObject("iommu", topology_.iommus.size(), object.index)
                             : scanner_.TakeObject("dev", topology_.devices.size(), object.index);
    if (!took) return false;
    const std::size_t bit = (object.kind == 'd'   ? 0u
                             : object.kind == 'i' ? 256u
                                                  : 512u) +
                            object.index;
    if (taken[bit]) return scanner_.FailAt(at, "each object once");
    taken.set(bit);
    return true;
  }

  bool TakeRef(SlotRef& ref) {
    std::uint64_t number = 0;
    if (scanner_.TakeIf('#')) {
      if (!scanner_.TakeNumber(0, kMaxSlots, "a slot number", number)) return false;
      ref = static_cast<SlotRef>(number);
    } else if (scanner_.TakeIf("null")) {
      ref = kNull;
    } else if (scanner_.TakeIf("stale")) {
      ref = kStale;
    } else if (scanner_.TakeIf("wild")) {
      ref = kWild;
    } else {
      return scanner_.Fail("a reference: #0 and so on, null, stale or wild");
    }
    return true;
  }

  bool TakeOwner(HwSlot& slot) {
    return scanner_.TakeIf('?') ||
           scanner_.TakeObject("iommu", topology_.iommus.size(), slot.iommu);
  }
  bool TakeOwner(DomainSlot& slot) {
    return scanner_.TakeIf('?') ||
           scanner_.TakeObject("dom", topology_.domains.size(), slot.domain);
  }
  bool TakeOwner(DeviceSlot& slot) {
    return scanner_.TakeIf('?') ||
           scanner_.TakeObject("dev", topology_.devices.size(), slot.device);
  }

  bool TakeReferences(const Flb&, HwSlot&) { return true; }
  bool TakeReferences(const Flb&, DomainSlot&) { return true; }
  bool TakeReferences(Flb& flb, DeviceSlot& slot) {
    if (!scanner_.Take(':')) return false;
    if (scanner_.PeekWord().starts_with("dom")) {
      if (!TakeNamedDomain(flb, slot)) return false;
    } else if (!TakeRef(slot.domain)) {
      return false;
    }
    if (scanner_.TakeIf('@')) {
      if (!TakeRef(slot.hw)) return false;
    } else {
      if (imply_iommus_ && !slot.deleted && slot.device != kNone)
        ImplyHw(flb, topology_.devices[slot.device].iommu);
      slot.hw = ImpliedHw(flb, topology_, slot.device);
    }
    slot.attachment = ImpliedAttachment(flb, slot.domain);
    if (!scanner_.TakeIf('/')) return true;
    slot.attachment = kNone;
    return scanner_.TakeIf("none") ||
           scanner_.TakeObject("dom", topology_.domains.size(), slot.attachment);
  }

  // "dom0" in a device slot: the last live record of that domain.
  bool TakeNamedDomain(Flb& flb, DeviceSlot& slot) {
    const std::size_t at = scanner_.at();
    std::uint8_t domain = 0;
    if (!scanner_.TakeObject("dom", topology_.domains.size(), domain)) return false;
    slot.domain = LastLive(flb.domains, domain);
    if (slot.domain == kNull && imply_domains_) {
      slot.domain = static_cast<SlotRef>(flb.domains.size());
      flb.domains.push_back({.domain = domain, .ref_count = 1});
    }
    return slot.domain != kNull ||
           scanner_.FailAt(at, "a domain with a live record in domains[...]");
  }

  void ImplyHw(Flb& flb, std::uint8_t iommu) {
    if (LastLive(flb.iommus, iommu) == kNull) flb.iommus.push_back({.iommu = iommu});
    ++flb.iommus[static_cast<std::size_t>(LastLive(flb.iommus, iommu))].ref_count;
  }

  // "!incoming" and, for a device, "!token=0x1f", in this order.
  template <typename Slot>
  bool TakeMarks(Slot& slot) {
    SetToken(slot, ImpliedToken(tokens_, ObjectOf(slot)));
    bool has_token = false;
    while (!has_token && scanner_.TakeIf('!')) {
      if (!slot.incoming && scanner_.TakeIf("incoming")) {
        slot.incoming = true;
      } else if (std::is_same_v<Slot, DeviceSlot> && scanner_.TakeIf("token")) {
        std::uint64_t token = 0;
        if (!scanner_.Take('=') || !TakeHex(token)) return false;
        SetToken(slot, token);
        has_token = true;
      } else {
        return scanner_.Fail(std::is_same_v<Slot, DeviceSlot> ? "incoming or token=" : "incoming");
      }
    }
    return true;
  }
  static void SetToken(DeviceSlot& slot, std::uint64_t token) { slot.dma_owner_token = token; }
  template <typename Slot>
  static void SetToken(Slot&, std::uint64_t) {}

  bool TakeHex(std::uint64_t& value) {
    const std::string_view word = scanner_.PeekWord();
    const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (!word.starts_with("0x") || word.size() < 3 || word.size() > 18 ||
        !std::all_of(word.begin() + 2, word.end(), is_hex)) {
      return scanner_.Fail("a token such as 0x1f");
    }
    value = 0;
    for (char c : word.substr(2))
      value = value << 4 | static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    scanner_.TakeWord();
    return true;
  }

  template <typename Slot>
  bool TakeSlot(Flb& flb, Slot& slot) {
    if (scanner_.TakeIf("x")) {
      slot = Deleted<Slot>();
      if (!scanner_.TakeIf('=')) return true;
    }
    slot.ref_count = 1;
    if (!TakeOwner(slot) || !TakeReferences(flb, slot)) return false;
    if (scanner_.TakeIf('*')) {
      std::uint64_t count = 0;
      if (!scanner_.TakeNumber(0, UINT32_MAX, "a reference count", count)) return false;
      slot.ref_count = static_cast<std::uint32_t>(count);
    }
    return TakeMarks(slot);
  }

  template <typename Slot>
  bool TakeChain(const Body& body, Flb& flb, std::vector<Slot>& chain) {
    return ForEachEntry(body, [&] {
      if (chain.size() >= kMaxSlots) return scanner_.Fail("no more records");
      Slot slot;
      if (!TakeSlot(flb, slot)) return false;
      chain.push_back(slot);
      return true;
    });
  }

  bool ResolveFlb(const Cut& cut, Flb& flb) {
    flb.present = (cut.stand & kChains) != 0 && !cut.Has(Section::kNoFlb);
    tokens_ = cut.Has(Section::kTokens);
    imply_domains_ = !cut.Has(Section::kDomains);
    imply_iommus_ = !cut.Has(Section::kIommus);
    const bool taken = TakeChain(cut[Section::kDomains], flb, flb.domains) &&
                       TakeChain(cut[Section::kIommus], flb, flb.iommus) &&
                       TakeChain(cut[Section::kDevices], flb, flb.devices) &&
                       ForEachEntry(cut[Section::kDamage], [&] { return TakeDamage(flb); });
    if (!taken || !tokens_ || HasTokens(flb)) return taken;
    return scanner_.FailAt(cut[Section::kTokens].begin, "no tokens, as no record has its device's");
  }

  bool TakeDamage(Flb& flb) {
    const auto name = std::find(kDamageNames.begin(), kDamageNames.end(), scanner_.PeekWord());
    if (name == kDamageNames.end())
      return scanner_.Fail("damage: bad-page, cycle, overfull, unpreserved or gap");
    flb.damage |= static_cast<std::uint8_t>(1u << (name - kDamageNames.begin()));
    scanner_.TakeWord();
    return true;
  }

  bool ResolveFiles(const Cut& cut) {
    std::uint64_t value = ImpliedFiles(state_.flb.present);
    if (cut.Has(Section::kFiles) && !TakeValue(cut[Section::kFiles], UINT16_MAX, value))
      return false;
    state_.files = static_cast<std::uint16_t>(value);
    state_.flb_refs = ImpliedRefs(state_);
    if (!cut.Has(Section::kRefs)) return true;
    // LUO's count is the only number here that can be below zero.
    Body body = cut[Section::kRefs];
    const bool negative = text_[body.begin] == '-';
    if (negative) ++body.begin;
    if (!TakeValue(body, negative ? 32768 : 32767, value)) return false;
    state_.flb_refs =
        static_cast<std::int16_t>(negative ? -static_cast<int>(value) : static_cast<int>(value));
    return true;
  }

  bool ResolvePointers(const Cut& cut) {
    for (std::size_t i = 0; i < topology_.domains.size(); ++i) {
      state_.preserved_state[i] = LastLive(state_.flb.domains, i);
    }
    for (std::size_t i = 0; i < topology_.iommus.size(); ++i) {
      state_.outgoing_preserved_state[i] = LastLive(state_.flb.iommus, i);
    }
    for (std::size_t i = 0; i < topology_.devices.size(); ++i)
      state_.device_ser[i] = LastLive(state_.flb.devices, i);
    Taken taken;
    return ForEachEntry(cut[Section::kPointers], [&] {
      Object object;
      if (!TakeOnce("div", taken, object) || !scanner_.Take('=')) return false;
      return TakeRef(object.kind == 'd'   ? state_.preserved_state[object.index]
                     : object.kind == 'i' ? state_.outgoing_preserved_state[object.index]
                                          : state_.device_ser[object.index]);
    });
  }

  bool ResolveKho(const Cut& cut) {
    KhoPages& kho = state_.kho;
    kho = ImpliedKho(state_.flb);
    Taken taken;
    return ForEachEntry(cut[Section::kKho], [&] {
      if (scanner_.TakeIf("stray")) {
        std::uint64_t stray = 0;
        if (!scanner_.Take('=') || !scanner_.TakeNumber(0, UINT16_MAX, "a number of pages", stray))
          return false;
        kho.stray = static_cast<std::uint16_t>(stray);
        return true;
      }
      const bool preserved = scanner_.TakeIf('+');
      if (!preserved && !scanner_.TakeIf('-'))
        return scanner_.Fail("+ or - and an object, or stray=");
      Object object;
      if (!TakeOnce("div", taken, object)) return false;
      const auto set = [&](auto& pages) {
        const unsigned bit = 1u << object.index;
        pages = static_cast<std::remove_reference_t<decltype(pages)>>(preserved ? pages | bit
                                                                                : pages & ~bit);
      };
      if (object.kind == 'd') set(kho.domains);
      if (object.kind == 'i') set(kho.iommus);
      if (object.kind == 'v') set(kho.devices);
      return true;
    });
  }

  bool ResolveOwners(const Cut& cut) {
    Taken taken;
    return ForEachEntry(cut[Section::kOwners], [&] {
      if (taken.none() && scanner_.TakeIf("none")) {
        state_.owner_claims.fill(0);
        return scanner_.TakeEnd();
      }
      Object object;
      std::uint64_t claims = 0;
      const std::size_t at = scanner_.at();
      if (!TakeOnce("v", taken, object)) return false;
      if (topology_.devices[object.index].group != object.index) {
        return scanner_.FailAt(at, "a group by its lowest device");
      }
      if (!scanner_.Take('=') || !scanner_.TakeNumber(0, UINT8_MAX, "a number of claims", claims))
        return false;
      state_.owner_claims[object.index] = static_cast<std::uint8_t>(claims);
      return true;
    });
  }

  bool ResolveAttached(const Cut& cut) {
    Taken taken;
    return ForEachEntry(cut[Section::kAttached], [&] {
      if (taken.none() && scanner_.TakeIf("none")) {
        state_.attached.fill(kNone);
        return scanner_.TakeEnd();
      }
      Object object;
      if (!TakeOnce("v", taken, object) || !scanner_.Take('=')) return false;
      std::uint8_t& domain = state_.attached[object.index];
      domain = kNone;
      return scanner_.TakeIf("none") ||
             scanner_.TakeObject("dom", topology_.domains.size(), domain);
    });
  }

  // `frozen` alone: the FLB and the files are as at the freeze.
  bool ResolveFrozen(const Cut& cut) {
    if (!cut.Has(Section::kFrozen)) return true;
    state_.frozen = true;
    state_.frozen_flb = state_.flb.present;
    state_.frozen_files = state_.files;
    if (!cut.HasList(Section::kFrozen)) return true;
    Enter(cut[Section::kFrozen]);
    if (scanner_.TakeIf("not")) {
      state_.frozen = false;
      if (!scanner_.TakeGap()) return false;
    }
    state_.frozen_flb = scanner_.TakeIf("flb");
    if (!state_.frozen_flb && !scanner_.TakeIf("no-flb")) return scanner_.Fail("flb or no-flb");
    std::uint64_t files = 0;
    if (!scanner_.TakeGap() || !(scanner_.TakeIf("files") || scanner_.Fail("files=")) ||
        !scanner_.Take('=') || !scanner_.TakeNumber(0, UINT16_MAX, "a number of files", files)) {
      return false;
    }
    state_.frozen_files = static_cast<std::uint16_t>(files);
    return scanner_.TakeEnd();
  }

  bool ResolveIncoming(const Cut& outer) {
    if (!outer.Has(Section::kIncoming)) return true;
    Incoming& incoming = state_.incoming;
    Enter(outer[Section::kIncoming]);
    const auto status = std::find(kStatusNames.begin(), kStatusNames.end(), scanner_.PeekWord());
    if (status == kStatusNames.end()) {
      return scanner_.Fail("a status: none, handed-over, retrieved, failed or finished");
    }
    scanner_.TakeWord();
    if (!scanner_.AtEnd() && !scanner_.TakeGap()) return false;
    incoming.status = static_cast<Incoming::Status>(status - kStatusNames.begin());
    Cut cut;
    if (!CutUp(scanner_, kOfIncoming, cut) || !ResolveFlb(cut, incoming.flb)) return false;
    incoming.lost = cut.Has(Section::kLost);
    std::uint64_t files = ImpliedIncomingFiles(incoming.status);
    if (cut.Has(Section::kFiles) && !TakeValue(cut[Section::kFiles], UINT16_MAX, files))
      return false;
    incoming.files = static_cast<std::uint16_t>(files);
    if (!cut.Has(Section::kError)) return true;
    Enter(cut[Section::kError]);
    return scanner_.TakeErrno(incoming.error) && scanner_.TakeEnd();
  }

  bool ResolveRestored(const Cut& cut) {
    for (std::size_t i = 0; i < topology_.devices.size(); ++i)
      state_.restored_ser[i] = ImpliedRestored(state_.incoming.flb, i);
    Taken taken;
    return ForEachEntry(cut[Section::kRestored], [&] {
      Object object;
      return TakeOnce("v", taken, object) && scanner_.Take('=') &&
             TakeRef(state_.restored_ser[object.index]);
    });
  }

  std::string_view text_;
  const Topology& topology_;
  Scanner scanner_;
  State state_;
  // a record has its device's token unless its text says otherwise
  bool tokens_ = false;
  // the chain is not claimed: it holds the records that the devices name
  bool imply_domains_ = false, imply_iommus_ = false;
};

}  // namespace

Parsed<StateClaim> ParseState(std::string_view text, const Topology& topology) {
  return StateParser(text, topology).Parse();
}

}  // namespace holdfast
