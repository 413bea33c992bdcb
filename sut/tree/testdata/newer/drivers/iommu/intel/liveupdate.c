// SPDX-License-Identifier: MIT
/* A small kernel tree for tests: the live update of its VT-d driver. Context tables are recorded one by one, for the device's own ids. */

#include <linux/iommu-liveupdate.h>
#include <linux/kexec_handover.h>
#include <linux/pci.h>

#include "iommu.h"
#include "pasid.h"
#include "../iommu-pages.h"

/* A table for a bus, or in scalable mode one for each half: the upper half has the odd bit. */
static long table_bit(unsigned int bus, unsigned int half)
{
	return 2 * bus + half;
}

static unsigned long *table_bits(struct iommu_hw_ser *rec)
{
	return (unsigned long *)rec->intel.context_tables_bitmap;
}

static unsigned int halves(struct intel_iommu *unit)
{
	return sm_supported(unit) ? 2 : 1;
}

static struct context_entry *table_of(struct intel_iommu *unit, unsigned int bus, unsigned int half)
{
	struct context_entry *table;

	spin_lock(&unit->lock);
	table = iommu_context_addr(unit, bus, half ? 0x80 : 0, 0);
	spin_unlock(&unit->lock);
	return table;
}

/* --- preserve ------------------------------------------------------------- */

int intel_iommu_preserve(struct iommu_device *iommu, struct iommu_hw_ser *rec)
{
	struct intel_iommu *unit = container_of(iommu, struct intel_iommu, iommu);
	int ret = iommu_preserve_pages(unit->root_entry);

	if (ret)
		return ret;
	rec->token = unit->reg_phys;
	rec->type = IOMMU_INTEL;
	rec->intel.phys_addr = unit->reg_phys;
	rec->intel.root_table = virt_to_phys(unit->root_entry);
	return 0;
}

void intel_iommu_unpreserve(struct iommu_device *iommu, struct iommu_hw_ser *rec)
{
	struct intel_iommu *unit = container_of(iommu, struct intel_iommu, iommu);
	unsigned int bus, half;

	for (bus = 0; bus < ROOT_ENTRY_NR; bus++) {
		for (half = 0; half < halves(unit); half++) {
			if (test_and_clear_bit(table_bit(bus, half), table_bits(rec)))
				iommu_unpreserve_pages(table_of(unit, bus, half));
		}
	}
	iommu_unpreserve_pages(unit->root_entry);
}

static int preserve_context_table(struct pci_dev *pdev, u16 id, void *arg)
{
	struct device_domain_info *info = arg;
	struct iommu_hw_ser *rec = iommu_preserved_state(&info->iommu->iommu);
	unsigned int bus = PCI_BUS_NUM(id);
	unsigned int half = sm_supported(info->iommu) ? (id & 0xff) >> 7 : 0;
	int ret;

	if (test_bit(table_bit(bus, half), table_bits(rec)))
		return 0;
	ret = iommu_preserve_pages(table_of(info->iommu, bus, half));
	if (!ret)
		set_bit(table_bit(bus, half), table_bits(rec));
	return ret;
}

static int preserve_pasids(struct pasid_table *pasids)
{
	struct pasid_dir_entry *dir = pasids->table;
	u32 i, n = pasids->max_pasid >> PASID_PDE_SHIFT;
	int ret = iommu_preserve_pages(dir);

	if (ret)
		return ret;
	for (i = 0; i < n; i++) {
		struct pasid_entry *table = get_pasid_table_from_pde(&dir[i]);

		if (!table)
			continue;
		ret = iommu_preserve_pages(table);
		if (ret)
			goto undo;
	}
	return 0;

undo:
	while (i-- > 0) {
		if (get_pasid_table_from_pde(&dir[i]))
			iommu_unpreserve_pages(get_pasid_table_from_pde(&dir[i]));
	}
	iommu_unpreserve_pages(dir);
	return ret;
}

int intel_iommu_preserve_device(struct device *dev, struct iommu_device_ser *rec)
{
	struct device_domain_info *info = dev_iommu_priv_get(dev);
	struct pasid_table *pasids;
	int ret;

	if (!dev_is_pci(dev) || dev_is_real_dma_subdevice(dev))
		return -EOPNOTSUPP;
	if (!info || !info->domain)
		return -EINVAL;
	/* On an error the tables stay recorded: the unit's unpreserve releases them. */
	ret = pci_for_each_dma_alias(to_pci_dev(dev), preserve_context_table, info);
	if (ret)
		return ret;
	if (sm_supported(info->iommu)) {
		pasids = intel_pasid_get_table(dev);
		ret = preserve_pasids(pasids);
		if (ret)
			return ret;
		rec->intel.pasid_table = virt_to_phys(pasids->table);
		rec->intel.max_pasid = pasids->max_pasid;
	}
	rec->domain_iommu_ser.attachment_id = domain_id_iommu(info->domain, info->iommu);
	return 0;
}

void intel_iommu_unpreserve_device(struct device *dev, struct iommu_device_ser *rec)
{
	struct pasid_table *pasids = intel_pasid_get_table(dev);
	struct pasid_dir_entry *dir;
	u32 i;

	if (!pasids || !rec->intel.pasid_table)
		return;
	dir = pasids->table;
	for (i = 0; i < pasids->max_pasid >> PASID_PDE_SHIFT; i++) {
		if (get_pasid_table_from_pde(&dir[i]))
			iommu_unpreserve_pages(get_pasid_table_from_pde(&dir[i]));
	}
	iommu_unpreserve_pages(dir);
}

/* --- shutdown ------------------------------------------------------------- */

static int clear_id(struct pci_dev *pdev, u16 id, void *arg)
{
	struct device_domain_info *info = arg;
	struct context_entry *context = iommu_context_addr(info->iommu, PCI_BUS_NUM(id), id & 0xff, 0);

	if (context)
		context_clear_entry(context);
	return 0;
}

static int clear_unless_preserved(struct device *dev, struct iommu_device *iommu, void *arg)
{
	struct device_domain_info *info = dev_iommu_priv_get(dev);

	if (!info || dev_iommu_preserved_state(dev))
		return 0;
	if (!dev_is_pci(dev))
		return clear_id(NULL, PCI_DEVID(info->bus, info->devfn), info);
	return pci_for_each_dma_alias(to_pci_dev(dev), clear_id, info);
}

void clear_unpreserved_context_entries(struct intel_iommu *unit)
{
	struct iommu_dev_iter iter = { .iommu = &unit->iommu, .fn = clear_unless_preserved };
	struct iommu_hw_ser *rec = iommu_preserved_state(&unit->iommu);
	unsigned int bus;

	iommu_for_each_dev(&iter);
	for (bus = 0; bus < ROOT_ENTRY_NR; bus++) {
		if (!test_bit(table_bit(bus, 0), table_bits(rec)))
			unit->root_entry[bus].lo = 0;
		if (!test_bit(table_bit(bus, 1), table_bits(rec)))
			unit->root_entry[bus].hi = 0;
	}
	unit->flush.flush_context(unit, 0, 0, 0, DMA_CCMD_GLOBAL_INVL);
	if (sm_supported(unit))
		qi_flush_pasid_cache(unit, 0, QI_PC_GLOBAL, 0);
	unit->flush.flush_iotlb(unit, 0, 0, 0, DMA_TLB_GLOBAL_FLUSH);
}

/* --- the next kernel ------------------------------------------------------ */

static int reserve_id(struct iommu_device_ser *rec, void *arg)
{
	struct intel_iommu *unit = arg;
	struct iommu_hw_ser *hw = phys_to_virt(rec->domain_iommu_ser.iommu_phys);
	int id = rec->domain_iommu_ser.attachment_id;

	if (hw->token == unit->reg_phys && !ida_exists(&unit->domain_ida, id))
		BUG_ON(ida_alloc_range(&unit->domain_ida, id, id, GFP_KERNEL) != id);
	return 0;
}

void intel_iommu_liveupdate_restore_root_table(struct intel_iommu *unit, struct iommu_hw_ser *rec)
{
	unsigned int bus, half;

	iommu_restore_pages(rec->intel.root_table);
	unit->root_entry = phys_to_virt(rec->intel.root_table);
	for (bus = 0; bus < ROOT_ENTRY_NR; bus++) {
		for (half = 0; half < halves(unit); half++) {
			if (test_bit(table_bit(bus, half), table_bits(rec)))
				iommu_restore_pages(virt_to_phys(table_of(unit, bus, half)));
		}
	}
	BUG_ON(iommu_for_each_preserved_device(reserve_id, unit));
}

void *intel_pasid_restore_table(struct device *dev, u64 max_pasid)
{
	struct iommu_device_ser *rec = dev_iommu_restored_state(dev);
	struct pasid_dir_entry *dir;
	u64 i;

	if (!rec || !rec->intel.pasid_table)
		return NULL;
	BUG_ON(rec->intel.max_pasid != max_pasid);
	iommu_restore_pages(rec->intel.pasid_table);
	dir = phys_to_virt(rec->intel.pasid_table);
	for (i = 0; i < max_pasid >> PASID_PDE_SHIFT; i++) {
		if (get_pasid_table_from_pde(&dir[i]))
			iommu_restore_pages(virt_to_phys(get_pasid_table_from_pde(&dir[i])));
	}
	return dir;
}

int intel_iommu_restore_device(struct iommu_domain *domain, struct device *dev)
{
	struct iommu_device_ser *rec = dev_iommu_restored_state(dev);
	struct device_domain_info *info = dev_iommu_priv_get(dev);
	struct dmar_domain *dmar_domain = to_dmar_domain(domain);
	struct iommu_domain_info *known;
	unsigned long flags;

	if (!rec || !iommu_domain_restored_state(domain))
		return -EINVAL;
	if (!ida_exists(&info->iommu->domain_ida, rec->domain_iommu_ser.attachment_id))
		return -EINVAL;
	guard(mutex)(&info->iommu->did_lock);
	known = xa_load(&dmar_domain->iommu_array, info->iommu->seq_id);
	if (!known) {
		known = kzalloc_obj(*known);
		if (!known)
			return -ENOMEM;
		known->iommu = info->iommu;
		known->did = rec->domain_iommu_ser.attachment_id;
		xa_store(&dmar_domain->iommu_array, info->iommu->seq_id, known, GFP_KERNEL);
	}
	known->refcnt++;
	info->domain = dmar_domain;
	info->domain_attached = true;
	spin_lock_irqsave(&dmar_domain->lock, flags);
	list_add(&info->link, &dmar_domain->devices);
	spin_unlock_irqrestore(&dmar_domain->lock, flags);
	return 0;
}
