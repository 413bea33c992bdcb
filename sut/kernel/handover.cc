// linux/kexec_handover.h, linux/io.h and linux/mm.h: pages, their addresses, and the bitmap of those that survive
// kexec.
#include "linux/kexec_handover.h"

#include <bit>
#include <cstring>

#include "sut/kernel/call.h"
#include "sut/kernel/memory.h"
#include "sut/kernel/poison.h"

using namespace holdfast::kernel;
using holdfast::FaultSite;
using holdfast::Finding;

namespace {

// `count` pages in a row, zeroed; -1 if there are none. Pages are given out once, so that an old address stays an old
// address; only when the pool is used up are single pages used again, and never one that traps.
int TakePages(int count) {
  Machine& m = machine();
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
  return -1;
}

}  // namespace

extern "C" bool kho_is_enabled() { return machine().luo.stage != holdfast::Luo::kOff; }

extern "C" void* kho_alloc_preserve(size_t size) {
  holdfast_might_sleep();
  if (const int error = PassFault(FaultSite::kKhoAlloc)) return ERR_PTR(error);
  const int count = static_cast<int>(std::bit_ceil((size + kPageSize - 1) / kPageSize));
  const int first = size == 0 ? -1 : TakePages(count);
  if (first < 0) return ERR_PTR(-ENOMEM);
  for (int page = first; page < first + count; ++page) {
    machine().allocated.Add(page);
    machine().preserved.Add(page);
    if (page != first) machine().continued.Add(page);
  }
  return PageAddress(first);
}

extern "C" void kho_unpreserve_free(void* memory) {
  holdfast_might_sleep();
  const int page = PageOf(memory);
  if (page < kFirstPoolPage || memory != PageAddress(page)) Crash();
  if (!machine().preserved.Has(page)) Find(Finding::kPageUnpreservedTwice);
  FreePages(page);
}

extern "C" void kho_restore_free(void* memory) {
  folio_put(kho_restore_folio(virt_to_phys(memory)));
}

extern "C" int kho_preserve_folio(struct folio* folio) {
  const int page = PageOf(folio);
  if (page < kFirstTablePage) Crash();
  machine().preserved.Add(page);
  return 0;
}

extern "C" void kho_unpreserve_folio(struct folio* folio) {
  const int page = PageOf(folio);
  if (page < kFirstTablePage) Crash();
  machine().preserved.Remove(page);
}

extern "C" struct folio* kho_restore_folio(phys_addr_t address) {
  const int page = PageOfPhysical(address);
  // A page that did not come over fails by itself: the fault site is not reached.
  if (page < 0 || address != PhysicalOfPage(page) || !machine().handed_over.Has(page)) return nullptr;
  if (PassFault(FaultSite::kKhoRestore)) return nullptr;
  return reinterpret_cast<struct folio*>(PageAddress(page));
}

extern "C" struct folio* virt_to_folio(const void* address) {
  const int page = PageOf(address);
  if (page < 0) Crash();
  return reinterpret_cast<struct folio*>(PageAddress(page));
}

extern "C" void folio_put(struct folio* folio) {
  if (!FreePages(PageOf(folio))) Crash();
}

extern "C" phys_addr_t virt_to_phys(const volatile void* address) {
  return reinterpret_cast<std::uintptr_t>(address) - reinterpret_cast<std::uintptr_t>(ArenaBase()) + kPhysicalBase;
}

extern "C" void* phys_to_virt(phys_addr_t address) {
  if (PageOfPhysical(address) >= 0) return ArenaBase() + (address - kPhysicalBase);
  return reinterpret_cast<void*>(kPageSize + address % kPageSize);  // below the lowest address that can be mapped
}
