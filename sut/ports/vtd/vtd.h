/*
 * A driver port for Intel VT-d, written from "Intel Virtualization Technology for Directed I/O,
 * Architecture Specification" (revision 4.1; the section numbers below are its own).
 *
 * A port built with VTD_SCALABLE runs its units in scalable mode, else in legacy mode. With
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
 * There is no cache to invalidate and no other thread to lock out: the caller serialises, as port.h
 * says.
 */
#ifndef HOLDFAST_SUT_PORTS_VTD_VTD_H_
#define HOLDFAST_SUT_PORTS_VTD_VTD_H_

#include <linux/generic_pt/iommu.h>
#include <linux/io.h>
#include <linux/iommu-liveupdate.h>
#include <linux/iommu-pages.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/slab.h>

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

/* Registers, section 11.4. */
#define VTD_CAP 0x08
#define VTD_GCMD 0x18
#define VTD_GSTS 0x1c
#define VTD_RTADDR 0x20
#define VTD_GCMD_TE (1u << 31)
#define VTD_GCMD_SRTP (1u << 30)
#define VTD_GSTS_TES (1u << 31)
#define VTD_RTADDR_SCALABLE (1ull << 10)

#define VTD_PRESENT 1ull
#define VTD_ADDRESS(entry) ((entry) & ~0xfffull)

enum {
  VTD_BUSES = 256,
  VTD_IDS = 256, /* CAP.ND of at least 2 */
  VTD_UNITS = 8,
  VTD_LEVELS = 4,  /* 48 bits of address */
  VTD_TABLES = 64, /* page tables of a domain, at most */
};

struct vtd_unit {
  struct iommu_device iommu;
  void* regs;
  u64 reg_phys;
  u64* root;
  bool id_in_use[VTD_IDS]; /* 0 never is */
};

/* A domain's id behind one unit; it is given back when its last device leaves. */
struct vtd_attachment {
  struct vtd_unit* unit; /* NULL: free */
  u16 id;
  unsigned int devices;
};

struct vtd_domain {
  struct pt_iommu pt;
  u64* tables
      [VTD_TABLES]; /* every table, each after the one that points at it; the first is the top */
  unsigned int num_tables;
  struct vtd_attachment attachments[VTD_UNITS];
};

struct vtd_device { /* dev_iommu_priv_get() */
  struct vtd_domain* domain;
  u64* pasid_dir; /* scalable mode, from the first attach on */
  u64* pasid_table;
};

static inline struct vtd_unit* to_vtd_unit(struct iommu_device* iommu) {
  return container_of(iommu, struct vtd_unit, iommu);
}
static inline struct vtd_domain* to_vtd_domain(struct iommu_domain* domain) {
  return container_of(domain, struct vtd_domain, pt.domain);
}

HOLDFAST_BEGIN_C
/* paging.c */
struct pt_iommu* vtd_domain_alloc(struct iommu_domain_ser* ser);
int vtd_map(struct iommu_domain* domain, u64 iova, phys_addr_t phys, size_t size, int prot);
extern const struct pt_iommu_ops vtd_pt_ops;

/*
 * context.c. A context table belongs to a bus, or in scalable mode to half of a bus; `index` counts
 * the tables.
 */
unsigned int vtd_context_index(u32 id);
u64* vtd_context_table(struct vtd_unit* unit, unsigned int index); /* NULL: none */
void vtd_clear_context_table(struct vtd_unit* unit, unsigned int index);
void vtd_clear_context(struct vtd_unit* unit, u32 id);
int vtd_reserve_ids(struct vtd_unit* unit,
                    unsigned int index); /* of the entries of a context table that came over */
int vtd_probe_device(struct device* dev);
int vtd_attach(struct iommu_domain* domain, struct device* dev, struct iommu_device_ser* ser);
struct vtd_attachment* vtd_attachment_of(struct vtd_domain* domain, struct vtd_unit* unit);

/* preserve.c */
extern const struct iommu_ops vtd_ops;
static inline bool vtd_is_recorded(const struct iommu_hw_ser* ser, unsigned int index) {
  return ser->intel.context_tables_bitmap[index / 64] >> (index % 64) & 1;
}

/* unit.c */
struct iommu_device* vtd_probe(u64 reg_phys, struct iommu_hw_ser* ser);
void vtd_shutdown(struct iommu_device* iommu);
HOLDFAST_END_C

#define VTD_CONTEXT_TABLES (2 * VTD_BUSES)

#endif /* HOLDFAST_SUT_PORTS_VTD_VTD_H_ */
