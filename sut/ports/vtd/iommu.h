/*
 * A driver for Intel VT-d, under the names that the kernel's driver has for the same things. So two
 * implementations of its live update fit: the project's own (live_update.h names its files), and
 * drivers/iommu/intel/liveupdate.c of a kernel tree (sut/tree/driver). Everything else of the
 * driver is the same for both. Written from "Intel Virtualization Technology for Directed I/O,
 * Architecture Specification" (revision 4.1; the section numbers below are its own).
 *
 * A driver built with VTD_SCALABLE runs its units in scalable mode, else in legacy mode. With
 * VTD_FIRST_STAGE too, domains have first-stage tables (the processor's format), else second-stage
 * tables.
 *
 * The owner of each kind of page, and the op that preserves the page:
 *
 *   root table              the unit    preserve
 *   context tables          the unit    preserve_device, once each, recorded in the bitmap of the
 *                                       hw record; unpreserve releases the recorded tables
 *   PASID directory, table  the device  preserve_device
 *   page tables             the domain  the page table's preserve
 *
 * A context table is never freed while its unit lives. One thread runs, so a lock orders nothing.
 * The driver takes locks where the kernel's does, because a call that sleeps under one is a defect.
 */
#ifndef HOLDFAST_SUT_PORTS_VTD_IOMMU_H_
#define HOLDFAST_SUT_PORTS_VTD_IOMMU_H_

#include <linux/bitops.h>
#include <linux/generic_pt/iommu.h>
#include <linux/idr.h>
#include <linux/io.h>
#include <linux/iommu-liveupdate.h>
#include <linux/iommu-pages.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>

#ifdef VTD_SCALABLE
#define VTD_IS_SCALABLE 1
#else
#define VTD_IS_SCALABLE 0
#endif
#ifdef VTD_FIRST_STAGE
#define VTD_IS_FIRST_STAGE 1
#else
#define VTD_IS_FIRST_STAGE 0
#endif

#define VTD_PAGE_SHIFT 12
#define VTD_PAGE_SIZE (1UL << VTD_PAGE_SHIFT)
#define VTD_PAGE_MASK (~0xfffull)
#define VTD_PRESENT 1ull
#define VTD_ADDRESS(entry) ((entry) & VTD_PAGE_MASK)

/* Registers, section 11.4. */
#define DMAR_CAP_REG 0x08
#define DMAR_ECAP_REG 0x10
#define DMAR_GCMD_REG 0x18
#define DMAR_GSTS_REG 0x1c
#define DMAR_RTADDR_REG 0x20
#define DMA_GCMD_TE (1u << 31)
#define DMA_GCMD_SRTP (1u << 30)
#define DMA_GSTS_TES (1u << 31)
#define DMA_RTADDR_SMT (1ull << 10)

/* What is invalidated: sections 6.5.1.1, 6.5.1.2 and 6.5.2.2. */
#define DMA_CCMD_GLOBAL_INVL (1ull << 61)
#define DMA_CCMD_DOMAIN_INVL (2ull << 61)
#define DMA_CCMD_DEVICE_INVL (3ull << 61)
#define DMA_TLB_GLOBAL_FLUSH (1ull << 60)
#define DMA_TLB_DSI_FLUSH (2ull << 60)
#define DMA_TLB_PSI_FLUSH (3ull << 60)
#define QI_PC_ALL_PASIDS 0
#define QI_PC_PASID_SEL 1
#define QI_PC_GLOBAL 3

#define ROOT_ENTRY_NR 256

enum {
  VTD_CONTEXT_TABLES = 2 * ROOT_ENTRY_NR,
  VTD_LEVELS = 4,  /* 48 bits of address */
  VTD_TABLES = 64, /* page tables of a domain, at most */
};
/* Id 0 is the one that a cleared entry has (section 6.2.1). Capabilities allow at least 256. */
#define VTD_FIRST_ID 1
#define VTD_LAST_ID 255

/* Section 9.1. In scalable mode `lo` is for the devices 0 to 15 of the bus, `hi` for the others. */
struct root_entry {
  u64 lo, hi;
};
/* Section 9.3. In scalable mode (9.4) an entry is two of these. */
struct context_entry {
  u64 lo, hi;
};

struct intel_iommu;

struct iommu_flush {
  void (*flush_context)(struct intel_iommu* iommu, u16 did, u16 sid, u8 fm, u64 type);
  void (*flush_iotlb)(struct intel_iommu* iommu, u16 did, u64 addr, unsigned int size_order,
                      u64 type);
};

struct intel_iommu {
  struct iommu_device iommu;
  void* reg;
  u64 reg_phys;
  int seq_id;      /* its index in a domain's iommu_array */
  spinlock_t lock; /* of the root table and the context tables */
  struct root_entry* root_entry;
  struct mutex did_lock;
  struct ida domain_ida;
  struct iommu_flush flush;
};

/* A domain's id behind one unit. It is given back when the domain's last device there leaves. */
struct iommu_domain_info {
  struct intel_iommu* iommu;
  unsigned int refcnt;
  u16 did;
};

struct dmar_domain {
  union {
    struct iommu_domain domain;
    struct pt_iommu iommu;
  };
  struct xarray iommu_array; /* of iommu_domain_info, by the unit's seq_id */
  spinlock_t lock;
  struct list_head devices; /* device_domain_info.link */
  /* every table, each after the one that points at it; the first is the top */
  u64* tables[VTD_TABLES];
  unsigned int num_tables;
};

/* dev_iommu_priv_get() */
struct device_domain_info {
  struct list_head link;
  u8 bus, devfn;
  struct device* dev;
  struct intel_iommu* iommu;
  struct dmar_domain* domain;
  bool domain_attached;
  bool restored; /* its domain came over from the kernel before, with the device in it */
  struct pasid_table* pasid_table; /* scalable mode, from the first attach on */
};

static inline struct intel_iommu* to_intel_iommu(struct iommu_device* iommu) {
  return container_of(iommu, struct intel_iommu, iommu);
}
static inline struct dmar_domain* to_dmar_domain(struct iommu_domain* domain) {
  return container_of(domain, struct dmar_domain, domain);
}
static inline struct iommu_domain_info* domain_lookup_info(struct dmar_domain* domain,
                                                           struct intel_iommu* iommu) {
  return (struct iommu_domain_info*)xa_load(&domain->iommu_array, (unsigned long)iommu->seq_id);
}
static inline u16 domain_id_iommu(struct dmar_domain* domain, struct intel_iommu* iommu) {
  return domain_lookup_info(domain, iommu)->did;
}

static inline bool sm_supported(const struct intel_iommu* iommu) {
  (void)iommu;
  return VTD_IS_SCALABLE;
}
static inline bool dev_is_real_dma_subdevice(struct device* dev) {
  return dev && dev_is_pci(dev) && pci_real_dma_dev(to_pci_dev(dev)) != to_pci_dev(dev);
}

static inline bool context_present(const struct context_entry* context) {
  return context->lo & VTD_PRESENT;
}
static inline void context_clear_entry(struct context_entry* context) {
  WRITE_ONCE(context->lo, 0);
  WRITE_ONCE(context->hi, 0);
}
/* Page Request Enable, bit 4 of a scalable-mode entry. */
static inline void context_clear_sm_pre(struct context_entry* context) {
  context->lo &= ~BIT_ULL(4);
}

/* The walks of the units here snoop: memory is as the driver wrote it. */
static inline void __iommu_flush_cache(struct intel_iommu* iommu, void* address, int size) {
  (void)iommu, (void)address, (void)size;
}

/*
 * The caches of a device (ATS), and page requests: no device here has them, so there is nothing to
 * assign, to enable or to set.
 */
static inline void intel_iommu_enable_pci_ats(struct device_domain_info* info) { (void)info; }
static inline int cache_tag_assign_domain(struct dmar_domain* domain, struct device* dev,
                                          u32 pasid) {
  return (void)domain, (void)dev, (void)pasid, 0;
}
static inline void cache_tag_unassign_domain(struct dmar_domain* domain, struct device* dev,
                                             u32 pasid) {
  (void)domain, (void)dev, (void)pasid;
}
static inline int iopf_for_domain_set(struct iommu_domain* domain, struct device* dev) {
  return (void)domain, (void)dev, 0;
}
static inline void iopf_for_domain_remove(struct iommu_domain* domain, struct device* dev) {
  (void)domain, (void)dev;
}

HOLDFAST_BEGIN_C
/* paging.c */
struct pt_iommu* vtd_domain_alloc(struct iommu_domain_ser* ser);
int vtd_map(struct iommu_domain* domain, u64 iova, phys_addr_t phys, size_t size, int prot);
extern const struct pt_iommu_ops vtd_pt_ops;

/*
 * context.c. The context entry of a requester id, or NULL without a context table; with `alloc`,
 * the table is made. The caller holds iommu->lock.
 */
struct context_entry* iommu_context_addr(struct intel_iommu* iommu, u8 bus, u8 devfn, int alloc);
void domain_context_clear(struct device_domain_info* info);
int vtd_probe_device(struct device* dev);
int vtd_attach(struct iommu_domain* domain, struct device* dev, struct iommu_device_ser* ser);

/* domain_id.c. A device joins a domain or leaves it. */
int domain_attach_iommu(struct dmar_domain* domain, struct intel_iommu* iommu);
void domain_detach_iommu(struct dmar_domain* domain, struct intel_iommu* iommu);

/* unit.c */
struct iommu_device* vtd_probe(u64 reg_phys, struct iommu_hw_ser* ser);
void vtd_shutdown(struct iommu_device* iommu);
void qi_flush_pasid_cache(struct intel_iommu* iommu, u16 did, u64 granu, u32 pasid);
void vtd_flush_all(struct intel_iommu* iommu);

/*
 * The driver's live update: the part that is under test. In the order of a kernel's life:
 *
 *   vtd_restore_unit    takes over the tables of a unit that the kernel before left translating
 *   vtd_restore_device  adopts the live entries of a device. The device is in no domain yet
 *   vtd_detach_device   true: the device was in a domain that came over, and has left the domain's
 *                       account. False: the device leaves as any other
 *   vtd_ops             when a caller preserves
 *   vtd_shutdown_unit   a unit with preserved state, before the next kernel
 */
int vtd_restore_unit(struct intel_iommu* iommu, struct iommu_hw_ser* ser);
int vtd_restore_device(struct dmar_domain* domain, struct device* dev,
                       struct iommu_device_ser* ser);
bool vtd_detach_device(struct device* dev);
extern const struct iommu_ops vtd_ops;
void vtd_shutdown_unit(struct intel_iommu* iommu, const struct iommu_hw_ser* ser);
HOLDFAST_END_C

#endif /* HOLDFAST_SUT_PORTS_VTD_IOMMU_H_ */
