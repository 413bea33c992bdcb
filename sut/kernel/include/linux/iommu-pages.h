// A stand-in that behaves on purpose: single pages for the tables of a driver. In the kernel this
// header is drivers/iommu/iommu-pages.h.
//
// The owner of a page is the object for which the driver was called when the page was allocated,
// preserved or restored. The owner decides what the page may still be used for
// (sut/kernel/machine/page_owners.h).
#ifndef HOLDFAST_LINUX_IOMMU_PAGES_H_
#define HOLDFAST_LINUX_IOMMU_PAGES_H_

#include <linux/kexec_handover.h>

HOLDFAST_BEGIN_C
// A zeroed page for at most PAGE_SIZE bytes; NULL if there is none.
void* iommu_alloc_pages_sz(gfp_t flags, size_t size);
void iommu_free_pages(void* page);
// Preserves the page for the next kernel, or takes that back.
int iommu_preserve_pages(void* page);
void iommu_unpreserve_pages(void* page);
// In the next kernel: takes the page over. NULL if the page did not come over.
void* iommu_restore_page(phys_addr_t address);
HOLDFAST_END_C

#endif  // HOLDFAST_LINUX_IOMMU_PAGES_H_
