/* SPDX-License-Identifier: MIT */
/* A small kernel tree for tests, with the later interface: the DMA owner's token as the last argument. */
#ifndef _LINUX_IOMMU_LIVEUPDATE_H
#define _LINUX_IOMMU_LIVEUPDATE_H

#include <linux/iommu.h>
#include <linux/kho/abi/iommu.h>
#include <linux/liveupdate.h>

#ifdef CONFIG_IOMMU_LIVEUPDATE

static inline void *dev_iommu_preserved_state(struct device *dev)
{
	struct iommu_device_ser *rec = dev->iommu ? READ_ONCE(dev->iommu->device_ser) : NULL;

	if (rec && rec->hdr.flags & IOMMU_SER_FLAG_INCOMING)
		return NULL;
	return rec;
}

static inline void *dev_iommu_restored_state(struct device *dev)
{
	struct iommu_device_ser *rec = dev->iommu ? READ_ONCE(dev->iommu->device_ser) : NULL;

	return rec && rec->hdr.flags & IOMMU_SER_FLAG_INCOMING ? rec : NULL;
}

static inline void *iommu_domain_restored_state(struct iommu_domain *domain)
{
	struct iommu_domain_ser *rec = domain->preserved_state;

	return rec && rec->hdr.flags & IOMMU_SER_FLAG_INCOMING ? rec : NULL;
}

static inline void *iommu_preserved_state(struct iommu_device *iommu)
{
	return iommu->outgoing_preserved_state;
}

int iommu_preserve_domain(struct iommu_domain *domain, struct iommu_domain_ser **ser);
void iommu_unpreserve_domain(struct iommu_domain *domain);
int iommu_preserve_device(struct iommu_domain *domain, struct device *dev, u64 dma_owner_token);
void iommu_unpreserve_device(struct iommu_domain *domain, struct device *dev);
struct iommu_hw_ser *iommu_get_preserved_data(u64 token, enum iommu_type_ser type);
int iommu_for_each_preserved_device(iommu_preserved_device_iter_fn fn, void *arg);
int iommu_liveupdate_register_flb(struct liveupdate_file_handler *fh);

#endif

#endif
