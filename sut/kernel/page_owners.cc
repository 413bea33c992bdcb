// linux/iommu-pages.h, and the account of what belongs to whom.
#include "sut/kernel/page_owners.h"

#include "linux/iommu-pages.h"
#include "sut/kernel/memory.h"
#include "sut/kernel/units.h"

namespace holdfast::kernel {

void NotePreserved(int page) {
  CallContext& call = *g_call;
  if (!call.in_op) return;
  if (Units* units = machine().units) {
    units->pages.preserved_by[page] = call.owner;
    if (units->pages.allocated_for[page] == 0) {
      units->pages.of_kho.Add(page);
      units->pages.allocated_for[page] = call.owner;
    }
  }
  constexpr int kRoom = sizeof(call.preserved_by_op) / sizeof(call.preserved_by_op[0]);
  if (call.preserved_by_op_count < kRoom)
    call.preserved_by_op[call.preserved_by_op_count++] = static_cast<std::int16_t>(page);
}

void NoteReleased(int page) {
  CallContext& call = *g_call;
  if (Units* units = machine().units) units->pages.preserved_by[page] = 0;
  if (!call.in_op) return;
  for (int i = call.preserved_by_op_count - 1; i >= 0; --i) {
    if (call.preserved_by_op[i] != page) continue;
    if (i != call.preserved_by_op_count - 1) call.out_of_order = true;
    for (int j = i; j + 1 < call.preserved_by_op_count; ++j)
      call.preserved_by_op[j] = call.preserved_by_op[j + 1];
    --call.preserved_by_op_count;
    return;
  }
}

void NoteRestored(int page) {
  Units* units = machine().units;
  if (!units || g_call->owner == 0) return;  // the core's own
  units->pages.allocated_for[page] = g_call->owner;
}

void NoteFreed(int page) {
  if (Units* units = machine().units) {
    units->pages.allocated_for[page] = units->pages.preserved_by[page] = 0;
    units->pages.of_kho.Remove(page);
  }
}

namespace {

// The page of the pool at an address, if a driver may speak of it.
int TablePage(const void* address) {
  const int page = PageOf(address);
  if (page < kFirstPoolPage || address != PageAddress(page)) Crash();
  return page;
}

}  // namespace
}  // namespace holdfast::kernel

using namespace holdfast::kernel;
using holdfast::Finding;

extern "C" void* iommu_alloc_pages_sz(gfp_t flags, size_t size) {
  if (flags == GFP_KERNEL) holdfast_might_sleep();
  if (size > kPageSize) return nullptr;
  if (PassRequestOfDriver()) return nullptr;
  const int page = TakePages(1);
  if (page < 0) return nullptr;
  machine().allocated.Add(page);
  if (Units* units = machine().units) units->pages.allocated_for[page] = g_call->owner;
  return PageAddress(page);
}

extern "C" void iommu_free_pages(void* address) {
  if (!address) return;
  const int page = TablePage(address);
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
