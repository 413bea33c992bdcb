#include "sut/kernel/dma/caches.h"

#include <algorithm>
#include <cstring>
#include <sstream>

#include "model/reach.h"
#include "sut/kernel/binding.h"
#include "sut/kernel/dma/request.h"
#include "sut/kernel/machine/page_owners.h"
#include "sut/kernel/machine/unit_state.h"
#include "sut/kernel/port.h"

namespace holdfast::kernel {
namespace {

using hardware::Entries;
using hardware::Entry;
using Cache = StaleEntry::Cache;

Caches& All() { return machine().units->caches; }

Entry EntryOf(const StaleEntry& stale) {
  Entry entry = {.there = true};
  std::copy(std::begin(stale.words), std::end(stale.words), entry.words.begin());
  return entry;
}

// A copy that is there already is not kept again.
void Keep(const StaleEntry& stale) {
  Caches& caches = All();
  for (int i = 0; i < caches.count; ++i) {
    if (std::memcmp(&caches.stale[i], &stale, sizeof(stale)) == 0) return;
  }
  if (caches.count < Caches::kMaxStale) caches.stale[caches.count++] = stale;
}

void KeepEntry(Cache cache, int unit, std::uint32_t id, std::uint32_t tag, const Entry& entry) {
  StaleEntry stale = {
      .cache = cache, .unit = static_cast<std::uint8_t>(unit), .domain = 0, .id = id, .tag = tag};
  std::copy(entry.words.begin(), entry.words.end(), std::begin(stale.words));
  Keep(stale);
}

// What the unit may have in its IOTLB after a walk through these entries.
void KeepTranslation(int unit, std::uint32_t id, const Entries& entries) {
  TablePages pages;
  LiveMemory memory(pages);
  std::uint64_t tag = 0;
  const std::uint8_t domain = ReachOf(memory, unit, id, tag, entries);
  if (domain >= kMaxDomains) return;
  Keep({.cache = Cache::kTranslation,
        .unit = static_cast<std::uint8_t>(unit),
        .domain = domain,
        .tag = static_cast<std::uint32_t>(tag)});
}

// Visits the ways of a request of that id through at least one stale entry. `visit` returns true to
// stop; it may keep further translations.
template <typename Visit>
bool ForEachWay(int unit, std::uint32_t id, Visit visit) {
  const int count = All().count;
  const auto has = [&](int i, Cache cache) {
    const StaleEntry& stale = All().stale[i];
    return stale.cache == cache && stale.unit == unit && stale.id == id;
  };
  for (int d = -1; d < count; ++d) {
    if (d >= 0 && !has(d, Cache::kDevice)) continue;
    for (int s = -1; s < count; ++s) {
      if ((s < 0 && d < 0) || (s >= 0 && !has(s, Cache::kSpace))) continue;
      Entries entries;
      if (d >= 0) entries.device = EntryOf(All().stale[d]);
      if (s >= 0) entries.space = EntryOf(All().stale[s]);
      if (visit(entries, All().stale[d >= 0 ? d : s])) return true;
    }
  }
  return false;
}

bool IsScalable(int unit) { return (VtdRegisters(unit).rtaddr >> 10 & 3) == 1; }

hardware::Invalidation InvalidationOf(int unit, const hardware::QueuedCommand& command) {
  switch (kBinding.port->hardware) {
    case HOLDFAST_VTD: return hardware::VtdInvalidation(command, IsScalable(unit));
    default: return {};
  }
}

bool Takes(const hardware::Invalidation& invalidation, const StaleEntry& stale) {
  if ((stale.tag & invalidation.tag_mask) != invalidation.tag) return false;
  if (stale.cache == Cache::kTranslation) return invalidation.translations;
  return (stale.cache == Cache::kDevice ? invalidation.devices : invalidation.spaces) &&
         (stale.id & invalidation.id_mask) == invalidation.id;
}

Entries EntriesNow(const LiveMemory& memory, int unit, std::uint32_t id, std::uint16_t& tag) {
  if (kBinding.port->hardware != HOLDFAST_VTD) return {};
  const hardware::VtdRequest request = {
      .source_id = static_cast<std::uint16_t>(id), .pasid = {}, .address = 0};
  return hardware::EntriesOf(memory, VtdRegisters(unit), request, tag);
}

bool IsTranslating(int unit) {
  return kBinding.port->hardware == HOLDFAST_VTD ? VtdRegisters(unit).gsts >> 31 != 0
                                                 : (SmmuV3Registers(unit).cr0 & 1) != 0;
}

std::string Describe(const StaleEntry& stale, std::uint8_t leads_to) {
  std::ostringstream text;
  if (stale.cache == Cache::kTranslation) {
    text << "the IOTLB still has the translations of domain id 0x" << std::hex << stale.tag
         << std::dec;
  } else {
    text << (stale.cache == Cache::kDevice ? "the context-cache still has the context entry"
                                           : "the PASID-cache still has the PASID entry")
         << std::hex;
    for (int i = 0; i < (stale.cache == Cache::kDevice ? 2 : 3); ++i)
      text << " 0x" << stale.words[i];
    text << std::dec;
  }
  if (leads_to < kMaxDomains) {
    text << ", which leads to dom" << static_cast<int>(leads_to);
  } else {
    text << ", which leads nowhere";
  }
  switch (stale.cache) {
    case Cache::kDevice: text << "; no context-cache invalidation (VT-d 6.5.2.1)"; break;
    case Cache::kSpace: text << "; no PASID-cache invalidation (VT-d 6.5.2.2)"; break;
    case Cache::kTranslation: text << "; no IOTLB invalidation (VT-d 6.5.2.3)"; break;
  }
  text << " has taken it out";
  return text.str();
}

}  // namespace

void DoQueuedCommand(int unit, const hardware::QueuedCommand& command) {
  Caches& caches = All();
  if (caches.count == 0) return;
  const hardware::Invalidation invalidation = InvalidationOf(unit, command);
  const auto goes = [&](const StaleEntry& stale) {
    return stale.unit == unit && Takes(invalidation, stale);
  };
  // What goes may be used once more before it goes.
  for (int i = 0, count = caches.count; i < count; ++i) {
    const StaleEntry stale = caches.stale[i];
    if (stale.cache == Cache::kTranslation || !goes(stale)) continue;
    ForEachWay(unit, stale.id, [&](const Entries& entries, const StaleEntry&) {
      KeepTranslation(unit, stale.id, entries);
      return false;
    });
  }
  const StaleEntry* end = std::remove_if(caches.stale, caches.stale + caches.count, goes);
  const auto left = static_cast<std::uint8_t>(end - caches.stale);
  std::memset(caches.stale + left, 0, sizeof(*caches.stale) * (caches.count - left));
  caches.count = left;
}

bool IsLedAstray(int unit, std::uint32_t id, std::uint8_t walked, std::string* how) {
  const Caches& caches = All();
  if (caches.count == 0 || !IsTranslating(unit)) return false;
  const auto found = [how](const StaleEntry& stale, std::uint8_t leads_to) {
    if (how != nullptr) *how = Describe(stale, leads_to);
    return true;
  };
  const auto by_translation = [&](std::uint64_t tag) {
    for (int i = 0; tag != 0 && i < caches.count; ++i) {
      const StaleEntry& stale = caches.stale[i];
      if (stale.cache == Cache::kTranslation && stale.unit == unit && stale.tag == tag &&
          stale.domain != walked)
        return found(stale, stale.domain);
    }
    return false;
  };
  TablePages pages;
  LiveMemory memory(pages);
  if (ForEachWay(unit, id, [&](const Entries& entries, const StaleEntry& stale) {
        std::uint64_t tag = 0;
        const std::uint8_t to = ReachOf(memory, unit, id, tag, entries);
        return to != walked ? found(stale, to) : by_translation(tag);
      }))
    return true;
  std::uint16_t tag = 0;
  EntriesNow(memory, unit, id, tag);
  return by_translation(tag);
}

template <typename Visit>
void EntriesInMemory::ForEachId(Visit visit) {
  const Machine& m = machine();
  for (int d = 0; d < m.device_count; ++d) {
    const DeviceObject& object = *m.devices[d];
    if (!object.pci.dev.iommu) continue;
    TablePages pages;
    const LiveMemory memory(pages);
    const int unit = UnitOf(d);
    for (unsigned i = 0; i < object.fwspec.num_ids; ++i) {
      OfId now;
      now.entries = EntriesNow(memory, unit, object.fwspec.ids[i], now.tag);
      visit(unit, object.fwspec.ids[i], now, of_[static_cast<std::size_t>(d)][i]);
    }
    for (std::size_t i = 0; i < pages.count; ++i) pages_.Add(pages.page[i]);
  }
}

// A domain's tables do not change: they hold no entry. A table that nothing leads to is in no walk.
bool EntriesInMemory::Counts(int page) {
  if (!kBinding.port->invalidates) return false;
  if (page >= 0) {
    const Owner owner = machine().units->pages.allocated_for[page];
    if (owner == 0 || owner >= kDomainOwner) return false;
  }
  if (!begun_) {
    begun_ = true;
    pages_ = {};
    ForEachId([](int, std::uint32_t, const OfId& now, OfId& before) { before = now; });
  }
  return page < 0 || pages_.Has(page);
}

void EntriesInMemory::Look() {
  if (!begun_) return;
  pages_ = {};
  ForEachId([](int unit, std::uint32_t id, const OfId& now, OfId& before) {
    if (now.entries == before.entries) return;
    const Entries& was = before.entries;
    if (was.device.there && was.device != now.entries.device)
      KeepEntry(Cache::kDevice, unit, id, before.tag, was.device);
    if (was.space.there && was.space != now.entries.space)
      KeepEntry(Cache::kSpace, unit, id, before.tag, was.space);
    if (was.device.there) KeepTranslation(unit, id, was);
    before = now;
  });
}

}  // namespace holdfast::kernel
