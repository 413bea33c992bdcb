// A stand-in: the part of the IOMMU core that the preservation core needs. Members that the kernel
// has only under CONFIG_IOMMU_LIVEUPDATE are always here, so one environment serves both settings.
// A member that nothing here fills in is there for code that asks whether the member is set.
#ifndef HOLDFAST_LINUX_IOMMU_H_
#define HOLDFAST_LINUX_IOMMU_H_

#include <linux/bug.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/mutex.h>

struct iommu_device;
struct iommu_device_ser;
struct iommu_domain;
struct iommu_domain_ser;
struct iommu_domain_ops;
struct iommu_hw_ser;

struct iommu_ops {
  void (*release_device)(struct device* dev);
  const struct iommu_domain_ops* default_domain_ops;
  struct iommu_domain *identity_domain, *blocked_domain, *release_domain;
  int (*preserve_device)(struct device* dev, struct iommu_device_ser* device_ser);
  void (*unpreserve_device)(struct device* dev, struct iommu_device_ser* device_ser);
  int (*preserve)(struct iommu_device* iommu, struct iommu_hw_ser* iommu_ser);
  void (*unpreserve)(struct iommu_device* iommu, struct iommu_hw_ser* iommu_ser);
};

struct iommu_device {
  const struct iommu_ops* ops;
  struct iommu_hw_ser* outgoing_preserved_state;
  unsigned char index;  // the environment's own: which IOMMU of the topology this is
};

// The firmware's description of a device: the ids of its requests, first the device's own id, then
// its aliases.
struct iommu_fwspec {
  unsigned int num_ids;
  u32 ids[2];
};

struct dev_iommu {
  struct iommu_device* iommu_dev;
  struct iommu_device_ser* device_ser;
  struct iommu_fwspec* fwspec;
  void* priv;  // the driver's
  u32 max_pasids;
};

static inline struct iommu_fwspec* dev_iommu_fwspec_get(struct device* dev) {
  return dev->iommu ? dev->iommu->fwspec : NULL;
}
static inline void* dev_iommu_priv_get(struct device* dev) { return dev->iommu->priv; }
static inline void dev_iommu_priv_set(struct device* dev, void* priv) { dev->iommu->priv = priv; }

#define IOMMU_NO_PASID (0u)

#define IOMMU_READ (1 << 0)
#define IOMMU_WRITE (1 << 1)

// Older code preserves a domain through these ops. Newer code uses the ops of the domain's generic
// page table (linux/generic_pt/iommu.h).
struct iommu_domain_ops {
  int (*attach_dev)(struct iommu_domain* domain, struct device* dev, struct iommu_domain* old);
  void (*free)(struct iommu_domain* domain);
  int (*preserve)(struct iommu_domain* domain, struct iommu_domain_ser* ser);
  void (*unpreserve)(struct iommu_domain* domain, struct iommu_domain_ser* ser);
  int (*restore)(struct iommu_domain* domain, struct iommu_domain_ser* ser);
};

// A driver here has domains of its own tables alone; code asks for the other types.
#define __IOMMU_DOMAIN_PAGING (1U << 0)
#define __IOMMU_DOMAIN_PT (1U << 2)
#define __IOMMU_DOMAIN_NESTED (1U << 6)
#define IOMMU_DOMAIN_BLOCKED (0U)
#define IOMMU_DOMAIN_IDENTITY __IOMMU_DOMAIN_PT
#define IOMMU_DOMAIN_UNMANAGED __IOMMU_DOMAIN_PAGING
#define IOMMU_DOMAIN_NESTED __IOMMU_DOMAIN_NESTED

struct iommu_domain {
  unsigned int type;
  bool is_iommupt;
  const struct iommu_domain_ops* ops;
  struct iommu_domain_ser* preserved_state;
  unsigned char index;  // the environment's own, as above
};

HOLDFAST_BEGIN_C
// Takes the group's lock: a NULL group is a crash.
bool iommu_group_dma_owner_claimed(struct iommu_group* group);
// Needs no lock: groups never change here.
bool iommu_group_is_singleton(struct iommu_group* group);
// The group's owners, by the group or by one of its devices. Claims with one cookie are counted.
// A claim with another cookie is -EPERM, and a claim when the count is full is -EBUSY.
int iommu_group_claim_dma_owner(struct iommu_group* group, void* owner);
void iommu_group_release_dma_owner(struct iommu_group* group);
int iommu_device_claim_dma_owner(struct device* dev, void* owner);
void iommu_device_release_dma_owner(struct device* dev);
// No reference is counted: a group lives as long as the world. NULL: the device is in no group.
struct iommu_group* iommu_group_get(struct device* dev);
void iommu_group_put(struct iommu_group* group);
// Calls `fn` for each device of the group until a call returns non-zero. Returns the last result.
int iommu_group_for_each_dev(struct iommu_group* group, void* data,
                             int (*fn)(struct device* dev, void* data));

// A domain with a generic page table, for devices of the next kernel. A domain that is never freed
// is a leak (Finding::kMemoryLeaked); one that is freed twice is a crash.
struct iommu_domain* iommu_paging_domain_alloc(struct device* dev);
void iommu_domain_free(struct iommu_domain* domain);
// The domain that the device is attached to, or NULL.
struct iommu_domain* iommu_get_domain_for_dev(struct device* dev);
HOLDFAST_END_C

// Visits the devices that the kernel before preserved.
typedef int (*iommu_preserved_device_iter_fn)(struct iommu_device_ser* ser, void* arg);

typedef int (*iommu_dev_iter_fn)(struct device* dev, struct iommu_device* iommu, void* arg);

struct iommu_dev_iter {
  struct iommu_device* iommu;
  iommu_dev_iter_fn fn;
  void* arg;
};

HOLDFAST_BEGIN_C
void iommu_for_each_dev(struct iommu_dev_iter* iter);  // the implementation's own
HOLDFAST_END_C

#endif  // HOLDFAST_LINUX_IOMMU_H_
