"""The small kernel trees of the tests: a tree of testdata, and edits of its files."""

load(":tree.bzl", "ABI", "INTERFACE", "SOURCE")

# Between the two versions: the earlier argument, but the FLB is put. A second preserve is refused,
# and an unpreserve of nothing returns at once.
_BETWEEN = {
    INTERFACE: [
        "iommu_preserve_device(struct iommu_domain *domain, struct device *dev, u64 dma_owner_token)",
        "iommu_preserve_device(struct iommu_domain *domain, struct device *dev, u64 *preserved_state)",
    ],
    SOURCE: [
        "iommu_preserve_device(struct iommu_domain *domain, struct device *dev, u64 dma_owner_token)",
        "iommu_preserve_device(struct iommu_domain *domain, struct device *dev, u64 *preserved_state)",
        "	if (!iommu_group_dma_owner_claimed(dev->iommu_group))\n		return -EINVAL;\n",
        "	if (!dev->iommu_group || !iommu_group_dma_owner_claimed(dev->iommu_group) || !dev->iommu)\n		return -EINVAL;\n",
        "	ret = -EBUSY;\n	if (dev_iommu_preserved_state(dev))\n",
        "	if (dev->iommu->device_ser)\n",
        "	rec->dma_owner_token = dma_owner_token;\n",
        "",
        "	if (iommu_group_is_singleton(dev->iommu_group)) {\n		WRITE_ONCE(dev->iommu->device_ser, rec);\n		goto out;\n	}\n" +
        "	ret = -EOPNOTSUPP;\n	delete(&rec->hdr);\n	ops->unpreserve_device(dev, rec);\n",
        "	WRITE_ONCE(dev->iommu->device_ser, rec);\n	*preserved_state = virt_to_phys(rec);\n	goto out;\n",
        "	if (!dev_is_pci(dev) || !iommu_group_dma_owner_claimed(dev->iommu_group))\n",
        "	if (!dev_is_pci(dev) || !dev->iommu_group || !iommu_group_dma_owner_claimed(dev->iommu_group))\n",
        "	if (WARN_ON(!unit->ops->unpreserve_device || !unit->ops->unpreserve))\n		return;\n",
        "	if (WARN_ON(!unit->ops->unpreserve_device || !unit->ops->unpreserve))\n		return;\n" +
        "	if (!dev_iommu_preserved_state(dev))\n		return;\n",
        "	if (WARN_ON(!pt || !pt->ops->unpreserve))\n		return;\n",
        "	if (WARN_ON(!pt || !pt->ops->unpreserve))\n		return;\n	if (!domain->preserved_state)\n		return;\n",
    ],
}

def _between(edits):
    return ("newer", {
        INTERFACE: _BETWEEN[INTERFACE],
        SOURCE: _BETWEEN[SOURCE] + edits,
    })

TREES = {
    "older": ("older", {}),
    "newer": ("newer", {}),
    # Still older: bit-fields for flags, a domain's ops in domain->ops, other names, and an
    # unpreserve that returns a value.
    "eldest": ("older", {
        ABI: [
            "	u32 flags;\n",
            "	u32 deleted:1;\n	u32 incoming:1;\n",
        ],
        INTERFACE: [
            "hdr->flags & IOMMU_SER_FLAG_INCOMING",
            "hdr->incoming",
            "iommu_preserve_domain(",
            "iommu_domain_preserve(",
            "void iommu_unpreserve_domain(",
            "void iommu_domain_unpreserve(",
            "void iommu_unpreserve_device(",
            "int iommu_unpreserve_device(",
        ],
        SOURCE: [
            "	hdr->flags |= IOMMU_SER_FLAG_DELETED;\n",
            "	hdr->deleted = true;\n",
            "	hdr->flags |= IOMMU_SER_FLAG_INCOMING;\n",
            "	hdr->incoming = true;\n",
            "	return hdr->flags & IOMMU_SER_FLAG_DELETED;\n",
            "	return hdr->deleted;\n",
            "	pt = iommupt_from_domain(domain);\n	ret = pt && pt->ops->restore ? pt->ops->restore(pt, rec) : -EOPNOTSUPP;\n",
            "	ret = domain->ops->restore ? domain->ops->restore(domain, rec) : -EOPNOTSUPP;\n",
            "	struct pt_iommu *pt;\n	int ret;\n\n	if (IS_ERR(domain))\n",
            "	int ret;\n\n	if (IS_ERR(domain))\n",
            "int iommu_preserve_domain(struct iommu_domain *domain, struct iommu_domain_ser **ser)\n{\n" +
            "	struct pt_iommu *pt = iommupt_from_domain(domain);\n",
            "int iommu_domain_preserve(struct iommu_domain *domain, struct iommu_domain_ser **ser)\n{\n",
            "EXPORT_SYMBOL_GPL(iommu_preserve_domain);\n",
            "EXPORT_SYMBOL_GPL(iommu_domain_preserve);\n",
            "	if (!pt || !pt->ops->preserve || !pt->ops->unpreserve)\n",
            "	if (!domain->ops->preserve || !domain->ops->unpreserve)\n",
            "pt->ops->preserve(pt, rec)",
            "domain->ops->preserve(domain, rec)",
            "void iommu_unpreserve_domain(struct iommu_domain *domain)\n{\n	struct pt_iommu *pt = iommupt_from_domain(domain);\n",
            "void iommu_domain_unpreserve(struct iommu_domain *domain)\n{\n",
            "EXPORT_SYMBOL_GPL(iommu_unpreserve_domain);\n",
            "EXPORT_SYMBOL_GPL(iommu_domain_unpreserve);\n",
            "	if (WARN_ON(!pt || !pt->ops->unpreserve))\n",
            "	if (WARN_ON(!domain->ops->unpreserve))\n",
            "pt->ops->unpreserve(pt, domain->preserved_state)",
            "domain->ops->unpreserve(domain, domain->preserved_state)",
            "void iommu_unpreserve_device(struct iommu_domain *domain, struct device *dev)\n{\n	struct iommu_device_ser *rec;\n",
            "static void unpreserve_device(struct iommu_domain *domain, struct device *dev)\n{\n	struct iommu_device_ser *rec;\n",
            "EXPORT_SYMBOL_GPL(iommu_unpreserve_device);\n",
            "\nint iommu_unpreserve_device(struct iommu_domain *domain, struct device *dev)\n{\n" +
            "	unpreserve_device(domain, dev);\n	return 0;\n}\nEXPORT_SYMBOL_GPL(iommu_unpreserve_device);\n",
        ],
    }),
    # The newest shape: groups and ATS are asked about in headers of their own, and an IOMMU has an
    # op more. A restored device that nobody claimed goes back to its domain.
    "tip": ("newer", {
        INTERFACE: [
            "int iommu_preserve_domain(",
            "struct holdfast_unknown;\nint iommu_unknown(struct holdfast_unknown *unknown);\n" +
            "void iommu_release_restored_device(struct device *dev);\nint iommu_preserve_domain(",
        ],
        SOURCE: [
            "#include <linux/pci.h>\n",
            "#include <linux/pci.h>\n#include <linux/pci-ats.h>\n",
            "#include <linux/slab.h>\n",
            "#include <linux/slab.h>\n\n#include \"iommu-priv.h\"\n",
            "	ops = unit->ops;\n",
            "	ops = dev_iommu_ops(dev);\n	pdev = to_pci_dev(dev);\n" +
            "	if (pci_ats_supported(pdev) || pdev->pri_enabled || pdev->pasid_enabled)\n		return -EOPNOTSUPP;\n",
            "\n	pdev = to_pci_dev(dev);\n	rec->devid = pci_dev_id(pdev);\n",
            "\n	rec->devid = pci_dev_id(pdev);\n",
            "void iommu_unpreserve_device(struct iommu_domain *domain, struct device *dev)\n",
            "void iommu_release_restored_device(struct device *dev)\n{\n" +
            "	struct iommu_domain *domain = iommu_get_domain_for_dev(dev);\n\n" +
            "	if (!domain || !domain->ops->attach_dev)\n		return;\n" +
            "	iommu_device_release_dma_owner(dev);\n	WRITE_ONCE(dev->iommu->device_ser, NULL);\n" +
            "	domain->ops->attach_dev(domain, dev, domain);\n}\nEXPORT_SYMBOL_GPL(iommu_release_restored_device);\n\n" +
            "void iommu_unpreserve_device(struct iommu_domain *domain, struct device *dev)\n",
        ],
    }),
    # A tree between the two, and its mutants: an error that no version gives, a refusal that is
    # gone, a WARN that is gone.
    "between": _between([]),
    "between_errno": _between([
        "!dev->iommu)\n		return -EINVAL;\n",
        "!dev->iommu)\n		return -EPERM;\n",
    ]),
    "between_lax": _between([
        "	ret = -EINVAL;\n	if (!domain->preserved_state)\n		goto out;\n",
        "	ret = -EINVAL;\n",
    ]),
    "between_silent": _between([
        "		return;\n	if (WARN_ON(liveupdate_flb_get_outgoing(&lu_flb, (void **)&s)))\n		return;\n\n	mutex_lock(&s->lock);\n	rec = ",
        "		return;\n	if (liveupdate_flb_get_outgoing(&lu_flb, (void **)&s))\n		return;\n\n	mutex_lock(&s->lock);\n	rec = ",
    ]),
    # The older tree with its guards in another order.
    "reordered": ("older", {SOURCE: [
        "	if (!dev_is_pci(dev))\n		return -EOPNOTSUPP;\n",
        "	if (!domain->preserved_state)\n		return -EINVAL;\n	if (!dev_is_pci(dev))\n		return -EOPNOTSUPP;\n",
    ]}),
    # The older tree with one of its hazards mended.
    "mended": ("older", {SOURCE: [
        "	guard(mutex)(&s->lock);\n	if (!domain->preserved_state)\n		return -EINVAL;\n",
        "	guard(mutex)(&s->lock);\n	if (!domain->preserved_state)\n		return -EINVAL;\n" +
        "	if (dev_iommu_preserved_state(dev))\n		return -EBUSY;\n",
    ]}),
    # The older tree with an unpreserve that returns at once where nothing is preserved. The
    # function looks before it takes the lock.
    "quiet": ("older", {SOURCE: [
        "	if (WARN_ON(!unit->ops->unpreserve_device || !unit->ops->unpreserve))\n		return;\n",
        "	if (WARN_ON(!unit->ops->unpreserve_device || !unit->ops->unpreserve))\n		return;\n" +
        "	if (!dev_iommu_preserved_state(dev))\n		return;\n",
    ]}),
    # The newer tree with the vendor parts of other drivers.
    "vendor": ("newer", {ABI: [
        "		struct iommu_master_smmuv3_ser smmuv3;\n",
        "		u64 words[7];\n",
    ]}),
    # A mutant of the newer tree: does not refuse a second preserve of a device.
    "lax": ("newer", {SOURCE: [
        "	ret = -EBUSY;\n	if (dev_iommu_preserved_state(dev))\n		goto out;\n",
        "",
    ]}),
    # A mutant of the newer tree: keeps the FLB's reference.
    "keeping": ("newer", {SOURCE: [
        "	liveupdate_flb_put_outgoing(&lu_flb);\n",
        "",
    ]}),
    # A mutant: follows a pointer that was just set to NULL.
    "crashing": ("older", {SOURCE: [
        "	if (--rec->hdr.ref_count)\n		return;\n	unit->outgoing_preserved_state = NULL;\n",
        "	if (--rec->hdr.ref_count)\n		return;\n	unit->outgoing_preserved_state = NULL;\n	unit->outgoing_preserved_state->hdr.flags = 0;\n",
    ]}),
    # A mutant in the next kernel: a lookup finds DELETED records.
    "undead": ("newer", {SOURCE: [
        "			if (!(hdr->flags & IOMMU_SER_FLAG_DELETED) && is_it(hdr, arg))\n",
        "			if (is_it(hdr, arg))\n",
    ]}),
    # Mutants in the next kernel, in order: records of any version are followed; a lookup keeps its
    # reference; a walk does not end when its caller asks; a lookup in a kernel without live updates
    # stops the machine; a lookup where nothing came over does.
    "careless": ("newer", {SOURCE: [
        "	if (ret || s->top->version != IOMMU_LUO_FLB_VERSION)\n",
        "	if (ret)\n",
    ]}),
    "greedy": ("newer", {SOURCE: [
        "	find_record(s, DEVICES, visit_record, &visit);\n	liveupdate_flb_put_incoming(&lu_flb);\n",
        "	find_record(s, DEVICES, visit_record, &visit);\n",
    ]}),
    "restless": ("newer", {SOURCE: [
        "	return visit->ret;\n}",
        "	return false;\n}",
    ]}),
    "particular": ("newer", {SOURCE: [
        "	if (ret == -ENODATA || ret == -ENOENT || ret == -EOPNOTSUPP)\n",
        "	if (ret == -ENODATA || ret == -ENOENT)\n",
    ]}),
    "touchy": ("newer", {SOURCE: [
        "	int ret = liveupdate_flb_get_incoming(&lu_flb, (void **)&s);\n",
        "	int ret = liveupdate_flb_get_incoming(&lu_flb, (void **)&s);\n\n	BUG_ON(ret);\n",
    ]}),
    # Mutants of the restoring side, in order: a probe finds DELETED records; a probe keeps its
    # reference; a domain is restored for each of its devices; only the first of them gets an
    # owner; a restore that fails leaks its domain; a restore that fails stays in the record.
    "undead_probe": ("older", {SOURCE: [
        "			if (is_deleted(&rec->hdr) || is_incoming(&rec->hdr))\n",
        "			if (is_incoming(&rec->hdr))\n",
    ]}),
    "greedy_probe": ("older", {SOURCE: [
        "	dev->iommu->device_ser = rec;\n	liveupdate_flb_put_incoming(&lu_flb);\n",
        "	dev->iommu->device_ser = rec;\n	if (rec)\n		liveupdate_flb_put_incoming(&lu_flb);\n",
    ]}),
    "restored_twice": ("older", {SOURCE: [
        "rec->restored_domain ? rec->restored_domain : restore_table(dev, rec)",
        "restore_table(dev, rec)",
    ]}),
    "ownerless": ("older", {SOURCE: [
        "	if (!IS_ERR(domain))\n		*owner = ser;\n",
        "",
        "		domain = rec->restored_domain ? rec->restored_domain : restore_table(dev, rec);\n",
        "		domain = rec->restored_domain;\n		if (!domain) {\n			domain = restore_table(dev, rec);\n" +
        "			if (!IS_ERR(domain))\n				*owner = ser;\n		}\n",
    ]}),
    "leaking_restore": ("older", {SOURCE: [
        "	if (ret) {\n		iommu_domain_free(domain);\n		return ERR_PTR(ret);\n	}\n",
        "	if (ret)\n		return ERR_PTR(ret);\n",
    ]}),
    "claiming_restore": ("older", {SOURCE: [
        "	if (ret) {\n		iommu_domain_free(domain);\n		return ERR_PTR(ret);\n	}\n	mark_incoming(&rec->hdr);\n",
        "	rec->restored_domain = ERR_PTR(ret);\n	if (ret) {\n		iommu_domain_free(domain);\n		return ERR_PTR(ret);\n	}\n	mark_incoming(&rec->hdr);\n",
    ]}),
    # A field of the ABI is elsewhere.
    "moved": ("older", {ABI: [
        "	u32 devid;\n	u32 pci_domain_nr;\n",
        "	u32 pci_domain_nr;\n	u32 devid;\n",
    ]}),
    # A mutant: reads an object after the object was freed.
    "use_after_free": ("older", {SOURCE: [
        "	kho_unpreserve_free(s->top);\n	kfree(s);\n",
        "	kfree(s);\n	kho_unpreserve_free(s->top);\n",
    ]}),
    # A mutant: a WARN that fires for a caller who does nothing wrong.
    "warning": ("older", {SOURCE: [
        "	if (--rec->hdr.ref_count)\n",
        "	WARN_ON(rec->hdr.ref_count == 2);\n	if (--rec->hdr.ref_count)\n",
    ]}),
}
