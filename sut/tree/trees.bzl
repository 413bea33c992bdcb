"""The small kernel trees of the tests: a tree of testdata, and edits of its files."""

load(":tree.bzl", "ABI", "INTERFACE", "SOURCE")

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
            "rec->hdr.flags & IOMMU_SER_FLAG_INCOMING",
            "rec->hdr.incoming",
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
    # Between the two: the earlier argument, but the FLB is put. A second preserve is refused, and
    # an unpreserve of nothing.
    "between": ("newer", {
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
    }),
    # The older tree with one of its hazards mended.
    "mended": ("older", {SOURCE: [
        "	guard(mutex)(&s->lock);\n	if (!domain->preserved_state)\n		return -EINVAL;\n",
        "	guard(mutex)(&s->lock);\n	if (!domain->preserved_state)\n		return -EINVAL;\n" +
        "	if (dev_iommu_preserved_state(dev))\n		return -EBUSY;\n",
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
