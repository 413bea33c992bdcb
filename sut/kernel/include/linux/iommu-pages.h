// A stand-in that behaves on purpose: the pages that drivers make tables of, one at a time. In the
// kernel this is drivers/iommu/iommu-pages.h.
//
// A page has the owner that the driver was called for when it was allocated, preserved or restored;
// what it may still be used for follows from that (sut/kernel/machine/page_owners.h).
#ifndef HOLDFAST_LINUX_IOMMU_PAGES_H_
#define HOLDFAST_LINUX_IOMMU_PAGES_H_

#include <linux/kexec_handover.h>

HOLDFAST_BEGIN_C
// A zeroed page, of at most PAGE_SIZE; NULL if there is none.
void* iommu_alloc_pages_sz(gfp_t flags, size_t size);
void iommu_free_pages(void* page);
// The page goes to the next kernel, or no longer.
int iommu_preserve_pages(void* page);
void iommu_unpreserve_pages(void* page);
// In the next kernel: the page is this kernel's from now on. NULL if it did not come over.
void* iommu_restore_page(phys_addr_t address);
HOLDFAST_END_C

#endif  // HOLDFAST_LINUX_IOMMU_PAGES_H_
