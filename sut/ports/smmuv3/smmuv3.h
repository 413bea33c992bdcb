/*
 * A driver port for Arm SMMUv3, written from "Arm System Memory Management Unit Architecture
 * Specification, SMMU architecture version 3" (IHI 0070; the section numbers below are its own) and
 * the VMSAv8-64 translation tables of the Arm ARM.
 *
 * Domains have stage 1 tables, and each device has one CD. With SMMUV3_TWO_LEVEL_CDS the CD is in a
 * two-level table with room for substreams. With SMMUV3_STAGE_2 domains have stage 2 tables, and
 * there are no CDs. The stream table has two levels. With SMMUV3_LINEAR the stream table is a
 * single page, for units with few StreamIDs.
 *
 * The owner of each kind of page, and the op that preserves the page:
 *
 *   stream table, first level    the unit     preserve
 *   stream tables, second level  the unit     preserve_device, once each; unpreserve releases the
 *                                             recorded tables
 *   CD table(s)                  the device   preserve_device
 *   translation tables           the domain   the page table's preserve
 *
 * The field `lu_state` of a table in a record is the table's physical address, or 0 without a
 * table. The states of second-level tables are an array in a page of its own, which KHO gives out
 * and takes back. The array has as many states as the first level has entries.
 *
 * There is no cache to invalidate and no other thread to lock out: the caller serialises, as
 * sut/kernel/port.h says.
 */
#ifndef HOLDFAST_SUT_PORTS_SMMUV3_SMMUV3_H_
#define HOLDFAST_SUT_PORTS_SMMUV3_SMMUV3_H_

#include <linux/generic_pt/iommu.h>
#include <linux/io.h>
#include <linux/iommu-liveupdate.h>
#include <linux/iommu-pages.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/slab.h>

#ifdef SMMUV3_STAGE_2
#define SMMUV3_IS_STAGE_2 1
#else
#define SMMUV3_IS_STAGE_2 0
#endif
#ifdef SMMUV3_TWO_LEVEL_CDS
#define SMMUV3_HAS_TWO_LEVEL_CDS 1
#else
#define SMMUV3_HAS_TWO_LEVEL_CDS 0
#endif
#ifdef SMMUV3_LINEAR
#define SMMUV3_IS_LINEAR 1
#else
#define SMMUV3_IS_LINEAR 0
#endif

/* Registers, section 6.3. */
#define SMMUV3_CR0 0x20
#define SMMUV3_CR0ACK 0x24
#define SMMUV3_GBPA 0x44
#define SMMUV3_STRTAB_BASE 0x80
#define SMMUV3_STRTAB_BASE_CFG 0x88
#define SMMUV3_CR0_SMMUEN (1u << 0)
#define SMMUV3_GBPA_UPDATE (1u << 31)
#define SMMUV3_GBPA_ABORT (1u << 20)

#define SMMUV3_VALID 1ull
/*
 * Bits [47:12]: the address in a descriptor of a translation table, and in every other pointer of
 * this port to a page.
 */
#define SMMUV3_ADDRESS(word) ((word) & 0xfffffffff000ull)

enum {
  SMMUV3_SPLIT =
      6, /* a stream table of the second level, or a linear one: 64 STEs of 64 bytes, a page */
  SMMUV3_L1_ENTRIES = 512, /* of a first level: a page of them */
  SMMUV3_LOG2_STREAMS = SMMUV3_IS_LINEAR ? 6 : 15,
  SMMUV3_CD_MAX = 8,    /* S1CDMax of a two-level CD table: 2^8 CDs */
  SMMUV3_L2_CDTABS = 4, /* in tables of 64, a page */
  SMMUV3_IDS = 256,     /* ASIDs, or VMIDs */
  SMMUV3_UNITS = 8,
  SMMUV3_LEVELS = 4,  /* 48 bits of address */
  SMMUV3_TABLES = 64, /* translation tables of a domain, at most */
};

struct smmuv3_unit {
  struct iommu_device iommu;
  void* regs;
  u64 reg_phys;
  u64* strtab;                /* the first level, or the linear table */
  bool id_in_use[SMMUV3_IDS]; /* 0 never is */
};

/* A domain's id behind one unit; it is given back when its last device leaves. */
struct smmuv3_tag {
  struct smmuv3_unit* unit; /* NULL: free */
  u16 id;                   /* an ASID, or a VMID with stage 2 tables */
  unsigned int devices;
};

struct smmuv3_domain {
  struct pt_iommu pt;
  u64* tables
      [SMMUV3_TABLES]; /* every table, each after the one that points at it; the first is the top */
  unsigned int num_tables;
  struct smmuv3_tag tags[SMMUV3_UNITS];
};

struct smmuv3_device { /* dev_iommu_priv_get() */
  struct smmuv3_domain* domain;
  u64* l1_cdtab; /* stage 1, from the first attach on: the CD, or the first level */
  u64* l2_cdtab; /* of a two-level table: the one that SubstreamIDs 0 to 63 have */
};

static inline struct smmuv3_unit* to_smmuv3_unit(struct iommu_device* iommu) {
  return container_of(iommu, struct smmuv3_unit, iommu);
}
static inline struct smmuv3_domain* to_smmuv3_domain(struct iommu_domain* domain) {
  return container_of(domain, struct smmuv3_domain, pt.domain);
}

HOLDFAST_BEGIN_C
/* paging.c */
struct pt_iommu* smmuv3_domain_alloc(struct iommu_domain_ser* ser);
int smmuv3_map(struct iommu_domain* domain, u64 iova, phys_addr_t phys, size_t size, int prot);
extern const struct pt_iommu_ops smmuv3_pt_ops;

/* stream.c. `index` counts the tables of the second level. */
static inline unsigned int smmuv3_l2_index(u32 sid) { return sid >> SMMUV3_SPLIT; }
u64* smmuv3_l2_strtab(struct smmuv3_unit* unit, unsigned int index); /* NULL: none */
int smmuv3_add_l2_strtab(struct smmuv3_unit* unit, u32 sid);
void smmuv3_clear_l2_strtab(struct smmuv3_unit* unit, unsigned int index);
u64* smmuv3_ste(struct smmuv3_unit* unit, u32 sid); /* NULL: no table has it */
void smmuv3_abort_stream(struct smmuv3_unit* unit, u32 sid);
int smmuv3_reserve_ids(struct smmuv3_unit* unit,
                       const u64* stes); /* of a page of STEs that came over */

/* attach.c */
int smmuv3_probe_device(struct device* dev);
int smmuv3_attach(struct iommu_domain* domain, struct device* dev, struct iommu_device_ser* ser);
struct smmuv3_tag* smmuv3_tag_of(struct smmuv3_domain* domain, struct smmuv3_unit* unit);

/* preserve.c */
extern const struct iommu_ops smmuv3_ops;

/* unit.c */
struct iommu_device* smmuv3_probe(u64 reg_phys, struct iommu_hw_ser* ser);
void smmuv3_shutdown(struct iommu_device* iommu);
HOLDFAST_END_C

#endif /* HOLDFAST_SUT_PORTS_SMMUV3_SMMUV3_H_ */
