// SPDX-License-Identifier: MIT
/*
 * A small kernel tree for tests, with the earlier interface and the restoring side. One chain type serves all three
 * kinds of record.
 */

#include <linux/errno.h>
#include <linux/generic_pt/iommu.h>
#include <linux/iommu-liveupdate.h>
#include <linux/kexec_handover.h>
#include <linux/pci.h>
#include <linux/slab.h>

struct chain {
	struct iommu_array_hdr_ser *first, *last;
	size_t record;
};

enum { DOMAINS, DEVICES, UNITS, NR_CHAINS };

struct lu_state {
	struct mutex lock;
	struct iommu_flb_ser *top;
	struct chain chain[NR_CHAINS];
};

static u64 *chain_phys(struct iommu_flb_ser *top, int which)
{
	u64 *phys[] = {
		[DOMAINS] = &top->iommu_domain_array_phys,
		[DEVICES] = &top->device_array_phys,
		[UNITS] = &top->iommu_array_phys,
	};

	return phys[which];
}

static void set_record_sizes(struct lu_state *s)
{
	s->chain[DOMAINS].record = sizeof(struct iommu_domain_ser);
	s->chain[DEVICES].record = sizeof(struct iommu_device_ser);
	s->chain[UNITS].record = sizeof(struct iommu_hw_ser);
}

static void each_page(u64 phys, void (*fn)(void *page))
{
	while (phys) {
		struct iommu_array_hdr_ser *page = phys_to_virt(phys);

		phys = page->next_array_phys;
		fn(page);
	}
}

static void put_page_back(void *page)
{
	folio_put(virt_to_folio(page));
}

static int lu_preserve(struct liveupdate_flb_op_args *args)
{
	struct lu_state *s = kzalloc_obj(*s, GFP_KERNEL);
	void *page;
	int i = 0;

	if (!s)
		return -ENOMEM;

	page = kho_alloc_preserve(PAGE_SIZE);
	if (IS_ERR(page))
		goto free_state;
	s->top = page;

	for (; i < NR_CHAINS; i++) {
		page = kho_alloc_preserve(PAGE_SIZE);
		if (IS_ERR(page))
			goto free_pages;
		s->chain[i].first = s->chain[i].last = page;
		*chain_phys(s->top, i) = virt_to_phys(page);
	}

	mutex_init(&s->lock);
	set_record_sizes(s);
	args->obj = s;
	args->data = virt_to_phys(s->top);
	return 0;

free_pages:
	while (i--)
		kho_unpreserve_free(s->chain[i].first);
	kho_unpreserve_free(s->top);
free_state:
	kfree(s);
	return PTR_ERR(page);
}

static void lu_unpreserve(struct liveupdate_flb_op_args *args)
{
	struct lu_state *s = args->obj;
	int i;

	for (i = 0; i < NR_CHAINS; i++)
		each_page(*chain_phys(s->top, i), kho_unpreserve_free);
	kho_unpreserve_free(s->top);
	kfree(s);
}

static int lu_retrieve(struct liveupdate_flb_op_args *args)
{
	struct lu_state *s = kzalloc_obj(*s, GFP_KERNEL);
	int i;

	if (!s)
		return -ENOMEM;

	BUG_ON(!kho_restore_folio(args->data));
	s->top = phys_to_virt(args->data);
	for (i = 0; i < NR_CHAINS; i++) {
		u64 phys = *chain_phys(s->top, i);

		while (phys) {
			BUG_ON(!kho_restore_folio(phys));
			phys = ((struct iommu_array_hdr_ser *)phys_to_virt(phys))->next_array_phys;
		}
	}
	mutex_init(&s->lock);
	set_record_sizes(s);
	args->obj = s;
	return 0;
}

static void lu_finish(struct liveupdate_flb_op_args *args)
{
	struct lu_state *s = args->obj;
	int i;

	for (i = 0; i < NR_CHAINS; i++)
		each_page(*chain_phys(s->top, i), put_page_back);
	put_page_back(s->top);
	kfree(s);
}

static const struct liveupdate_flb_ops lu_ops = {
	.preserve = lu_preserve,
	.unpreserve = lu_unpreserve,
	.retrieve = lu_retrieve,
	.finish = lu_finish,
	.owner = THIS_MODULE,
};

static struct liveupdate_flb lu_flb = {
	.ops = &lu_ops,
	.compatible = IOMMU_LUO_FLB_COMPATIBLE,
};

int iommu_liveupdate_register_flb(struct liveupdate_file_handler *fh)
{
	return liveupdate_register_flb(fh, &lu_flb);
}
EXPORT_SYMBOL_GPL(iommu_liveupdate_register_flb);

/* Records are only ever added: one that is deleted stays where it is. */
static void *add_record(struct chain *c)
{
	struct iommu_array_hdr_ser *page = c->last;
	struct iommu_hdr_ser *hdr;

	if (page->nr_objects >= (PAGE_SIZE - sizeof(*page)) / c->record) {
		page = kho_alloc_preserve(PAGE_SIZE);
		if (IS_ERR(page))
			return page;
		c->last->next_array_phys = virt_to_phys(page);
		c->last = page;
	}

	hdr = (void *)(page + 1) + page->nr_objects++ * c->record;
	hdr->ref_count = 1;
	return hdr;
}

static void delete(struct iommu_hdr_ser *hdr)
{
	hdr->flags |= IOMMU_SER_FLAG_DELETED;
}

int iommu_preserve_domain(struct iommu_domain *domain, struct iommu_domain_ser **ser)
{
	struct pt_iommu *pt = iommupt_from_domain(domain);
	struct iommu_domain_ser *rec;
	struct lu_state *s;
	int ret;

	if (!pt || !pt->ops->preserve || !pt->ops->unpreserve)
		return -EOPNOTSUPP;
	ret = liveupdate_flb_get_outgoing(&lu_flb, (void **)&s);
	if (ret)
		return ret;

	guard(mutex)(&s->lock);
	rec = add_record(&s->chain[DOMAINS]);
	if (IS_ERR(rec))
		return PTR_ERR(rec);
	ret = pt->ops->preserve(pt, rec);
	if (ret) {
		delete(&rec->hdr);
		return ret;
	}
	*ser = domain->preserved_state = rec;
	return 0;
}
EXPORT_SYMBOL_GPL(iommu_preserve_domain);

void iommu_unpreserve_domain(struct iommu_domain *domain)
{
	struct pt_iommu *pt = iommupt_from_domain(domain);
	struct lu_state *s;

	if (WARN_ON(!pt || !pt->ops->unpreserve))
		return;
	if (WARN_ON(liveupdate_flb_get_outgoing(&lu_flb, (void **)&s)))
		return;

	guard(mutex)(&s->lock);
	if (!domain->preserved_state)
		return;
	pt->ops->unpreserve(pt, domain->preserved_state);
	delete(&domain->preserved_state->hdr);
	domain->preserved_state = NULL;
}
EXPORT_SYMBOL_GPL(iommu_unpreserve_domain);

static int get_unit(struct lu_state *s, struct iommu_device *unit)
{
	struct iommu_hw_ser *rec = unit->outgoing_preserved_state;
	int ret;

	lockdep_assert_held(&s->lock);
	if (rec) {
		rec->hdr.ref_count++;
		return 0;
	}
	rec = add_record(&s->chain[UNITS]);
	if (IS_ERR(rec))
		return PTR_ERR(rec);
	ret = unit->ops->preserve(unit, rec);
	if (ret)
		delete(&rec->hdr);
	else
		unit->outgoing_preserved_state = rec;
	return ret;
}

static void put_unit(struct lu_state *s, struct iommu_device *unit)
{
	struct iommu_hw_ser *rec = unit->outgoing_preserved_state;

	lockdep_assert_held(&s->lock);
	if (WARN_ON(!rec) || WARN_ON_ONCE(!unit->ops->preserve || !unit->ops->unpreserve))
		return;
	if (--rec->hdr.ref_count)
		return;
	unit->outgoing_preserved_state = NULL;
	unit->ops->unpreserve(unit, rec);
	delete(&rec->hdr);
}

int iommu_preserve_device(struct iommu_domain *domain, struct device *dev, u64 *preserved_state)
{
	const struct iommu_ops *ops;
	struct iommu_device_ser *rec;
	struct iommu_device *unit;
	struct pci_dev *pdev;
	struct lu_state *s;
	int ret;

	if (!dev_is_pci(dev))
		return -EOPNOTSUPP;
	if (!iommu_group_dma_owner_claimed(dev->iommu_group))
		return -EINVAL;
	unit = dev->iommu->iommu_dev;
	ops = unit->ops;
	if (!ops->preserve || !ops->unpreserve || !ops->preserve_device || !ops->unpreserve_device)
		return -EOPNOTSUPP;
	ret = liveupdate_flb_get_outgoing(&lu_flb, (void **)&s);
	if (ret)
		return ret;

	guard(mutex)(&s->lock);
	if (!domain->preserved_state)
		return -EINVAL;
	rec = add_record(&s->chain[DEVICES]);
	if (IS_ERR(rec))
		return PTR_ERR(rec);
	ret = get_unit(s, unit);
	if (ret)
		goto drop;

	pdev = to_pci_dev(dev);
	rec->devid = pci_dev_id(pdev);
	rec->pci_domain_nr = pci_domain_nr(pdev->bus);
	rec->domain_iommu_ser.domain_phys = virt_to_phys(domain->preserved_state);
	rec->domain_iommu_ser.iommu_phys = virt_to_phys(unit->outgoing_preserved_state);
	ret = ops->preserve_device(dev, rec);
	if (ret) {
		put_unit(s, unit);
		goto drop;
	}
	dev->iommu->device_ser = rec;
	*preserved_state = virt_to_phys(rec);
	return 0;

drop:
	delete(&rec->hdr);
	return ret;
}
EXPORT_SYMBOL_GPL(iommu_preserve_device);

void iommu_unpreserve_device(struct iommu_domain *domain, struct device *dev)
{
	struct iommu_device_ser *rec;
	struct iommu_device *unit;
	struct lu_state *s;

	if (!dev_is_pci(dev) || !iommu_group_dma_owner_claimed(dev->iommu_group))
		return;
	unit = dev->iommu->iommu_dev;
	if (WARN_ON(!unit->ops->unpreserve_device || !unit->ops->unpreserve))
		return;
	if (WARN_ON(liveupdate_flb_get_outgoing(&lu_flb, (void **)&s)))
		return;

	guard(mutex)(&s->lock);
	rec = dev_iommu_preserved_state(dev);
	if (WARN_ON(!rec))
		return;
	delete(&rec->hdr);
	unit->ops->unpreserve_device(dev, rec);
	dev->iommu->device_ser = NULL;
	put_unit(s, unit);
}
EXPORT_SYMBOL_GPL(iommu_unpreserve_device);

/* --- the next kernel --- */

static bool is_deleted(const struct iommu_hdr_ser *hdr)
{
	return hdr->flags & IOMMU_SER_FLAG_DELETED;
}

static void mark_incoming(struct iommu_hdr_ser *hdr)
{
	hdr->flags |= IOMMU_SER_FLAG_INCOMING;
}

/* The first record of the device that no device has taken. */
static struct iommu_device_ser *find_device(struct lu_state *s, struct pci_dev *pdev)
{
	struct iommu_array_hdr_ser *page;
	u64 phys, i;

	for (phys = s->top->device_array_phys; phys; phys = page->next_array_phys) {
		struct iommu_device_ser *rec = phys_to_virt(phys + sizeof(*page));

		page = phys_to_virt(phys);
		for (i = 0; i < page->nr_objects; i++, rec++) {
			if (is_deleted(&rec->hdr) || is_incoming(&rec->hdr))
				continue;
			if (rec->devid == pci_dev_id(pdev) && rec->pci_domain_nr == pci_domain_nr(pdev->bus))
				return rec;
		}
	}
	return NULL;
}

int iommu_init_device_preserved_data(struct device *dev)
{
	struct iommu_device_ser *rec;
	struct lu_state *s;
	int ret;

	if (!dev_is_pci(dev))
		return 0;
	ret = liveupdate_flb_get_incoming(&lu_flb, (void **)&s);
	if (ret)
		return ret == -ENODATA || ret == -ENOENT ? 0 : ret;

	rec = find_device(s, to_pci_dev(dev));
	if (rec)
		mark_incoming(&rec->hdr);
	dev->iommu->device_ser = rec;
	liveupdate_flb_put_incoming(&lu_flb);
	return 0;
}
EXPORT_SYMBOL(iommu_init_device_preserved_data);

static struct iommu_domain *restore_table(struct device *dev, struct iommu_domain_ser *rec)
{
	struct iommu_domain *domain = iommu_paging_domain_alloc(dev);
	struct pt_iommu *pt;
	int ret;

	if (IS_ERR(domain))
		return domain;
	pt = iommupt_from_domain(domain);
	ret = pt && pt->ops->restore ? pt->ops->restore(pt, rec) : -EOPNOTSUPP;
	if (ret) {
		iommu_domain_free(domain);
		return ERR_PTR(ret);
	}
	mark_incoming(&rec->hdr);
	domain->preserved_state = rec;
	rec->restored_domain = domain;
	return domain;
}

struct iommu_domain *iommu_restore_domain(struct device *dev, struct iommu_device_ser *ser, void **owner)
{
	struct iommu_domain *domain = ERR_PTR(-EINVAL);
	struct lu_state *s;
	int ret;

	ret = liveupdate_flb_get_incoming(&lu_flb, (void **)&s);
	if (ret)
		return ERR_PTR(ret);
	mutex_lock(&s->lock);
	if (ser->domain_iommu_ser.domain_phys) {
		struct iommu_domain_ser *rec = phys_to_virt(ser->domain_iommu_ser.domain_phys);

		domain = rec->restored_domain ? rec->restored_domain : restore_table(dev, rec);
	}
	if (!IS_ERR(domain))
		*owner = ser;
	mutex_unlock(&s->lock);
	liveupdate_flb_put_incoming(&lu_flb);
	return domain;
}
EXPORT_SYMBOL(iommu_restore_domain);

void iommu_release_restored_device(struct device *dev)
{
	BUG_ON(dev_iommu_restored_state(dev));
}
EXPORT_SYMBOL(iommu_release_restored_device);
