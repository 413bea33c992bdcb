#include "sut/kernel/adapter/canonical.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "sut/kernel/machine/scan.h"
#include "sut/kernel/units.h"

namespace holdfast::kernel {
namespace {

// The spelling of an address in the canonical words.
enum class Name : std::uint64_t {
  kPlace,   // of a fixed object or table, or of nothing: the offset in the arena
  kPage,    // a page of a chain: the chain, the page's number in it
  kRecord,  // a record of a chain: the chain, its place
  kBehind,  // behind the last record of a page
  kFound,   // the n-th of the other things that the walk came to
};

// The virtual and the physical address of one thing are two words. `a` and `b` are small numbers;
// `offset` is an offset into the thing.
constexpr std::uint64_t Spell(Name name, std::uint64_t kind, std::uint64_t a, std::uint64_t b,
                              std::uint64_t offset) {
  return 0xad00'0000'0000'0000ull | kind << 52 | static_cast<std::uint64_t>(name) << 48 | a << 40 |
         (b & 0xffff) << 24 | offset;
}
constexpr std::uint64_t kVirtual = 0, kPhysical = 1;
constexpr std::size_t kArenaSize = kArenaPages * kPageSize;

bool IsAddress(std::uint64_t word) {
  return word - reinterpret_cast<std::uintptr_t>(ArenaBase()) < kArenaSize ||
         OffsetOfPhysical(word) != kNoOffset;
}

}  // namespace

Canonicalizer::Canonicalizer(const RecordLayout& layout) : layout_(layout) {
  for (const Chain chain : {Chain::kHw, Chain::kDomain, Chain::kDevice}) {
    const std::size_t i = static_cast<std::size_t>(chain);
    sizes_[i] = RecordSize(layout, chain);
    capacities_[i] = layout.Capacity(sizes_[i]);
  }
}

void Canonicalizer::Walk(Past past, const std::vector<std::byte>& image,
                         const std::vector<std::byte>& image_base, const HeapBase& heap_base,
                         std::vector<std::uint64_t>& words, std::vector<std::uint64_t>* places) {
  const LuoState& luo = machine().luo;
  words.clear();
  words_ = &words;
  places_of_words_ = places;
  if (places) places->clear();
  past_ = past;
  ++walk_;
  preserved_seen_ = 0;
  places_.clear();
  for (auto& live : live_) live.clear();
  found_.clear();
  const bool arrived = luo.incoming.data != 0 && !luo.incoming.lost;
  if (luo.present) FindRecords(luo.data, 0);
  if (arrived) FindRecords(luo.incoming.data, 3);

  EmitSession();
  EmitChanges(Region::kData, 0, image.data(), image_base.data(), image.size());
  // The owner of a page is emitted with the page, whatever number the page has.
  const Units* units = machine().units;
  const std::size_t owners =
      units ? static_cast<std::size_t>(reinterpret_cast<const std::byte*>(&units->pages) -
                                       ArenaBase())
            : heap_base.size();
  const std::size_t behind = units ? owners + sizeof(units->pages) : owners;
  const auto changes = [&](std::size_t from, std::size_t to) {
    EmitChanges(Region::kObjects, from, ArenaBase() + from, heap_base.data() + from, to - from);
  };
  changes(offsetof(Machine, handler), offsetof(Machine, iommu_count));
  objects_ = words.size();
  changes(sizeof(Machine), owners);
  changes(behind, heap_base.size());
  if (luo.present) EmitFlb(luo.data, 0);
  if (arrived) EmitFlb(luo.incoming.data, 3);
  EmitFound();

  std::uint32_t preserved = 0;
  for (std::size_t word = kFirstPoolPage / 64; word * 64 < machine().next_page; ++word) {
    preserved += static_cast<std::uint32_t>(std::popcount(machine().preserved.words[word]));
  }
  Emit(preserved - preserved_seen_);
  if (units) EmitOwnedUnseen(units->pages);
  if (places) places->resize(words.size());
}

// The pages of a driver to which no pointer leads, in the order in which they were given out. They
// are few, or a driver leaks them.
void Canonicalizer::EmitOwnedUnseen(const PageOwners& owners) {
  for (int page = kFirstPoolPage; page < static_cast<int>(machine().next_page); ++page) {
    if (owners.allocated_for[page] == 0 && owners.preserved_by[page] == 0) continue;
    if (seen_[static_cast<std::size_t>(page)] != walk_) EmitPageFlags(page);
  }
}

void Canonicalizer::Walk(Past past, const std::vector<std::byte>& image,
                         const std::vector<std::byte>& image_base, const HeapBase& heap_base,
                         Walked& walked) {
  Walk(past, image, image_base, heap_base, walked.words);
  walked.past = past;
  walked.objects = objects_;
}

bool Canonicalizer::Patch(const Walked& walked, std::span<const Mirror::Change> changes,
                          const HeapBase& heap_base, std::vector<std::uint64_t>& words) const {
  if (changes.empty() || machine().units != nullptr) return false;
  const auto old = walked.words.begin();
  auto next = old + static_cast<std::ptrdiff_t>(walked.objects);  // what is not copied yet
  words.assign(old, next);
  for (const Mirror::Change& change : changes) {  // ascending
    const std::size_t offset = static_cast<std::size_t>(change.to - ArenaBase());
    if (offset + change.size > heap_base.size()) return false;
    for (std::size_t i = 0; i < change.size; i += sizeof(std::uint64_t)) {
      const std::uint64_t now = Load<std::uint64_t>(change.to, i),
                          then = Load<std::uint64_t>(change.from, i);
      if (now == then) continue;
      if (offset + i < sizeof(Machine) || IsAddress(now) || IsAddress(then)) return false;
      const std::uint64_t at = offset + i - sizeof(Machine);
      // the mark at the end is greater than any place
      for (; *next < at; next += 2) words.insert(words.end(), next, next + 2);
      if (*next == at) next += 2;
      if (now == Load<std::uint64_t>(heap_base.data(), offset + i)) continue;
      words.push_back(at);
      words.push_back(now);
    }
  }
  words.insert(words.end(), next, walked.words.end());
  return true;
}

// Gives each page of the three chains its role, and each record its place. Stops where a chain
// makes no sense.
void Canonicalizer::FindRecords(std::uint64_t top, int first_chain) {
  const int top_page = RecordPage(top);
  if (top_page < 0) return;
  for (int i = 0; i < 3; ++i) {
    const Chain chain = static_cast<Chain>(i);
    std::vector<Record>& live = live_[static_cast<std::size_t>(first_chain + i)];
    std::uint64_t physical =
        Load<std::uint64_t>(PageAddress(top_page), ChainOffset(layout_, chain));
    int number = 0;
    for (int page = RecordPage(physical); page >= 0 && roles_[page].walk != walk_;
         page = RecordPage(physical), ++number) {
      const std::byte* header = PageAddress(page);
      const std::uint64_t written = Load<std::uint64_t>(header, layout_.nr_objects);
      const std::uint16_t objects =
          static_cast<std::uint16_t>(written < capacities_[i] ? written : capacities_[i]);
      roles_[page] = {walk_, static_cast<std::uint8_t>(first_chain + i),
                      static_cast<std::uint8_t>(number), objects,
                      static_cast<std::uint32_t>(places_.size())};
      const std::byte* record = header + layout_.array_header;
      for (int object = 0; object < objects; ++object, record += sizes_[i]) {
        const bool deleted = Load<std::uint32_t>(record, layout_.flags) & layout_.deleted_flag;
        if (!deleted)
          live.push_back(
              {ObjectOf(record, chain), record, static_cast<std::uint32_t>(places_.size())});
        places_.push_back(-1);
      }
      physical = Load<std::uint64_t>(header, layout_.next_array_phys);
    }
    if (past_ == Past::kForgotten) {
      // Sorted by insertion, because they are few. Of equal records the older one stays first.
      for (std::size_t end = 1; end < live.size(); ++end) {
        for (std::size_t at = end; at > 0 && live[at].object < live[at - 1].object; --at)
          std::swap(live[at], live[at - 1]);
      }
    }
    for (std::size_t place = 0; place < live.size(); ++place)
      places_[live[place].number] = static_cast<std::int16_t>(place);
  }
}

std::uint64_t Canonicalizer::ObjectOf(const std::byte* record, Chain chain) const {
  switch (chain) {
    case Chain::kHw: return Load<std::uint64_t>(record, layout_.hw_token);
    case Chain::kDomain: return Load<std::uint64_t>(record, layout_.domain_top_table);
    case Chain::kDevice: break;
  }
  return static_cast<std::uint64_t>(Load<std::uint32_t>(record, layout_.device_pci_domain_nr))
             << 32 |
         Load<std::uint32_t>(record, layout_.device_devid);
}

void Canonicalizer::EmitSession() {
  const Machine& m = machine();
  const LuoState& luo = m.luo;
  Emit(m.crashed | m.held_locks << 1 | m.held_spinlocks << 9);
  for (int i = 0; i < m.held_locks; ++i) EmitWord(reinterpret_cast<std::uintptr_t>(m.held[i]));
  // Serials are counted from the start. The session only asks whether the FLB is the one of the
  // freeze.
  Emit(luo.frozen | luo.frozen_flb << 1 | luo.present << 2 | luo.in_callback << 3 |
       (luo.flb != nullptr) << 4 | (luo.present && luo.serial == luo.frozen_serial) << 5 |
       static_cast<std::uint64_t>(luo.files) << 16 |
       static_cast<std::uint64_t>(luo.frozen_files) << 32 |
       static_cast<std::uint64_t>(static_cast<std::uint16_t>(luo.flb_refs)) << 48);
  Emit(luo.present ? luo.objects : 0);  // without an FLB, a number of the last one's
  EmitWord(luo.data);
  EmitWord(reinterpret_cast<std::uintptr_t>(luo.obj));
  EmitWord(luo.frozen_data);
  Emit(static_cast<std::uint64_t>(luo.incoming.status) | luo.incoming.lost << 8 |
       static_cast<std::uint64_t>(luo.incoming.files) << 16 |
       static_cast<std::uint64_t>(luo.incoming.objects) << 32);
  Emit(static_cast<std::uint16_t>(luo.incoming.error));
  EmitWord(luo.incoming.data);
  EmitWord(reinterpret_cast<std::uintptr_t>(luo.incoming.obj));
  static_assert(kFirstPoolPage == 64, "the tables are in the first word");
  Emit(m.preserved.words[0]);
  // only a record that came over leads to a table
  Emit(luo.incoming.data != 0 ? m.handed_over.words[0] : 0);
  Emit(m.restored.words[0]);
}

// The words that differ from the beginning of the case, each with its place from `memory` on.
// `start` is where `memory` begins in its region.
void Canonicalizer::EmitChanges(Region region, std::size_t start, const std::byte* memory,
                                const std::byte* base, std::size_t size) {
  const std::size_t whole = size / kBlock * kBlock;
  const auto emit = [&](std::size_t at, std::uint64_t now, std::uint64_t then) {
    if (now == then) return;
    Emit(at);
    EmitWord(now);
    NotePlaces(words_->size() - 1, region, start + at);
  };
  for (std::size_t block = FirstDifference(memory, base, 0, whole); block != whole;
       block = FirstDifference(memory, base, block + kBlock, whole)) {
    for (std::size_t at = block; at != block + kBlock; at += sizeof(std::uint64_t)) {
      emit(at, Load<std::uint64_t>(memory, at), Load<std::uint64_t>(base, at));
    }
  }
  for (std::size_t at = whole; at < size; at += sizeof(std::uint64_t)) {
    std::uint64_t now = 0, then = 0;
    std::memcpy(&now, memory + at, std::min(size - at, sizeof(now)));
    std::memcpy(&then, base + at, std::min(size - at, sizeof(then)));
    emit(at, now, then);
  }
  Emit(~std::uint64_t{0});
}

void Canonicalizer::EmitFlb(std::uint64_t top, int first_chain) {
  const int top_page = RecordPage(top);
  if (top_page < 0) return;
  for (int i = 0; i < 3; ++i) {
    std::uint64_t physical =
        Load<std::uint64_t>(PageAddress(top_page), ChainOffset(layout_, static_cast<Chain>(i)));
    for (std::uint8_t number = 0;; ++number) {
      const int page = RecordPage(physical);
      if (page < 0) break;
      const Role& role = roles_[page];
      // seen: the chain is a cycle
      if (role.walk != walk_ || role.chain != first_chain + i || role.page != number) break;
      EmitPage(page, role);
      physical = Load<std::uint64_t>(PageAddress(page), layout_.next_array_phys);
    }
    EmitWord(physical);  // 0, or what the chain ends in instead
    if (past_ == Past::kWhole) continue;
    const std::vector<Record>& live = live_[static_cast<std::size_t>(first_chain + i)];
    Emit(live.size());
    for (const Record& record : live) EmitRecord(record.bytes, sizes_[i], i);
  }
}

void Canonicalizer::EmitPage(int page, const Role& role) {
  EmitPageFlags(page);
  const int chain = role.chain % 3;
  const std::byte* first = PageAddress(page) + layout_.array_header;
  const std::byte* record = first + role.objects * sizes_[chain];
  if (past_ == Past::kWhole) {
    for (const std::byte* at = first; at != record; at += sizes_[chain])
      EmitRecord(at, sizes_[chain], chain);
  }
  // The bytes behind the last record.
  const std::byte* end = PageAddress(page) + ExtentOf(page);
  Emit(record < end ? static_cast<std::uint64_t>(end - record) : 0);
  if (record < end) {
    const bool hidden =
        *record != std::byte{0} ||
        std::memcmp(record, record + 1, static_cast<std::size_t>(end - record) - 1) != 0;
    words_->back() = hidden;
    if (hidden) {
      EmitBytes(Region::kStructure, record,
                static_cast<std::size_t>(PageAddress(page) + kPageSize - record));
    }
  }
}

void Canonicalizer::EmitRecord(const std::byte* record, std::size_t size, int chain) {
  const std::size_t domain = layout_.device_domain_phys, hw = layout_.device_iommu_phys;
  const Region region =
      static_cast<Region>(static_cast<int>(Region::kHwRecord) + static_cast<int>(chain));
  const bool restored = chain == static_cast<int>(Chain::kDomain) &&
                        Load<std::uint32_t>(record, layout_.flags) & layout_.incoming_flag;
  const std::uint32_t restored_domain = restored ? PlaceOfRestoredDomain(layout_, record) : 0;
  if (restored_domain % 8 != 0) {
    std::byte copy[kPageSize];
    std::memcpy(copy, record, size);
    EmitWord(Load<std::uint64_t>(record, restored_domain));
    std::memset(copy + restored_domain, 0, sizeof(std::uint64_t));
    return EmitBytes(region, copy, size);
  }
  if (chain != static_cast<int>(Chain::kDevice) || (domain % 8 == 0 && hw % 8 == 0))
    return EmitBytes(region, record, size);
  // In this layout the pointers do not fall on words: they are taken out first.
  std::byte copy[kPageSize];
  std::memcpy(copy, record, size);
  for (const std::size_t field : {domain, hw}) {
    EmitWord(Load<std::uint64_t>(record, field));
    std::memset(copy + field, 0, sizeof(std::uint64_t));
  }
  EmitBytes(region, copy, size);
}

// Emits each thing once, in the order in which the walk came to it. On the way the walk comes to
// more things.
void Canonicalizer::EmitFound() {
  for (std::size_t i = 0; i < found_.size(); ++i) {
    const Found found = found_[i];
    Emit(found.size);
    if (found.size == 0) continue;
    const int first = static_cast<int>(found.offset / kPageSize);
    if (first < kFirstPoolPage) {
      EmitBytes(Region::kFound, ArenaBase() + found.offset, found.size);
    } else if (roles_[first].walk == walk_) {
      EmitRecord(ArenaBase() + found.offset, found.size, roles_[first].chain % 3);
    } else {
      for (int page = first; page < first + static_cast<int>(found.size / kPageSize); ++page) {
        EmitPageFlags(page);
        const std::size_t extent = ExtentOf(page);
        Emit(extent);
        EmitBytes(Region::kFound, PageAddress(page), extent);
      }
    }
  }
}

void Canonicalizer::EmitPageFlags(int page) {
  const bool preserved = machine().preserved.Has(page);
  preserved_seen_ += preserved;
  std::uint64_t flags =
      preserved | machine().handed_over.Has(page) << 1 | machine().restored.Has(page) << 2;
  if (const Units* units = machine().units) {
    seen_[static_cast<std::size_t>(page)] = walk_;
    flags |= static_cast<std::uint64_t>(units->pages.allocated_for[page]) << 8 |
             static_cast<std::uint64_t>(units->pages.preserved_by[page]) << 16 |
             static_cast<std::uint64_t>(units->pages.of_kho.Has(page)) << 24;
  }
  Emit(flags);
}

void Canonicalizer::EmitBytes(Region region, const std::byte* from, std::size_t size) {
  const std::uint64_t arena = reinterpret_cast<std::uintptr_t>(ArenaBase());
  const std::size_t whole = size / sizeof(std::uint64_t);
  const std::size_t first = words_->size();
  std::size_t to = first;
  words_->resize(to + whole + 1);
  std::uint64_t* words = words_->data();
  for (std::size_t i = 0; i < whole; ++i) {
    const std::uint64_t word = Load<std::uint64_t>(from, i * sizeof(word));
    if (IsAddress(word)) {
      words[to++] = word - arena < kArenaSize ? NameOf(word - arena, kVirtual)
                                              : NameOf(OffsetOfPhysical(word), kPhysical);
    } else {
      words[to++] = word;
    }
  }
  const std::size_t rest = size % sizeof(std::uint64_t);
  words[to] = 0;
  std::memcpy(words + to, from + size - rest, rest);
  words_->resize(to + (rest != 0));
  NotePlaces(first, region, 0);
}

// The places of the words from `first_word` on, which lie one behind the other from `offset` on.
void Canonicalizer::NotePlaces(std::size_t first_word, Region region, std::size_t offset) {
  if (!places_of_words_ || region == Region::kStructure) return;
  places_of_words_->resize(words_->size());
  for (std::size_t word = first_word; word < words_->size();
       ++word, offset += sizeof(std::uint64_t))
    (*places_of_words_)[word] = static_cast<std::uint64_t>(region) << 56 | offset;
}

void Canonicalizer::EmitWord(std::uint64_t word) {
  const std::uint64_t offset = word - reinterpret_cast<std::uintptr_t>(ArenaBase());
  if (offset < kArenaSize) return Emit(NameOf(offset, kVirtual));
  if (const std::uint64_t place = OffsetOfPhysical(word); place != kNoOffset)
    return Emit(NameOf(place, kPhysical));
  Emit(word);
}

std::uint64_t Canonicalizer::NameOf(std::size_t offset, std::uint64_t kind) {
  const Machine& m = machine();
  const int page = static_cast<int>(offset / kPageSize);
  const std::uint64_t place = Spell(Name::kPlace, kind, 0, 0, offset);
  if (page < kHeapPages) {
    if (offset < m.world_top || offset >= m.heap_top) return place;
    // Objects lie one behind the other. The header before each object says its length and whether
    // it lives.
    for (std::size_t at = m.world_top; at < m.heap_top;) {
      const HeapBlock block = HeapBlockAt(at);
      if (offset < block.end) {
        return block.live
                   ? NameFound(block.start, offset - block.start, block.end - block.start, kind)
                   : NameFound(offset, 0, 0, kind);
      }
      at = block.end;
    }
    return place;
  }
  if (page < kFirstPoolPage) return place;
  if (m.freed.Has(page)) return NameFound(offset, 0, 0, kind);
  const Role& role = roles_[page];
  if (role.walk != walk_) {
    if (!m.allocated.Has(page)) return place;
    int first = page, last = page;
    while (m.continued.Has(first)) --first;
    while (last + 1 < kArenaPages && m.continued.Has(last + 1)) ++last;
    const std::size_t start = static_cast<std::size_t>(first) * kPageSize;
    return NameFound(start, offset - start, static_cast<std::size_t>(last + 1 - first) * kPageSize,
                     kind);
  }
  const std::size_t into_page = offset % kPageSize, header = layout_.array_header;
  if (into_page < header) return Spell(Name::kPage, kind, role.chain, role.page, into_page);
  const std::uint32_t size = sizes_[role.chain % 3];
  const std::size_t position = (into_page - header) / size, into = (into_page - header) % size;
  if (position >= role.objects)
    return Spell(Name::kBehind, kind, role.chain, position - role.objects, into);
  const std::int16_t live = places_[role.first_record + position];
  const std::size_t number = role.page * capacities_[role.chain % 3] + position;
  if (past_ == Past::kWhole) return Spell(Name::kRecord, kind, role.chain, number, into);
  if (live >= 0)
    return Spell(Name::kRecord, kind, role.chain, static_cast<std::size_t>(live), into);
  return NameFound(offset - into, into, size, kind);
}

std::uint64_t Canonicalizer::NameFound(std::size_t offset, std::size_t into, std::size_t size,
                                       std::uint64_t kind) {
  std::size_t number = 0;
  while (number < found_.size() && found_[number].offset != offset) ++number;
  if (number == found_.size()) found_.push_back({offset, size});
  return Spell(Name::kFound, kind, 0, number, into);
}

}  // namespace holdfast::kernel
