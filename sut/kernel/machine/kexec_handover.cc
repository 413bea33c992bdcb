// linux/kexec_handover.h, linux/mm.h and the addresses of linux/io.h: pages, and the bitmap of the
// pages that survive kexec.
#include "linux/bug.h"
#include "linux/kexec_handover.h"

#include <bit>
#include <cstring>

#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/caller.h"
#include "sut/kernel/machine/memory.h"
#include "sut/kernel/machine/page_owners.h"

using namespace holdfast::kernel;
using holdfast::FaultSite;
using holdfast::Finding;
using holdfast::Point;

namespace {

// A page that did not come over, or was restored before, fails by itself: `is_denied` is not asked.
template <typename IsDenied>
struct folio* Restore(phys_addr_t address, IsDenied is_denied) {
  StopAt(Point::Kind::kKho);
  const int page = PageOfPhysical(address);
  Machine& m = machine();
  if (page < 0 || address != PhysicalOfPage(page) || !m.handed_over.Has(page)) return nullptr;
  if (m.restored.Has(page)) {
    if (g_call->owner != 0) Find(Finding::kPageRestoredTwice);
    return nullptr;
  }
  if (is_denied()) return nullptr;
  m.restored.Add(page);
  NoteRestored(page);
  return reinterpret_cast<struct folio*>(PageAddress(page));
}

}  // namespace

extern "C" bool kho_is_enabled() { return machine().luo.stage != holdfast::Luo::kOff; }

extern "C" void* kho_alloc_preserve(size_t size) {
  holdfast_might_sleep();
  StopAt(Point::Kind::kKho);
  if (const int error = PassFault(FaultSite::kKhoAlloc)) return ERR_PTR(error);
  const int count = static_cast<int>(std::bit_ceil((size + kPageSize - 1) / kPageSize));
  const int first = size == 0 ? -1 : TakePages(count);
  if (first < 0) return ERR_PTR(-ENOMEM);
  for (int page = first; page < first + count; ++page) {
    machine().allocated.Add(page);
    machine().preserved.Add(page);
    if (page != first) machine().continued.Add(page);
    NotePreserved(page);
  }
  return PageAddress(first);
}

extern "C" void kho_unpreserve_free(void* memory) {
  holdfast_might_sleep();
  StopAt(Point::Kind::kKho);
  const int page = PageOf(memory);
  if (page < kFirstPoolPage || memory != PageAddress(page)) Crash();
  if (!machine().preserved.Has(page)) Find(Finding::kPageUnpreservedTwice);
  NoteReleased(page);
  FreePages(page);
}

// A driver's call is no request that can be denied, because the call has no way to say so.
extern "C" void kho_restore_free(void* memory) {
  if (!g_call->coming_up) return folio_put(kho_restore_folio(virt_to_phys(memory)));
  if (struct folio* folio = Restore(virt_to_phys(memory), [] { return false; })) {
    folio_put(folio);
  } else {
    holdfast_warn();
  }
}

extern "C" int kho_preserve_folio(struct folio* folio) {
  holdfast_might_sleep();
  StopAt(Point::Kind::kKho);
  const int page = PageOf(folio);
  if (page < kFirstTablePage) Crash();
  if (const int error = PassRequestOfDriver()) return error;
  if (page >= kFirstPoolPage) {
    if (!machine().allocated.Has(page)) Find(Finding::kPageFreedTwice);
    if (machine().preserved.Has(page)) Find(Finding::kPagePreservedTwice);
  }
  machine().preserved.Add(page);
  NotePreserved(page);
  return 0;
}

extern "C" void kho_unpreserve_folio(struct folio* folio) {
  holdfast_might_sleep();
  StopAt(Point::Kind::kKho);
  const int page = PageOf(folio);
  if (page < kFirstTablePage) Crash();
  if (page >= kFirstPoolPage && !machine().preserved.Has(page))
    Find(Finding::kPageUnpreservedTwice);
  machine().preserved.Remove(page);
  NoteReleased(page);
}

extern "C" struct folio* kho_restore_folio(phys_addr_t address) {
  return Restore(address, [] { return PassFault(FaultSite::kKhoRestore) != 0; });
}

extern "C" struct folio* virt_to_folio(const void* address) {
  const int page = PageOf(address);
  if (page < 0) Crash();
  return reinterpret_cast<struct folio*>(PageAddress(page));
}

extern "C" void folio_put(struct folio* folio) {
  StopAt(Point::Kind::kAllocate);
  const int page = PageOf(folio);
  // Nobody holds a page that came over and was not restored.
  if (page >= 0 && machine().handed_over.Has(page) && !machine().restored.Has(page)) Crash();
  if (!FreePages(page)) Crash();
}

extern "C" phys_addr_t virt_to_phys(const volatile void* address) {
  const int page = PageOf(address);
  // not memory of the machine: beyond what any unit or table can name
  if (page < 0) return reinterpret_cast<std::uintptr_t>(address) | 1ull << 63;
  return PhysicalOfPage(page) + reinterpret_cast<std::uintptr_t>(address) % kPageSize;
}

extern "C" void* phys_to_virt(phys_addr_t address) {
  if (const std::uint64_t offset = OffsetOfPhysical(address); offset != kNoOffset)
    return ArenaBase() + offset;
  // below the lowest address that can be mapped
  return reinterpret_cast<void*>(kPageSize + address % kPageSize);
}
