/*
 * The pages of a driver's tables, where a driver of the kernel looks for them: in the folder of the
 * IOMMU drivers. Most of it is in linux/iommu-pages.h.
 */
#ifndef HOLDFAST_SUT_PORTS_IOMMU_PAGES_H_
#define HOLDFAST_SUT_PORTS_IOMMU_PAGES_H_

#include <linux/bug.h>
#include <linux/iommu-pages.h>

/* Takes a page over that must have come over: a page that did not stops the machine. */
static inline void iommu_restore_pages(phys_addr_t address) {
  BUG_ON(!iommu_restore_page(address));
}

/* As earlier versions call the two. */
static inline int iommu_preserve_page(void* page) { return iommu_preserve_pages(page); }
static inline void iommu_unpreserve_page(void* page) { iommu_unpreserve_pages(page); }

#endif /* HOLDFAST_SUT_PORTS_IOMMU_PAGES_H_ */
