#include "sut/kernel/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "sut/kernel/call.h"
#include "sut/kernel/poison.h"
#include "sut/kernel/slab.h"

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

// Follows a change of `trapped` from `before` to `after`, with a system call for each run of pages that change alike.
void ChangeTraps(const PageSet& before, const PageSet& after) {
  int first = 0, count = 0;  // the run
  const auto protect = [&] {
    if (count != 0) Protect(first, count, after.Has(first) ? PROT_NONE : PROT_READ | PROT_WRITE);
  };
  for (int word = 0; word < kArenaPages / 64; ++word) {
    for (std::uint64_t changed = before.words[word] ^ after.words[word]; changed != 0; changed &= changed - 1) {
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

template <std::size_t kSize>
bool IsZero(const std::byte* bytes) {
  std::uint64_t any = 0;
  for (std::size_t i = 0; i < kSize; i += sizeof(any)) {
    std::uint64_t word;
    std::memcpy(&word, bytes + i, sizeof(word));
    any |= word;
  }
  return any == 0;
}

// Bytes of the page before its zero tail, in whole chunks: found by large steps, then by small ones.
std::uint16_t UsedBytes(const std::byte* page) {
  constexpr std::size_t kLarge = 512, kSmall = 32;
  std::size_t used = kPageSize;
  while (used >= kLarge && IsZero<kLarge>(page + used - kLarge)) used -= kLarge;
  while (used >= kSmall && IsZero<kSmall>(page + used - kSmall)) used -= kSmall;
  return static_cast<std::uint16_t>(used);
}

// Poisons what is nobody's (poison.h). Of what was poisoned before, only the arena before `heap_top` and `next_page` matters.
void PoisonUnused(std::uint32_t heap_top, int next_page) {
  if (!kWatched) return;
  const Machine& m = machine();
  Unpoison(&m, std::max(heap_top, m.heap_top));
  Poison(ArenaBase() + m.heap_top, kHeapPages * kPageSize - m.heap_top);
  PoisonFreedObjects();
  for (int page = kFirstPoolPage; page < std::max(next_page, static_cast<int>(m.next_page)); ++page) {
    const bool unused = page >= static_cast<int>(m.next_page) || m.freed.Has(page);
    (unused && !m.trapped.Has(page) ? Poison : Unpoison)(PageAddress(page), kPageSize);
  }
}

// Everything may be written, until PoisonUnused.
void UnpoisonArena(std::uint32_t heap_top, int next_page) {
  Unpoison(ArenaBase(), heap_top);
  Unpoison(PageAddress(kFirstPoolPage), static_cast<std::size_t>(next_page - kFirstPoolPage) * kPageSize);
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
  g_machine->heap_top = g_machine->world_top = kHeapStart;
  g_machine->next_page = kFirstPoolPage;
  PoisonUnused(0, kArenaPages);
}

void ClearMachine() {
  Machine& m = machine();
  const int next_page = static_cast<int>(m.next_page);
  const std::uint32_t heap_top = m.heap_top;
  UnpoisonArena(heap_top, next_page);
  ChangeTraps(m.trapped, PageSet{});
  std::memset(PageAddress(kFirstPoolPage), 0, (m.next_page - kFirstPoolPage) * kPageSize);
  std::memset(static_cast<void*>(&m), 0, m.heap_top);
  m.heap_top = m.world_top = kHeapStart;
  m.next_page = kFirstPoolPage;
  PoisonUnused(heap_top, next_page);
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

bool FreePages(int page) {
  Machine& m = machine();
  if (page < kFirstPoolPage || !m.allocated.Has(page) || m.continued.Has(page)) return false;
  do {
    m.allocated.Remove(page);
    m.continued.Remove(page);
    m.preserved.Remove(page);
    m.handed_over.Remove(page);
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
  for (int i = 0; i < m.domain_count; ++i) look(m.domains[i]->pt.domain.preserved_state);
  for (int i = 0; i < m.device_count; ++i) look(m.devices[i]->data.device_ser);
  for (int i = 0; i < m.iommu_count; ++i) look(m.iommus[i]->iommu.outgoing_preserved_state);
  if (!more) return;
  ChangeTraps(m.trapped, ghosts);
  m.trapped = ghosts;
}

void HandOverMemory() {
  Machine& m = machine();
  const PageSet survivors = m.preserved;
  m.continued = PageSet{};  // what comes over are pages
  for (int page = kFirstPoolPage; page < static_cast<int>(m.next_page); ++page) {
    if (m.allocated.Has(page) && !survivors.Has(page)) FreePages(page);
  }
  m.preserved = PageSet{};
  m.handed_over = survivors;
}

void SaveMemory(std::vector<std::byte>& bytes) {
  const Machine& m = machine();
  std::uint16_t used[kArenaPages];
  std::size_t size = m.heap_top;
  for (int page = kFirstPoolPage; page < static_cast<int>(m.next_page); ++page) {
    if (m.freed.Has(page)) continue;
    used[page] = UsedBytes(PageAddress(page));
    size += sizeof(used[page]) + used[page];
  }
  const std::size_t start = bytes.size();
  bytes.resize(start + size);
  std::byte* to = bytes.data() + start;
  CopyUnchecked(to, ArenaBase(), m.heap_top);
  to += m.heap_top;
  for (int page = kFirstPoolPage; page < static_cast<int>(m.next_page); ++page) {
    if (m.freed.Has(page)) continue;
    std::memcpy(to, &used[page], sizeof(used[page]));
    std::memcpy(to + sizeof(used[page]), PageAddress(page), used[page]);
    to += sizeof(used[page]) + used[page];
  }
}

std::size_t RestoreMemory(const std::byte* bytes) {
  Machine& m = machine();
  const std::uint32_t old_top = m.heap_top;
  const int old_next = static_cast<int>(m.next_page);
  const PageSet old_traps = m.trapped;
  const std::byte* from = bytes;

  std::uint32_t top;
  std::memcpy(&top, from + offsetof(Machine, heap_top), sizeof(top));
  std::uint32_t next_page;
  std::memcpy(&next_page, from + offsetof(Machine, next_page), sizeof(next_page));
  UnpoisonArena(std::max(old_top, top), std::max(old_next, static_cast<int>(next_page)));
  std::memcpy(static_cast<void*>(&m), from, top);
  if (old_top > top) std::memset(ArenaBase() + top, 0, old_top - top);
  from += top;

  // Pages are written while they do not trap; one that trapped and will trap has not changed.
  const PageSet traps = m.trapped;
  PageSet kept;
  for (int word = 0; word < kArenaPages / 64; ++word) kept.words[word] = old_traps.words[word] & traps.words[word];
  ChangeTraps(old_traps, kept);
  const int next = static_cast<int>(m.next_page);
  for (int page = kFirstPoolPage; page < next; ++page) {
    std::byte* to = PageAddress(page);
    if (m.freed.Has(page)) {
      if (!kept.Has(page)) std::memset(to, kPoison, kPageSize);
      continue;
    }
    std::uint16_t used;
    std::memcpy(&used, from, sizeof(used));
    std::memcpy(to, from + sizeof(used), used);
    std::memset(to + used, 0, kPageSize - used);
    from += sizeof(used) + used;
  }
  if (old_next > next) std::memset(PageAddress(next), 0, static_cast<std::size_t>(old_next - next) * kPageSize);
  ChangeTraps(kept, traps);
  PoisonUnused(old_top, old_next);
  return static_cast<std::size_t>(from - bytes);
}

}  // namespace holdfast::kernel
