// A stand-in that behaves on purpose: coherent memory of at most a page. A device's address is the
// physical address. The calls that carry memory over a kexec are those of the series that brings
// SMMUv3 (dma_preserve_coherent_allocation and its like).
//
// `state` stands for preserved memory in a record. The value is never 0, and means nothing to a
// driver: the value is no address.
//
// The calls with dmam_ are for memory that the kernel frees when the driver leaves its device. No
// driver here leaves a device.
#ifndef HOLDFAST_LINUX_DMA_MAPPING_H_
#define HOLDFAST_LINUX_DMA_MAPPING_H_

#include <linux/bug.h>
#include <linux/device.h>
#include <linux/iommu-pages.h>

// As other headers, this one does not need the device.
static inline void* dma_alloc_coherent(struct device* dev, size_t size, dma_addr_t* dma,
                                       gfp_t flags) {
  void* memory = iommu_alloc_pages_sz(flags, size);

  (void)dev;
  *dma = memory ? virt_to_phys(memory) : 0;
  return memory;
}
static inline void dma_free_coherent(struct device* dev, size_t size, void* memory,
                                     dma_addr_t dma) {
  (void)dev, (void)size;
  WARN_ON(memory && dma != virt_to_phys(memory));
  iommu_free_pages(memory);
}

static inline int dma_preserve_coherent_allocation(struct device* dev, void* memory, size_t size,
                                                   dma_addr_t dma, u64* state) {
  int error;

  (void)dev;
  if (WARN_ON(size > PAGE_SIZE || dma != virt_to_phys(memory))) return -EINVAL;
  error = iommu_preserve_pages(memory);
  if (!error) *state = dma | 1;
  return error;
}
static inline void dma_unpreserve_coherent_allocation(struct device* dev, u64 state) {
  (void)dev;
  iommu_unpreserve_pages(phys_to_virt(state & ~1ULL));
}
// NULL: the state is of no memory that came over, or that memory is taken already.
static inline void* dma_restore_coherent_allocation(struct device* dev, size_t size,
                                                    dma_addr_t* dma, gfp_t flags, u64 state) {
  void* memory =
      size <= PAGE_SIZE && (state & 1) ? iommu_restore_page((phys_addr_t)(state & ~1ULL)) : NULL;

  (void)dev, (void)flags;
  *dma = memory ? virt_to_phys(memory) : 0;
  return memory;
}

#define dmam_alloc_coherent(dev, size, dma, flags) dma_alloc_coherent(dev, size, dma, flags)
#define dmam_preserve_coherent_allocation(dev, memory, size, dma, state) \
  dma_preserve_coherent_allocation(dev, memory, size, dma, state)
static inline void dmam_unpreserve_coherent_allocation(struct device* dev, void* memory,
                                                       size_t size, dma_addr_t dma, u64 state) {
  WARN_ON(size > PAGE_SIZE || dma != virt_to_phys(memory) || state != (dma | 1));
  dma_unpreserve_coherent_allocation(dev, state);
}
#define dmam_restore_coherent_allocation(dev, size, dma, flags, state) \
  dma_restore_coherent_allocation(dev, size, dma, flags, state)

#endif  // HOLDFAST_LINUX_DMA_MAPPING_H_
