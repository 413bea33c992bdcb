// linux/iommu-pages.h: the pages of a driver's tables.
#include "linux/iommu-pages.h"

#include "sut/kernel/machine/accesses.h"
#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/caller.h"
#include "sut/kernel/machine/memory.h"
#include "sut/kernel/machine/page_owners.h"

using namespace holdfast::kernel;
using holdfast::Finding;
using holdfast::Point;

namespace {

// The page of the pool at an address. Crashes if the address is not the start of such a page.
int TablePage(const void* address) {
  const int page = PageOf(address);
  if (page < kFirstPoolPage || address != PageAddress(page)) Crash();
  return page;
}

}  // namespace

extern "C" void* iommu_alloc_pages_sz(gfp_t flags, size_t size) {
  if (flags == GFP_KERNEL) holdfast_might_sleep();
  StopAt(Point::Kind::kAllocate);
  if (size > kPageSize) return nullptr;
  if (PassRequestOfDriver()) return nullptr;
  const int page = TakePages(1);
  if (page < 0) return nullptr;
  machine().allocated.Add(page);
  NoteAllocated(page);
  return PageAddress(page);
}

extern "C" void iommu_free_pages(void* address) {
  if (!address) return;
  StopAt(Point::Kind::kAllocate);
  const int page = TablePage(address);
  AnnounceWrite(address, kPageSize, __builtin_return_address(0));
  if (machine().preserved.Has(page)) Find(Finding::kPageFreedPreserved);
  if (!FreePages(page)) Find(Finding::kPageFreedTwice);
}

extern "C" int iommu_preserve_pages(void* address) {
  return kho_preserve_folio(virt_to_folio(PageAddress(TablePage(address))));
}

extern "C" void iommu_unpreserve_pages(void* address) {
  kho_unpreserve_folio(virt_to_folio(PageAddress(TablePage(address))));
}

extern "C" void* iommu_restore_page(phys_addr_t address) {
  return kho_restore_folio(address) ? PageAddress(PageOfPhysical(address)) : nullptr;
}
