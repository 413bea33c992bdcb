/*
 * A driver for Arm SMMUv3, under the names that the kernel's driver has for the same things. So two
 * implementations of its live update fit: the project's own (the end of this header names its
 * files), and drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-liveupdate.c of a kernel tree
 * (sut/tree/driver). Everything else of the driver is the same for both. Written from "Arm System
 * Memory Management Unit Architecture Specification, SMMU architecture version 3" (IHI 0070; the
 * section numbers below are its own) and the VMSAv8-64 translation tables of the Arm ARM.
 *
 * Domains have stage 1 tables, and each device has one CD. With SMMUV3_TWO_LEVEL_CDS the CD is in a
 * two-level table with room for substreams. With SMMUV3_STAGE_2 domains have stage 2 tables, and
 * there are no CDs. The stream table has two levels. With SMMUV3_LINEAR the stream table is a
 * single page, for units with few StreamIDs.
 *
 * The owner of each kind of page, and the op that preserves the page:
 *
 *   stream table, first level    the unit     preserve
 *   stream tables, second level  the unit     preserve_device, once each
 *   CD table(s)                  the device   preserve_device
 *   translation tables           the domain   the page table's preserve
 *
 * Every table is a page of coherent memory (linux/dma-mapping.h), and no table is freed while its
 * owner lives. One thread runs, so a lock orders nothing. The driver takes locks where the kernel's
 * does.
 */
#ifndef HOLDFAST_SUT_PORTS_SMMUV3_ARM_SMMU_V3_H_
#define HOLDFAST_SUT_PORTS_SMMUV3_ARM_SMMU_V3_H_

#include <linux/bitfield.h>
#include <linux/bitmap.h>
#include <linux/dma-mapping.h>
#include <linux/generic_pt/iommu.h>
#include <linux/idr.h>
#include <linux/io.h>
#include <linux/iommu-liveupdate.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/rbtree.h>
#include <linux/slab.h>
#include <linux/xarray.h>

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
#define ARM_SMMU_CR0 0x20
#define ARM_SMMU_CR0ACK 0x24
#define ARM_SMMU_GBPA 0x44
#define ARM_SMMU_STRTAB_BASE 0x80
#define ARM_SMMU_STRTAB_BASE_CFG 0x88
#define CR0_SMMUEN (1u << 0)
#define CR0_PRIQEN (1u << 1)
#define CR0_EVTQEN (1u << 2)
#define CR0_CMDQEN (1u << 3)
#define GBPA_UPDATE (1u << 31)
#define GBPA_ABORT (1u << 20)
#define STRTAB_BASE_ADDR_MASK GENMASK_ULL(51, 6)
#define STRTAB_BASE_CFG_FMT GENMASK(17, 16)
#define STRTAB_BASE_CFG_FMT_LINEAR 0
#define STRTAB_BASE_CFG_FMT_2LVL 1
#define STRTAB_BASE_CFG_SPLIT GENMASK(10, 6)
#define STRTAB_BASE_CFG_LOG2SIZE GENMASK(5, 0)

/* --- the stream table: sections 5.1 and 5.2 --------------------------------------------------- */

/* A second level of 64 STEs, or a linear table of as many: a page. */
#define STRTAB_SPLIT 6
#define STRTAB_NUM_L2_STES (1 << STRTAB_SPLIT)
#define STRTAB_MAX_L1_ENTRIES 512
#define STRTAB_L1_DESC_SPAN GENMASK_ULL(4, 0)
#define STRTAB_L1_DESC_L2PTR_MASK GENMASK_ULL(51, 6)

#define STRTAB_STE_DWORDS 8
#define STRTAB_STE_0_V (1ULL << 0)
#define STRTAB_STE_0_CFG GENMASK_ULL(3, 1)
#define STRTAB_STE_0_CFG_ABORT 0
#define STRTAB_STE_0_CFG_BYPASS 4
#define STRTAB_STE_0_CFG_S1_TRANS 5
#define STRTAB_STE_0_CFG_S2_TRANS 6
#define STRTAB_STE_0_CFG_NESTED 7
#define STRTAB_STE_0_S1FMT GENMASK_ULL(5, 4)
#define STRTAB_STE_0_S1FMT_LINEAR 0
/* The kernel's second levels have 64 KB. The ones here have 4 KB, so that each is a page. */
#define STRTAB_STE_0_S1FMT_64K_L2 1
#define STRTAB_STE_0_S1CTXPTR_MASK GENMASK_ULL(51, 6)
#define STRTAB_STE_0_S1CDMAX GENMASK_ULL(63, 59)
#define STRTAB_STE_2_S2VMID GENMASK_ULL(15, 0)
#define STRTAB_STE_3_S2TTB_MASK GENMASK_ULL(51, 4)

struct arm_smmu_ste {
  __le64 data[STRTAB_STE_DWORDS];
};
struct arm_smmu_strtab_l1 {
  __le64 l2ptr;
};
struct arm_smmu_strtab_l2 {
  struct arm_smmu_ste stes[STRTAB_NUM_L2_STES];
};

struct arm_smmu_strtab_cfg {
  union {
    struct {
      struct arm_smmu_ste* table;
      dma_addr_t ste_dma;
      unsigned int num_ents;
    } linear;
    struct {
      struct arm_smmu_strtab_l1* l1tab;
      struct arm_smmu_strtab_l2** l2ptrs;
      dma_addr_t l1_dma;
      unsigned int num_l1_ents;
    } l2;
  };
};

static inline u32 arm_smmu_strtab_l1_idx(u32 sid) { return sid / STRTAB_NUM_L2_STES; }
static inline u32 arm_smmu_strtab_l2_idx(u32 sid) { return sid % STRTAB_NUM_L2_STES; }

/* --- context descriptors: sections 5.3 and 5.4 ------------------------------------------------ */

#define CTXDESC_L2_ENTRIES 64
#define CTXDESC_L1_DESC_V (1ULL << 0)
#define CTXDESC_L1_DESC_L2PTR_MASK GENMASK_ULL(51, 12)
#define CTXDESC_CD_DWORDS 8
#define CTXDESC_CD_0_V (1ULL << 31)
#define CTXDESC_CD_0_ASID GENMASK_ULL(63, 48)
#define CTXDESC_CD_1_TTB0_MASK GENMASK_ULL(51, 4)

struct arm_smmu_cd {
  __le64 data[CTXDESC_CD_DWORDS];
};
struct arm_smmu_cdtab_l1 {
  __le64 l2ptr;
};
struct arm_smmu_cdtab_l2 {
  struct arm_smmu_cd cds[CTXDESC_L2_ENTRIES];
};

struct arm_smmu_ctx_desc {
  u16 asid;
};
struct arm_smmu_s2_cfg {
  u16 vmid;
};

struct arm_smmu_ctx_desc_cfg {
  union {
    struct {
      struct arm_smmu_cd* table;
      unsigned int num_ents;
    } linear;
    struct {
      struct arm_smmu_cdtab_l1* l1tab;
      struct arm_smmu_cdtab_l2** l2ptrs;
      unsigned int num_l1_ents;
    } l2;
  };
  dma_addr_t cdtab_dma;
  unsigned int used_ssids;
  u8 s1fmt;
  u8 s1cdmax; /* 2^s1cdmax CDs */
};

static inline bool arm_smmu_cdtab_allocated(const struct arm_smmu_ctx_desc_cfg* cd_table) {
  return cd_table->linear.table || cd_table->l2.l1tab;
}
static inline bool arm_smmu_ssids_in_use(const struct arm_smmu_ctx_desc_cfg* cd_table) {
  return cd_table->used_ssids != 0;
}

/* --- the unit --------------------------------------------------------------------------------- */

/* Commands, sections 4.3 and 4.4. */
#define CMDQ_OP_CFGI_ALL 0x4
#define CMDQ_OP_TLBI_EL2_ALL 0x20
#define CMDQ_OP_TLBI_NSNH_ALL 0x30

struct arm_smmu_cmd {
  u64 data[2];
};
struct arm_smmu_queue {
  int irq;
};
struct arm_smmu_cmdq {
  struct arm_smmu_queue q;
};
struct arm_smmu_evtq {
  struct arm_smmu_queue q;
};

#define ARM_SMMU_FEAT_2_LVL_STRTAB (1 << 0)
#define ARM_SMMU_FEAT_2_LVL_CDTAB (1 << 1)
#define ARM_SMMU_FEAT_COHERENCY (1 << 8)
#define ARM_SMMU_FEAT_TRANS_S1 (1 << 9)
#define ARM_SMMU_FEAT_TRANS_S2 (1 << 10)
#define ARM_SMMU_FEAT_HYP (1 << 12)

struct arm_smmu_device {
  struct device* dev;
  void* base;
  phys_addr_t base_phys;
  u32 features;
  struct arm_smmu_cmdq cmdq;
  struct arm_smmu_evtq evtq;
  int combined_irq;
  unsigned int asid_bits, vmid_bits, ssid_bits, sid_bits;
  struct xarray asid_map; /* of arm_smmu_domain, under arm_smmu_asid_lock */
  struct ida vmid_map;
  struct arm_smmu_strtab_cfg strtab_cfg;
  struct iommu_device iommu;
  struct rb_root streams; /* of arm_smmu_stream, by the id */
  struct mutex streams_mutex;
  struct list_head link; /* of all units */
};

struct arm_smmu_stream {
  u32 id;
  struct arm_smmu_master* master;
  struct rb_node node;
};

struct arm_smmu_master { /* dev_iommu_priv_get() */
  struct arm_smmu_device* smmu;
  struct device* dev;
  struct arm_smmu_stream* streams;
  unsigned int num_streams;
  struct arm_smmu_ctx_desc_cfg cd_table; /* stage 1, from the first attach on */
  struct arm_smmu_domain* domain;
  struct list_head domain_link;
  bool preserved; /* for the live update alone */
};

/* --- domains ---------------------------------------------------------------------------------- */

enum {
  SMMUV3_LEVELS = 4,  /* 48 bits of address */
  SMMUV3_TABLES = 64, /* translation tables of a domain, at most */
};

enum arm_smmu_domain_stage {
  ARM_SMMU_DOMAIN_S1,
  ARM_SMMU_DOMAIN_S2,
  ARM_SMMU_DOMAIN_SVA,
};

struct pt_iommu_armv8 {
  struct pt_iommu iommu;
  /* every table, each after the one that points at it; the first is the top */
  u64* tables[SMMUV3_TABLES];
  unsigned int num_tables;
};
struct pt_iommu_armv8_hw_info {
  u64 ttb;
};

/*
 * A domain has one id, an ASID or with stage 2 tables a VMID, from its first attach on. A domain
 * here may have devices behind several units, so the id is taken behind all of them.
 */
struct arm_smmu_domain {
  struct arm_smmu_device* smmu; /* of the first attach; NULL: no id yet */
  enum arm_smmu_domain_stage stage;
  union {
    struct arm_smmu_ctx_desc cd;
    struct arm_smmu_s2_cfg s2_cfg;
  };
  union {
    struct iommu_domain domain;
    struct pt_iommu_armv8 armv8pt;
  };
  struct list_head devices; /* arm_smmu_master.domain_link */
};

static inline struct arm_smmu_device* to_smmu_device(struct iommu_device* iommu) {
  return container_of(iommu, struct arm_smmu_device, iommu);
}
static inline struct arm_smmu_domain* to_smmu_domain(struct iommu_domain* domain) {
  return container_of(domain, struct arm_smmu_domain, domain);
}
static inline void pt_iommu_armv8_hw_info(struct pt_iommu_armv8* table,
                                          struct pt_iommu_armv8_hw_info* info) {
  info->ttb = virt_to_phys(table->tables[0]);
}
static inline u16 smmuv3_id(const struct arm_smmu_domain* domain) {
  return domain->stage == ARM_SMMU_DOMAIN_S1 ? domain->cd.asid : domain->s2_cfg.vmid;
}

HOLDFAST_BEGIN_C
/* paging.c */
struct pt_iommu* smmuv3_domain_alloc(struct iommu_domain_ser* ser);
int smmuv3_map(struct iommu_domain* domain, u64 iova, phys_addr_t phys, size_t size, int prot);
extern const struct pt_iommu_ops smmuv3_pt_ops;

/* stream.c. A stream whose table is there has an STE; arm_smmu_init_sid_strtab makes the table. */
int smmuv3_init_strtab(struct arm_smmu_device* smmu);
int arm_smmu_init_sid_strtab(struct arm_smmu_device* smmu, u32 sid);
struct arm_smmu_ste* arm_smmu_get_step_for_sid(struct arm_smmu_device* smmu, u32 sid);
void arm_smmu_make_abort_ste(struct arm_smmu_ste* target);
void arm_smmu_write_ste(struct arm_smmu_master* master, u32 sid, struct arm_smmu_ste* ste,
                        const struct arm_smmu_ste* target);

/*
 * context.c. NULL: no table has that CD. Tables that are forgotten stay where they are: a unit may
 * walk them.
 */
int smmuv3_alloc_cd_tables(struct arm_smmu_master* master);
void smmuv3_forget_cd_tables(struct arm_smmu_master* master);
struct arm_smmu_cd* arm_smmu_get_cd_ptr(struct arm_smmu_master* master, u32 ssid);
void smmuv3_write_domain_cd(struct arm_smmu_master* master, struct arm_smmu_domain* domain);

/* attach.c. The first word of a device's STE depends on its CD tables. */
int smmuv3_probe_device(struct device* dev);
int smmuv3_attach(struct iommu_domain* domain, struct device* dev, struct iommu_device_ser* ser);
void smmuv3_make_ste(struct arm_smmu_ste* target, struct arm_smmu_master* master,
                     struct arm_smmu_domain* domain);

/* id.c. Takes a free id for the domain, unless the domain has one. */
int smmuv3_take_id(struct arm_smmu_domain* domain, struct arm_smmu_device* smmu);
extern struct mutex arm_smmu_asid_lock;
extern struct list_head smmuv3_units;

/*
 * kexec.c. For the next kernel: the registers and descriptors that came over are of a known format,
 * or the result is -EINVAL. A descriptor that points nowhere is 1.
 */
int arm_smmu_kexec_parse_strtab_2lvl(struct arm_smmu_device* smmu, u32 cfg_reg, phys_addr_t base,
                                     u32* num_l1_ents);
int arm_smmu_kexec_parse_strtab_linear(struct arm_smmu_device* smmu, u32 cfg_reg, phys_addr_t base,
                                       u32* num_ents);
int arm_smmu_kexec_check_strtab_l1_desc(struct arm_smmu_device* smmu, u64 l1_desc, u32 idx,
                                        phys_addr_t* l2_base);
int arm_smmu_kexec_check_ste_cdtab(struct arm_smmu_device* smmu, u64 ste0, phys_addr_t* cdtab,
                                   u32* s1fmt, u32* max_contexts);
int arm_smmu_kexec_check_cdtab_l1_desc(u64 l1_desc, phys_addr_t* l2_base);
/* No domain is given an id that a stream uses. */
int arm_smmu_kexec_scan_and_resv_ids(struct arm_smmu_device* smmu);
void arm_smmu_kexec_unresv_ids(struct arm_smmu_device* smmu);

/* unit.c. The unit completes its commands at once, while its command queue is enabled. */
struct iommu_device* smmuv3_probe(u64 base_phys, struct iommu_hw_ser* ser);
void smmuv3_shutdown(struct iommu_device* iommu);
int arm_smmu_write_reg_sync(struct arm_smmu_device* smmu, u32 value, unsigned int reg_off,
                            unsigned int ack_off);
int arm_smmu_disable_irqs(struct arm_smmu_device* smmu);
struct arm_smmu_cmd arm_smmu_make_cmd_op(u8 op);
struct arm_smmu_cmd arm_smmu_make_cmd_cfgi_all(void);
int arm_smmu_cmdq_issue_cmdlist(struct arm_smmu_device* smmu, struct arm_smmu_cmdq* cmdq,
                                struct arm_smmu_cmd* cmds, int n, bool sync);

/*
 * The driver's live update: the part that is under test. In the order of a kernel's life:
 *
 *   smmuv3_restore_unit    takes over the stream table of a unit that the kernel before left
 *                          translating, and reserves the ids in use
 *   smmuv3_restore_device  adopts the live STE and CD tables of a device. Afterwards the domain has
 *                          the live id
 *   smmuv3_ops             when a caller preserves
 *   smmuv3_shutdown_unit   a unit with preserved state, before the next kernel. After an error the
 *                          unit is turned off
 */
int smmuv3_restore_unit(struct arm_smmu_device* smmu, struct iommu_hw_ser* ser);
int smmuv3_restore_device(struct arm_smmu_master* master, struct arm_smmu_domain* domain,
                          struct iommu_device_ser* ser);
extern const struct iommu_ops smmuv3_ops;
int smmuv3_shutdown_unit(struct arm_smmu_device* smmu, const struct iommu_hw_ser* ser);
HOLDFAST_END_C

#endif /* HOLDFAST_SUT_PORTS_SMMUV3_ARM_SMMU_V3_H_ */
