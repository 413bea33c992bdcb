/*
 * The part of a Binding that a kernel tree brings: its entry points in one shape, and the places of
 * the records' fields in its header. Plain C, because interface.c is compiled with the tree's
 * headers, and they are C. binding.cc makes the Binding.
 */
#ifndef HOLDFAST_SUT_TREE_INTERFACE_H_
#define HOLDFAST_SUT_TREE_INTERFACE_H_

#include <linux/compiler.h>

#include "model/layout_fields.h"

/* Shapes of iommu_preserve_device's last argument, for HOLDFAST_TREE_ARGUMENT. */
#define HOLDFAST_TREE_POINTER 1
#define HOLDFAST_TREE_TOKEN 2
#define HOLDFAST_TREE_NOTHING 3

#define HOLDFAST_TREE_NO_FIELD 0xffff

struct device;
struct iommu_device;
struct iommu_device_ser;
struct iommu_domain;
struct iommu_domain_ser;
struct liveupdate_file_handler;

struct holdfast_tree_layout {
#define SIZE(member, record) u32 member;
#define FIELD(member, record, field) u32 member;
  HOLDFAST_LAYOUT_SIZES(SIZE)
  HOLDFAST_LAYOUT_FIELDS(FIELD)
#undef SIZE
#undef FIELD
  u32 flags, device_token, version;
  u32 deleted_flag, incoming_flag; /* in the u32 at flags */
};

enum {
  HOLDFAST_TREE_PRESERVE_DOMAIN_ENTRY,
  HOLDFAST_TREE_UNPRESERVE_DOMAIN_ENTRY,
  HOLDFAST_TREE_PRESERVE_DEVICE_ENTRY,
  HOLDFAST_TREE_UNPRESERVE_DEVICE_ENTRY,
};

HOLDFAST_BEGIN_C
extern const void* const holdfast_tree_entry_points[];
extern const char* const holdfast_tree_profile;
struct holdfast_tree_layout holdfast_tree_layout(void);
int holdfast_tree_register_flb(struct liveupdate_file_handler* handler);
int holdfast_tree_preserve_domain(struct iommu_domain* domain, struct iommu_domain_ser** ser);
void holdfast_tree_unpreserve_domain(struct iommu_domain* domain);
int holdfast_tree_preserve_device(struct iommu_domain* domain, struct device* device, u64 token,
                                  u64* preserved_state);
void holdfast_tree_unpreserve_device(struct iommu_domain* domain, struct device* device);
void* holdfast_tree_device_state(struct device* device);
void* holdfast_tree_iommu_state(struct iommu_device* iommu);
/* NULL where the tree has none. */
extern int (*const holdfast_tree_for_each_incoming_device)(int (*fn)(void* record, void* argument),
                                                           void* argument);
extern void* (*const holdfast_tree_incoming_iommu)(u64 token);
extern int (*const holdfast_tree_probe_device)(struct device* device);
extern struct iommu_domain* (*const holdfast_tree_restore_domain)(struct device* device,
                                                                  struct iommu_device_ser* record,
                                                                  void** owner);
HOLDFAST_END_C

#endif /* HOLDFAST_SUT_TREE_INTERFACE_H_ */
