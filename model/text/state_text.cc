// States, printed: "domains[dom0] iommus[x iommu0*2] devices[x dev0:dom0 dev0:dom0]". Parsed in
// state_parse.cc.
#include <string>
#include <utility>

#include "model/text/scanner.h"
#include "model/text/state_sections.h"
#include "model/text/text.h"

namespace holdfast {
namespace {

std::string PrintName(std::string_view kind, std::uint8_t index) {
  return index == kNone ? "?" : std::string(kind) + std::to_string(index);
}

std::string PrintHex(std::uint64_t value) {
  std::string text;
  do {
    text.insert(text.begin(), "0123456789abcdef"[value & 15]);
    value >>= 4;
  } while (value != 0);
  return "0x" + text;
}

// Prints the slots of one FLB.
struct SlotPrinter {
  const Flb& flb;
  const Topology& topology;
  bool tokens = HasTokens(flb);

  std::string Name(const HwSlot& slot) const { return PrintName("iommu", slot.iommu); }
  std::string Name(const DomainSlot& slot) const { return PrintName("dom", slot.domain); }
  std::string Name(const DeviceSlot& slot) const {
    std::string text = PrintName("dev", slot.device) + ":";
    const std::uint8_t domain = ImpliedAttachment(flb, slot.domain);
    const bool by_name = domain != kNone && LastLive(flb.domains, domain) == slot.domain;
    text += by_name ? PrintName("dom", domain) : PrintSlotRef(slot.domain);
    if (slot.hw != ImpliedHw(flb, topology, slot.device)) text += "@" + PrintSlotRef(slot.hw);
    if (slot.attachment != domain)
      text += "/" + (slot.attachment == kNone ? "none" : PrintName("dom", slot.attachment));
    return text;
  }

  std::string Marks(const HwSlot&) const { return {}; }
  std::string Marks(const DomainSlot&) const { return {}; }
  std::string Marks(const DeviceSlot& slot) const {
    if (slot.dma_owner_token == ImpliedToken(tokens, slot.device)) return {};
    return "!token=" + PrintHex(slot.dma_owner_token);
  }

  template <typename Slot>
  std::string Print(const Slot& slot) const {
    if (slot == Deleted<Slot>()) return "x";
    std::string text = (slot.deleted ? "x=" : "") + Name(slot);
    if (slot.ref_count != 1) text += "*" + std::to_string(slot.ref_count);
    if (slot.incoming) text += "!incoming";
    return text + Marks(slot);
  }

  template <typename Slot>
  std::string Print(const std::vector<Slot>& chain) const {
    std::string text;
    for (const Slot& slot : chain) text += (text.empty() ? "" : " ") + Print(slot);
    return text;
  }
};

class EntryList {
 public:
  void Add(const std::string& entry) { text_ += (text_.empty() ? "" : " ") + entry; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string PrintDamage(const Flb& flb) {
  EntryList list;
  for (std::size_t i = 0; i < kDamageNames.size(); ++i) {
    if (flb.damage & (1u << i)) list.Add(std::string(kDamageNames[i]));
  }
  return list.text();
}

std::string PrintPointers(const State& state, const Topology& topology) {
  EntryList list;
  const auto add = [&list](std::string_view kind, std::size_t i, SlotRef pointer, SlotRef implied) {
    if (pointer != implied)
      list.Add(std::string(kind) + std::to_string(i) + "=" + PrintSlotRef(pointer));
  };
  for (std::size_t i = 0; i < topology.domains.size(); ++i) {
    add("dom", i, state.preserved_state[i], LastLive(state.flb.domains, i));
  }
  for (std::size_t i = 0; i < topology.iommus.size(); ++i) {
    add("iommu", i, state.outgoing_preserved_state[i], LastLive(state.flb.iommus, i));
  }
  for (std::size_t i = 0; i < topology.devices.size(); ++i) {
    add("dev", i, state.device_ser[i], LastLive(state.flb.devices, i));
  }
  return list.text();
}

// The devices whose restored state is not the implied one.
std::string PrintRestored(const State& state, const Topology& topology) {
  EntryList list;
  for (std::size_t i = 0; i < topology.devices.size(); ++i) {
    const SlotRef pointer = state.restored_ser[i];
    if (pointer != ImpliedRestored(state.incoming.flb, i))
      list.Add("dev" + std::to_string(i) + "=" + PrintSlotRef(pointer));
  }
  return list.text();
}

std::string PrintKho(const State& state, const Topology& topology) {
  EntryList list;
  const KhoPages implied = ImpliedKho(state.flb);
  const auto add = [&list](std::string_view kind, std::size_t count, unsigned pages,
                           unsigned implied_pages) {
    for (std::size_t i = 0; i < count; ++i) {
      if (((pages ^ implied_pages) >> i & 1) != 0) {
        list.Add((pages >> i & 1 ? "+" : "-") + std::string(kind) + std::to_string(i));
      }
    }
  };
  add("dom", topology.domains.size(), state.kho.domains, implied.domains);
  add("iommu", topology.iommus.size(), state.kho.iommus, implied.iommus);
  add("dev", topology.devices.size(), state.kho.devices, implied.devices);
  if (state.kho.stray != 0) list.Add("stray=" + std::to_string(state.kho.stray));
  return list.text();
}

// "none" if no group has a claim, which is not the implied state; else the groups that differ from
// the implied state.
std::string PrintOwners(const State& state, const Topology& topology) {
  EntryList list;
  bool any = false;
  for (std::size_t i = 0; i < topology.devices.size(); ++i) {
    if (topology.devices[i].group != i) continue;
    any = any || state.owner_claims[i] != 0;
    if (state.owner_claims[i] != 1)
      list.Add("dev" + std::to_string(i) + "=" + std::to_string(state.owner_claims[i]));
  }
  return any || list.text().empty() ? list.text() : "none";
}

std::string PrintAttached(const State& state, const Topology& topology) {
  EntryList list;
  bool any = false;
  const State initial = InitialState(topology);
  for (std::size_t i = 0; i < topology.devices.size(); ++i) {
    const std::uint8_t domain = state.attached[i];
    any = any || domain != kNone;
    if (domain == initial.attached[i]) continue;
    list.Add("dev" + std::to_string(i) + "=" +
             (domain == kNone ? "none" : "dom" + std::to_string(domain)));
  }
  return any || list.text().empty() ? list.text() : "none";
}

std::string PrintFrozen(const State& state) {
  if (state.frozen && state.frozen_flb == state.flb.present && state.frozen_files == state.files)
    return "frozen";
  return "frozen[" + std::string(state.frozen ? "" : "not ") +
         (state.frozen_flb ? "flb" : "no-flb") + " files=" + std::to_string(state.frozen_files) +
         "]";
}

std::string PrintFlb(const Flb& flb, const Topology& topology) {
  const SlotPrinter slots{.flb = flb, .topology = topology};
  std::string text = "domains[" + slots.Print(flb.domains) + "] iommus[" + slots.Print(flb.iommus) +
                     "] devices[" + slots.Print(flb.devices) + "]";
  if (slots.tokens) text += " tokens";
  if (flb.damage != 0) text += " damage[" + PrintDamage(flb) + "]";
  return text;
}

// The status alone, unless there is an FLB, a loss, an error or a count of dependent files to say.
std::string PrintIncoming(const Incoming& incoming, const Topology& topology) {
  EntryList list;
  list.Add(std::string(kStatusNames[static_cast<std::size_t>(incoming.status)]));
  if (incoming.files != ImpliedIncomingFiles(incoming.status))
    list.Add("files=" + std::to_string(incoming.files));
  if (incoming.lost) list.Add("lost");
  if (incoming.error != 0) {
    const std::string_view name =
        incoming.error < 0 ? ErrnoName(-incoming.error) : std::string_view();
    list.Add("error=" + (name.empty() ? std::to_string(incoming.error) : "-" + std::string(name)));
  }
  if (!(incoming.flb == Flb())) {
    if (!incoming.flb.present) list.Add("no-flb");
    list.Add(PrintFlb(incoming.flb, topology));
  }
  return list.text();
}

// The text of a section, also of an implied section. A flag that is not set is "".
std::string PrintSection(Section section, const State& state, const Topology& topology) {
  const SlotPrinter slots{.flb = state.flb, .topology = topology};
  const std::string name(kSectionNames[static_cast<std::size_t>(section)]);
  const auto flag = [&name](bool up) { return up ? name : std::string(); };
  const auto list = [&name](const std::string& entries) { return name + "[" + entries + "]"; };
  switch (section) {
    case Section::kCrashed: return flag(state.crashed);
    case Section::kNoFlb: return flag(!state.flb.present);
    case Section::kDomains: return list(slots.Print(state.flb.domains));
    case Section::kIommus: return list(slots.Print(state.flb.iommus));
    case Section::kDevices: return list(slots.Print(state.flb.devices));
    case Section::kTokens: return flag(slots.tokens);
    case Section::kDamage: return list(PrintDamage(state.flb));
    case Section::kFiles: return name + "=" + std::to_string(state.files);
    case Section::kRefs: return name + "=" + std::to_string(state.flb_refs);
    case Section::kPointers: return list(PrintPointers(state, topology));
    case Section::kKho: return list(PrintKho(state, topology));
    case Section::kOwners: return list(PrintOwners(state, topology));
    case Section::kAttached: return list(PrintAttached(state, topology));
    case Section::kFrozen: return PrintFrozen(state);
    case Section::kIncoming: return list(PrintIncoming(state.incoming, topology));
    case Section::kRestored: return list(PrintRestored(state, topology));
    case Section::kLost:
    case Section::kError: break;
  }
  return {};
}

bool IsImplied(Section section, const State& state, const Topology& topology,
               const std::string& text) {
  switch (section) {
    case Section::kDomains:
    case Section::kIommus:
    case Section::kDevices:
      return !state.flb.present && state.flb.domains.empty() && state.flb.iommus.empty() &&
             state.flb.devices.empty();
    case Section::kFiles: return state.files == ImpliedFiles(state.flb.present);
    case Section::kRefs: return state.flb_refs == ImpliedRefs(state);
    case Section::kFrozen: return !state.frozen && !state.frozen_flb && state.frozen_files == 0;
    // what is restored is read against it
    case Section::kIncoming:
      return state.incoming == Incoming() && PrintRestored(state, topology).empty();
    default: return text.ends_with("[]");
  }
}

// The sections that are not implied, with their whole text.
std::vector<StateSection> SaidSections(const State& state, const Topology& topology) {
  std::vector<StateSection> sections;
  for (int i = 0; i < kSectionCount; ++i) {
    const auto section = static_cast<Section>(i);
    std::string text = PrintSection(section, state, topology);
    if (!text.empty() && !IsImplied(section, state, topology, text))
      sections.push_back({kSectionNames[static_cast<std::size_t>(i)], std::move(text)});
  }
  return sections;
}

}  // namespace

std::string PrintState(const State& state, const Topology& topology) {
  EntryList list;
  for (const StateSection& section : SaidSections(state, topology)) list.Add(section.value);
  return list.text();
}

std::vector<StateSection> PrintSections(const State& state, const Topology& topology) {
  std::vector<StateSection> sections = SaidSections(state, topology);
  for (auto& [name, value] : sections) {
    if (value != name) value.erase(0, name.size() + (value[name.size()] == '=' ? 1 : 0));
  }
  return sections;
}

std::string PrintClaim(const StateClaim& claim, const Topology& topology) {
  EntryList list;
  for (int i = 0; i < kSectionCount; ++i) {
    const auto section = static_cast<Section>(i);
    if (!(claim.sections & SectionBit(section))) continue;
    const std::string text = PrintSection(section, claim.state, topology);
    if (!text.empty()) list.Add(text);
  }
  return list.text();
}

bool Satisfies(const State& state, const StateClaim& claim, const Topology& topology) {
  return PrintClaim({.state = state, .sections = claim.sections}, topology) ==
         PrintClaim(claim, topology);
}

}  // namespace holdfast
