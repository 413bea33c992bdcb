// The interface under test, under the kernel's names: the entry points that an implementation
// defines, the two queries, and the stubs of a kernel without CONFIG_IOMMU_LIVEUPDATE.
//
// HOLDFAST_PROFILE_V5 selects the later interface. iommu_preserve_device then takes the token of
// the DMA owner instead of a place for the record's address.
#ifndef HOLDFAST_LINUX_IOMMU_LIVEUPDATE_H_
#define HOLDFAST_LINUX_IOMMU_LIVEUPDATE_H_

#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/kho/abi/iommu.h>
#include <linux/liveupdate.h>

#ifdef HOLDFAST_PROFILE_V5
typedef u64 holdfast_device_arg;  // dma_owner_token
#else
typedef u64* holdfast_device_arg;  // preserved_state, written on success
#endif

#ifdef CONFIG_IOMMU_LIVEUPDATE

HOLDFAST_BEGIN_C
int iommu_preserve_domain(struct iommu_domain* domain, struct iommu_domain_ser** ser);
void iommu_unpreserve_domain(struct iommu_domain* domain);
int iommu_preserve_device(struct iommu_domain* domain, struct device* dev,
                          holdfast_device_arg argument);
void iommu_unpreserve_device(struct iommu_domain* domain, struct device* dev);
int iommu_liveupdate_register_flb(struct liveupdate_file_handler* handler);
// The record of a unit that came over, for the unit's driver; NULL: none did.
struct iommu_hw_ser* iommu_get_preserved_data(u64 token, enum iommu_type_ser type);

// The restoring side, in the next kernel. An implementation may lack these three.
int iommu_init_device_preserved_data(struct device* dev);
struct iommu_domain* iommu_restore_domain(struct device* dev, struct iommu_device_ser* ser,
                                          void** owner);
void iommu_release_restored_device(struct device* dev);
HOLDFAST_END_C

// The record of a device that this kernel preserved. A record of the kernel before is no answer.
static inline void* dev_iommu_preserved_state(struct device* dev) {
  struct iommu_device_ser* record = dev->iommu ? dev->iommu->device_ser : NULL;

  return record && !(record->hdr.flags & IOMMU_SER_FLAG_INCOMING) ? record : NULL;
}

static inline void* iommu_preserved_state(struct iommu_device* iommu) {
  return iommu->outgoing_preserved_state;
}

// The records by which a device and a domain came over from the kernel before.
static inline void* dev_iommu_restored_state(struct device* dev) {
  struct iommu_device_ser* record = dev->iommu ? dev->iommu->device_ser : NULL;

  return record && (record->hdr.flags & IOMMU_SER_FLAG_INCOMING) ? record : NULL;
}

static inline void* iommu_domain_restored_state(struct iommu_domain* domain) {
  struct iommu_domain_ser* record = domain->preserved_state;

  return record && (record->hdr.flags & IOMMU_SER_FLAG_INCOMING) ? record : NULL;
}

#else  // CONFIG_IOMMU_LIVEUPDATE

static inline void* dev_iommu_preserved_state(struct device* dev) {
  (void)dev;
  return NULL;
}

static inline void* iommu_preserved_state(struct iommu_device* iommu) {
  (void)iommu;
  return NULL;
}

static inline int iommu_preserve_domain(struct iommu_domain* domain,
                                        struct iommu_domain_ser** ser) {
  (void)domain, (void)ser;
  return -EOPNOTSUPP;
}

static inline void iommu_unpreserve_domain(struct iommu_domain* domain) { (void)domain; }

static inline int iommu_preserve_device(struct iommu_domain* domain, struct device* dev,
                                        holdfast_device_arg argument) {
  (void)domain, (void)dev, (void)argument;
  return -EOPNOTSUPP;
}

static inline void iommu_unpreserve_device(struct iommu_domain* domain, struct device* dev) {
  (void)domain, (void)dev;
}

#endif  // CONFIG_IOMMU_LIVEUPDATE

#endif  // HOLDFAST_LINUX_IOMMU_LIVEUPDATE_H_
