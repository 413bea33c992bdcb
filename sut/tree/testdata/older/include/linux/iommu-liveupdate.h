/* SPDX-License-Identifier: MIT */
/*
 * A small kernel tree for tests, with the earlier interface: a place for the record's address as the last argument. The
 * restoring side is in it.
 */
#ifndef _LINUX_IOMMU_LIVEUPDATE_H
#define _LINUX_IOMMU_LIVEUPDATE_H

#include <linux/iommu.h>
#include <linux/kho/abi/iommu.h>
#include <linux/liveupdate.h>

#ifdef CONFIG_IOMMU_LIVEUPDATE

static inline bool is_incoming(const struct iommu_hdr_ser *hdr)
{
	return hdr->flags & IOMMU_SER_FLAG_INCOMING;
}

static inline void *dev_iommu_preserved_state(struct device *dev)
{
	struct iommu_device_ser *rec = dev->iommu ? dev->iommu->device_ser : NULL;

	return rec && !is_incoming(&rec->hdr) ? rec : NULL;
}

static inline void *dev_iommu_restored_state(struct device *dev)
{
	struct iommu_device_ser *rec = dev->iommu ? dev->iommu->device_ser : NULL;

	return rec && is_incoming(&rec->hdr) ? rec : NULL;
}

static inline void *iommu_preserved_state(struct iommu_device *iommu)
{
	return iommu->outgoing_preserved_state;
}

int iommu_preserve_domain(struct iommu_domain *domain, struct iommu_domain_ser **ser);
void iommu_unpreserve_domain(struct iommu_domain *domain);
int iommu_preserve_device(struct iommu_domain *domain, struct device *dev, u64 *preserved_state);
void iommu_unpreserve_device(struct iommu_domain *domain, struct device *dev);
int iommu_init_device_preserved_data(struct device *dev);
struct iommu_domain *iommu_restore_domain(struct device *dev, struct iommu_device_ser *ser, void **owner);
void iommu_release_restored_device(struct device *dev);
int iommu_liveupdate_register_flb(struct liveupdate_file_handler *fh);

#endif

#endif
