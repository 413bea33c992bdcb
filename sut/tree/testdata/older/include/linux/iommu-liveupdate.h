/* SPDX-License-Identifier: MIT */
/* A small kernel tree for tests, with the earlier interface: a place for the record's address as the last argument. */
#ifndef _LINUX_IOMMU_LIVEUPDATE_H
#define _LINUX_IOMMU_LIVEUPDATE_H

#include <linux/iommu.h>
#include <linux/kho/abi/iommu.h>
#include <linux/liveupdate.h>

#ifdef CONFIG_IOMMU_LIVEUPDATE

static inline void *dev_iommu_preserved_state(struct device *dev)
{
	struct iommu_device_ser *rec = dev->iommu ? dev->iommu->device_ser : NULL;

	if (rec && rec->hdr.flags & IOMMU_SER_FLAG_INCOMING)
		return NULL;
	return rec;
}

static inline void *iommu_preserved_state(struct iommu_device *iommu)
{
	return iommu->outgoing_preserved_state;
}

int iommu_preserve_domain(struct iommu_domain *domain, struct iommu_domain_ser **ser);
void iommu_unpreserve_domain(struct iommu_domain *domain);
int iommu_preserve_device(struct iommu_domain *domain, struct device *dev, u64 *preserved_state);
void iommu_unpreserve_device(struct iommu_domain *domain, struct device *dev);
int iommu_liveupdate_register_flb(struct liveupdate_file_handler *fh);

#endif

#endif
