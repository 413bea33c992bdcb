// The records that one kernel leaves to the next. All are packed; physical addresses are u64. The
// layout is that of v3, the whole series, or with HOLDFAST_PROFILE_V5 that of v5. Sizes and offsets
// are facts, and are asserted below (docs/spec/semantics.md 4).
//
// An implementation may bring its own header of this name: the decoder takes sizes and offsets from
// the header that the implementation was built with.
#ifndef HOLDFAST_LINUX_KHO_ABI_IOMMU_H_
#define HOLDFAST_LINUX_KHO_ABI_IOMMU_H_

#include <linux/compiler.h>

#ifdef HOLDFAST_PROFILE_V5
#define IOMMU_LUO_FLB_COMPATIBLE "iommu-liveupdate"
#define IOMMU_LUO_FLB_VERSION 1
#else
#define IOMMU_LUO_FLB_COMPATIBLE "iommu-liveupdate-v1"
#endif

#define IOMMU_SER_FLAG_DELETED (1u << 0)
#define IOMMU_SER_FLAG_INCOMING (1u << 1)

enum iommu_type_ser {
  IOMMU_INVALID,
  IOMMU_INTEL,
#ifdef HOLDFAST_PROFILE_V5
  IOMMU_ARM_SMMUV3,
#endif
};

// Every record starts with a header. Only hw records count references; in other records the count
// is 1 and stays 1.
struct iommu_hdr_ser {
  u32 ref_count;
  u32 flags;
} __packed;

// Starts each page of a chain.
struct iommu_array_hdr_ser {
  u64 next_array_phys;
  u64 nr_objects;
} __packed;

struct iommu_domain;

struct iommu_domain_ser {
  struct iommu_hdr_ser hdr;
  u64 top_table_phys;
  u64 top_level;
  u32 vasz;
#ifdef HOLDFAST_PROFILE_V5
  u8 sign_extend;
  u8 padding[3];
#else
  u32 sign_extend : 1;  // takes one byte: the records have the odd stride of 37
#endif
  struct iommu_domain* restored_domain;
} __packed;

struct iommu_dev_map_ser {
  u64 attachment_id;
  u64 domain_phys;
  u64 iommu_phys;
} __packed;

struct iommu_device_intel_ser {
#ifdef HOLDFAST_PROFILE_V5
  u8 restored;
  u8 padding[7];
#endif
  u64 pasid_table;
  u64 max_pasid;
} __packed;

struct iommu_intel_ser {
  u8 restored;
  u8 padding[7];
  u64 phys_addr;
  u64 root_table;
  u64 context_tables_bitmap[8];
} __packed;

#ifdef HOLDFAST_PROFILE_V5
struct iommu_master_smmuv3_ser {
  u64 l1_cdtab_lu_state;
  u32 num_l2_cdtables;
  u32 padding;
  u64 l2_cdtab_lu_states_phys;
} __packed;

struct iommu_smmuv3_hw_ser {
  u64 phys_addr;
  u64 strtab_base_cfg;
  u64 l1_strtab_lu_state;
  u64 l2_strtab_lu_states_phys;
} __packed;
#endif

struct iommu_device_ser {
  struct iommu_hdr_ser hdr;
  u32 devid;
  u32 pci_domain_nr;
#ifdef HOLDFAST_PROFILE_V5
  u64 dma_owner_token;
#endif
  struct iommu_dev_map_ser domain_iommu_ser;
  union {
    struct iommu_device_intel_ser intel;
#ifdef HOLDFAST_PROFILE_V5
    struct iommu_master_smmuv3_ser smmuv3;
#endif
  };
} __packed;

struct iommu_hw_ser {
  struct iommu_hdr_ser hdr;
  u64 token;
  u64 type;
  union {
    struct iommu_intel_ser intel;
#ifdef HOLDFAST_PROFILE_V5
    struct iommu_smmuv3_hw_ser smmuv3;
#endif
  };
} __packed;

struct iommu_hw_array_ser {
  struct iommu_array_hdr_ser hdr;
  struct iommu_hw_ser objects[];
} __packed;

struct iommu_domain_array_ser {
  struct iommu_array_hdr_ser hdr;
  struct iommu_domain_ser objects[];
} __packed;

struct iommu_device_array_ser {
  struct iommu_array_hdr_ser hdr;
  struct iommu_device_ser objects[];
} __packed;

struct iommu_flb_ser {
#ifdef HOLDFAST_PROFILE_V5
  u64 version;
#endif
  u64 iommu_array_phys;
  u64 iommu_domain_array_phys;
  u64 device_array_phys;
} __packed;

#ifdef __cplusplus
#define HOLDFAST_STATIC_ASSERT static_assert
#else
#define HOLDFAST_STATIC_ASSERT _Static_assert
#endif
#ifdef HOLDFAST_PROFILE_V5
HOLDFAST_STATIC_ASSERT(sizeof(struct iommu_domain_ser) == 40, "v5 domain record");
HOLDFAST_STATIC_ASSERT(sizeof(struct iommu_device_ser) == 72, "v5 device record");
HOLDFAST_STATIC_ASSERT(sizeof(struct iommu_flb_ser) == 32, "v5 top record");
#else
HOLDFAST_STATIC_ASSERT(sizeof(struct iommu_domain_ser) == 37, "v3 domain record");
HOLDFAST_STATIC_ASSERT(sizeof(struct iommu_device_ser) == 56, "v3 device record");
HOLDFAST_STATIC_ASSERT(sizeof(struct iommu_flb_ser) == 24, "v3 top record");
#endif
HOLDFAST_STATIC_ASSERT(sizeof(struct iommu_hw_ser) == 112, "hw record");
HOLDFAST_STATIC_ASSERT(sizeof(struct iommu_array_hdr_ser) == 16, "page header");

#endif  // HOLDFAST_LINUX_KHO_ABI_IOMMU_H_
