// The sections of a state's text, and the implied value of each. Private to state_text.cc and
// state_parse.cc.
//
// The usual state is three chains, and the chains imply everything else. Each function here is one
// such implication, and both directions use it: the printer leaves out the implied value, the
// parser fills it in.
#ifndef HOLDFAST_MODEL_TEXT_STATE_SECTIONS_H_
#define HOLDFAST_MODEL_TEXT_STATE_SECTIONS_H_

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/state.h"
#include "model/topology.h"

namespace holdfast {

// The order of printing and of resolving: each section is implied by the sections before it.
enum class Section : std::uint8_t {
  kCrashed,
  kNoFlb,
  kDomains,
  kIommus,
  kDevices,
  kTokens,
  kDamage,
  kFiles,
  kRefs,
  kPointers,
  kKho,
  kOwners,
  kAttached,
  kFrozen,
  kIncoming,
  kRestored,
  kLost,  // this and the next within incoming[...] only
  kError,
};
inline constexpr int kSectionCount = 18;
inline constexpr std::array<std::string_view, kSectionCount> kSectionNames = {
    "crashed",  "no-flb", "domains",  "iommus",   "devices", "tokens",
    "damage",   "files",  "refs",     "pointers", "kho",     "owners",
    "attached", "frozen", "incoming", "restored", "lost",    "error"};

using Sections = std::uint32_t;
constexpr Sections SectionBit(Section section) { return 1u << static_cast<int>(section); }

inline constexpr std::array<std::string_view, 5> kDamageNames = {"bad-page", "cycle", "overfull",
                                                                 "unpreserved", "gap"};
inline constexpr std::array<std::string_view, 5> kStatusNames = {"none", "handed-over", "retrieved",
                                                                 "failed", "finished"};

// The last live slot of an object. The object's pointer names this slot, and so does the object's
// name in a device slot.
template <typename Slot>
SlotRef LastLive(const std::vector<Slot>& chain, std::size_t object) {
  if (object == kNone) return kNull;
  for (std::size_t i = chain.size(); i-- > 0;) {
    if (!chain[i].deleted && ObjectOf(chain[i]) == object) return static_cast<SlotRef>(i);
  }
  return kNull;
}

// A device slot names the last live hw slot of its own IOMMU.
inline SlotRef ImpliedHw(const Flb& flb, const Topology& topology, std::size_t device) {
  return device < topology.devices.size() ? LastLive(flb.iommus, topology.devices[device].iommu)
                                          : kNull;
}

// The attachment is the domain whose record the slot names.
inline std::uint8_t ImpliedAttachment(const Flb& flb, SlotRef domain) {
  const auto index = static_cast<std::size_t>(domain);
  return domain >= 0 && index < flb.domains.size() ? flb.domains[index].domain : kNone;
}

// With `tokens` every record has its device's own token, without it none has one.
inline std::uint64_t ImpliedToken(bool tokens, std::size_t device) {
  return tokens && device != kNone ? DmaOwnerToken(static_cast<int>(device)) : 0;
}

// True if any record has its device's own token. Then the text says `tokens`, and marks the records
// without their device's token.
inline bool HasTokens(const Flb& flb) {
  for (const DeviceSlot& slot : flb.devices) {
    if (slot.device != kNone && slot.dma_owner_token == DmaOwnerToken(slot.device)) return true;
  }
  return false;
}

inline std::uint16_t ImpliedFiles(bool flb_present) { return flb_present ? 1 : 0; }

inline std::int16_t ImpliedRefs(const State& state) {
  return state.flb.present ? static_cast<std::int16_t>(state.files) : std::int16_t{0};
}

// The table pages of everything that has a live record.
inline KhoPages ImpliedKho(const Flb& flb) {
  KhoPages kho;
  for (const HwSlot& slot : flb.iommus) {
    if (!slot.deleted && slot.iommu < kMaxIommus)
      kho.iommus = static_cast<std::uint8_t>(kho.iommus | 1u << slot.iommu);
  }
  for (const DomainSlot& slot : flb.domains) {
    if (!slot.deleted && slot.domain < kMaxDomains)
      kho.domains = static_cast<std::uint8_t>(kho.domains | 1u << slot.domain);
  }
  for (const DeviceSlot& slot : flb.devices) {
    if (!slot.deleted && slot.device < kMaxDevices)
      kho.devices = static_cast<std::uint16_t>(kho.devices | 1u << slot.device);
  }
  return kho;
}

// A device of the next kernel has taken its last record that is marked so.
inline SlotRef ImpliedRestored(const Flb& incoming, std::size_t device) {
  for (std::size_t i = incoming.devices.size(); i-- > 0;) {
    const DeviceSlot& slot = incoming.devices[i];
    if (!slot.deleted && slot.incoming && slot.device == device) return static_cast<SlotRef>(i);
  }
  return kNull;
}

inline std::uint16_t ImpliedIncomingFiles(Incoming::Status status) {
  return status == Incoming::Status::kNone || status == Incoming::Status::kFinished ? 0 : 1;
}

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_TEXT_STATE_SECTIONS_H_
