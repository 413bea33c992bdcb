#include "sut/kernel/machine/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/difference.h"
#include "sut/kernel/machine/page_owners.h"
#include "sut/kernel/machine/poison.h"
#include "sut/kernel/machine/scan.h"
#include "sut/kernel/machine/slab.h"

namespace holdfast::kernel {

Machine* g_machine = nullptr;

namespace {

constexpr std::size_t kArenaSize = kArenaPages * kPageSize;
constexpr std::size_t kHeapStart = (sizeof(Machine) + 15) / 16 * 16;

void Protect(int page, int count, int access) {
  if (mprotect(PageAddress(page), static_cast<std::size_t>(count) * kPageSize, access) != 0) {
    perror("holdfast: mprotect");
    abort();
  }
}

// Follows a change of `trapped` from `before` to `after`, with a system call for each run of pages
// that change alike.
void ChangeTraps(const PageSet& before, const PageSet& after) {
  int first = 0, count = 0;  // the run
  const auto protect = [&] {
    if (count != 0) Protect(first, count, after.Has(first) ? PROT_NONE : PROT_READ | PROT_WRITE);
  };
  for (int word = 0; word < kArenaPages / 64; ++word) {
    for (std::uint64_t changed = before.words[word] ^ after.words[word]; changed != 0;
         changed &= changed - 1) {
      const int page = word * 64 + __builtin_ctzll(changed);
      if (count != 0 && page == first + count && after.Has(page) == after.Has(first)) {
        ++count;
        continue;
      }
      protect();
      first = page;
      count = 1;
    }
  }
  protect();
}

// In whole blocks. The extent before the call is a good guess, so the tail behind that extent is
// looked at first.
std::uint16_t MeasureExtent(const std::byte* page, std::uint16_t guess) {
  std::size_t used = guess;
  if (!IsFilled(page + used, page + kPageSize, 0)) {
    used = kPageSize;
    while (IsFilled(page + used - kBlock, page + used, 0)) used -= kBlock;
    return static_cast<std::uint16_t>(used);
  }
  while (used >= kBlock && IsFilled(page + used - kBlock, page + used, 0)) used -= kBlock;
  return static_cast<std::uint16_t>(used);
}

// The extents of the pages. They are on the process's heap, for the life of the process, because a
// snapshot must not hold them.
struct Extents {
  std::uint64_t known[kArenaPages / 64] = {};
  std::uint16_t used[kArenaPages] = {};

  void Set(int page, std::uint16_t extent) {
    known[page / 64] |= 1ull << (page % 64);
    used[page] = extent;
  }
  bool Known(int page) const { return (known[page / 64] >> (page % 64)) & 1; }
};
Extents* g_extents = nullptr;

// Poisons memory without an owner (poison.h). Memory that is in use now, or was in use before, is
// not poisoned here; the rest is poisoned already.
void PoisonUnused(std::uint32_t heap_top, std::uint32_t next_page) {
  if (!kWatched) return;
  const Machine& m = machine();
  if (heap_top > m.heap_top) Poison(ArenaBase() + m.heap_top, heap_top - m.heap_top);
  PoisonFreedObjects();
  for (int page = kFirstPoolPage; page < static_cast<int>(m.next_page); ++page) {
    if (m.freed.Has(page) && !m.trapped.Has(page)) Poison(PageAddress(page), kPageSize);
  }
  if (next_page > m.next_page)
    Poison(PageAddress(static_cast<int>(m.next_page)), (next_page - m.next_page) * kPageSize);
}

// Unpoisons the memory that is in use, and the freed memory.
void UnpoisonUsed() {
  const Machine& m = machine();
  Unpoison(ArenaBase(), m.heap_top);
  Unpoison(PageAddress(kFirstPoolPage), (m.next_page - kFirstPoolPage) * kPageSize);
}

}  // namespace

void PowerOn() {
  if (g_machine) return;
  // A page that traps on each side.
  constexpr int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* memory = mmap(nullptr, kArenaSize + 2 * kPageSize, PROT_NONE, kFlags, -1, 0);
  if (memory == MAP_FAILED) {
    perror("holdfast: mmap");
    abort();
  }
  std::byte* arena = static_cast<std::byte*>(memory) + kPageSize;
  const std::size_t heap = kHeapPages * kPageSize, pool = kFirstPoolPage * kPageSize;
  if (mprotect(arena, heap, PROT_READ | PROT_WRITE) != 0 ||
      mprotect(arena + pool, kArenaSize - pool, PROT_READ | PROT_WRITE) != 0) {
    perror("holdfast: mprotect");
    abort();
  }
  g_machine = reinterpret_cast<Machine*>(arena);
  g_call = new CallContext;  // for the life of the process
  g_extents = new Extents;
  g_machine->heap_top = g_machine->world_top = kHeapStart;
  g_machine->next_page = kFirstPoolPage;
  PoisonUnused(kHeapPages * kPageSize, kArenaPages);
}

void ClearMachine() {
  Machine& m = machine();
  const Unwatched unwatched;
  ForgetExtents();
  ChangeTraps(m.trapped, PageSet{});
  std::memset(PageAddress(kFirstPoolPage), 0, (m.next_page - kFirstPoolPage) * kPageSize);
  std::memset(static_cast<void*>(&m), 0, m.heap_top);
  m.heap_top = m.world_top = kHeapStart;
  m.next_page = kFirstPoolPage;
}

Unwatched::Unwatched() : heap_top_(machine().heap_top), next_page_(machine().next_page) {
  UnpoisonUsed();
}

Unwatched::~Unwatched() { PoisonUnused(heap_top_, next_page_); }

void ForgetExtents() { std::memset(g_extents->known, 0, sizeof(g_extents->known)); }

void SetExtent(int page, std::uint16_t extent) { g_extents->Set(page, extent); }

std::uint16_t ExtentOf(int page) {
  if (!g_extents->Known(page))
    g_extents->Set(page, MeasureExtent(PageAddress(page), g_extents->used[page]));
  return g_extents->used[page];
}

void* AllocateObject(std::size_t size) {
  Machine& m = machine();
  const std::size_t rounded = (size + 15) / 16 * 16;
  if (m.heap_top + rounded > kHeapPages * kPageSize) return nullptr;
  void* object = ArenaBase() + m.heap_top;
  m.heap_top += static_cast<std::uint32_t>(rounded);
  Unpoison(object, rounded);
  return object;
}

int TakePages(int count) {
  Machine& m = machine();
  const int left = kBankPages - static_cast<int>(m.next_page) % kBankPages;
  if (count > left && count <= kBankPages) m.next_page += static_cast<std::uint32_t>(left);
  if (m.next_page + static_cast<unsigned>(count) <= static_cast<unsigned>(kArenaPages)) {
    const int page = static_cast<int>(m.next_page);
    m.next_page += static_cast<std::uint32_t>(count);
    Unpoison(PageAddress(page), static_cast<std::size_t>(count) * kPageSize);
    return page;
  }
  for (int page = kFirstPoolPage; count == 1 && page < kArenaPages; ++page) {
    if (!m.freed.Has(page) || m.trapped.Has(page)) continue;
    m.freed.Remove(page);
    Unpoison(PageAddress(page), kPageSize);
    std::memset(PageAddress(page), 0, kPageSize);
    return page;
  }
  if (count <= kArenaPages - kFirstPoolPage) g_call->exhausted = true;
  return -1;
}

bool FreePages(int page) {
  Machine& m = machine();
  if (page < kFirstPoolPage || !m.allocated.Has(page) || m.continued.Has(page)) return false;
  do {
    m.allocated.Remove(page);
    m.continued.Remove(page);
    m.preserved.Remove(page);
    m.handed_over.Remove(page);
    NoteFreed(page);
    m.restored.Remove(page);
    m.freed.Add(page);
    ++m.freed_pages;
    std::memset(PageAddress(page), kPoison, kPageSize);
    Poison(PageAddress(page), kPageSize);
    ++page;
  } while (page < kArenaPages && m.continued.Has(page));
  return true;
}

void TrapGhosts() {
  Machine& m = machine();
  if (m.freed_pages == 0) return;
  PageSet ghosts = m.trapped;
  bool more = false;
  const auto look = [&](const void* pointer) {
    const int page = PageOf(pointer);
    if (page < kFirstPoolPage || !m.freed.Has(page) || ghosts.Has(page)) return;
    ghosts.Add(page);
    Unpoison(PageAddress(page), kPageSize);
    more = true;
  };
  for (int i = 0; i < m.domain_count; ++i) look(m.domains[i]->preserved_state);
  for (int i = 0; i < m.device_count; ++i) look(m.devices[i]->data.device_ser);
  for (int i = 0; i < m.iommu_count; ++i) look(m.iommus[i]->outgoing_preserved_state);
  if (!more) return;
  ChangeTraps(m.trapped, ghosts);
  m.trapped = ghosts;
}

void TrapFreed() {
  Machine& m = machine();
  PageSet traps = m.trapped;
  m.freed.ForEachOfPool([&](int page) {
    traps.Add(page);
    Unpoison(PageAddress(page), kPageSize);
  });
  ChangeTraps(m.trapped, traps);
  m.trapped = traps;
}

void HandOverMemory() {
  Machine& m = machine();
  const PageSet survivors = m.preserved;
  m.continued = PageSet{};  // what comes over are pages
  m.allocated.ForEachOfPool([&](int page) {
    if (!survivors.Has(page)) FreePages(page);
  });
  m.preserved = PageSet{};
  m.handed_over = survivors;
  m.restored = PageSet{};
}

HeapBase TakeHeapBase() { return HeapBase(ArenaBase(), ArenaBase() + machine().world_top); }

void SaveMemory(const HeapBase& base, std::vector<std::byte>& bytes) {
  const Machine& m = machine();
  const auto append = [&bytes](const void* from, std::size_t count) {
    const std::byte* first = static_cast<const std::byte*>(from);
    bytes.insert(bytes.end(), first, first + count);
  };
  append(&m.heap_top, sizeof(m.heap_top));
  AppendDifference(ArenaBase(), base.data(), base.size(), bytes);
  append(ArenaBase() + base.size(), m.heap_top - base.size());
  for (int page = kFirstPoolPage; page < static_cast<int>(m.next_page); ++page) {
    if (m.freed.Has(page)) continue;
    const std::uint16_t used = ExtentOf(page);
    append(&used, sizeof(used));
    append(PageAddress(page), used);
  }
}

void RestoreMemory(const HeapBase& base, const std::byte* bytes) {
  Machine& m = machine();
  const std::size_t old_top = m.heap_top;
  const int old_next = static_cast<int>(m.next_page);
  const PageSet old_traps = m.trapped, old_freed = m.freed;

  std::uint32_t top;
  std::memcpy(&top, bytes, sizeof(top));
  Unpoison(ArenaBase(), top);
  const std::byte* from =
      ApplyDifference(bytes + sizeof(top), base.data(), base.size(), ArenaBase());
  UnpoisonUsed();  // as of then
  std::memcpy(ArenaBase() + base.size(), from, top - base.size());
  if (old_top > top) std::memset(ArenaBase() + top, 0, old_top - top);
  from += top - base.size();

  // Pages are written while they do not trap. A page that trapped and will trap has not changed.
  const PageSet traps = m.trapped;
  PageSet kept;
  for (int word = 0; word < kArenaPages / 64; ++word)
    kept.words[word] = old_traps.words[word] & traps.words[word];
  ChangeTraps(old_traps, kept);
  const int next = static_cast<int>(m.next_page);
  for (int page = kFirstPoolPage; page < next; ++page) {
    std::byte* to = PageAddress(page);
    const bool was_poison = old_freed.Has(page);
    if (m.freed.Has(page)) {
      const bool is_poison =
          kept.Has(page) || (was_poison && IsFilled(to, to + kPageSize, kPoison));
      if (!is_poison) std::memset(to, kPoison, kPageSize);
      continue;
    }
    std::uint16_t used;
    std::memcpy(&used, from, sizeof(used));
    std::memcpy(to, from + sizeof(used), used);
    const std::uint16_t old_used = was_poison ? kPageSize : ExtentOf(page);
    if (old_used > used) std::memset(to + used, 0, static_cast<std::size_t>(old_used - used));
    g_extents->Set(page, used);
    from += sizeof(used) + used;
  }
  if (old_next > next)
    std::memset(PageAddress(next), 0, static_cast<std::size_t>(old_next - next) * kPageSize);
  ChangeTraps(kept, traps);
}

}  // namespace holdfast::kernel
