"""The mutants of the later version of the core; core.bzl explains the rows."""

V5 = {
    "int flb_preserve(": [
        ["flb_preserve_version_unwritten", "R12", 4, "the top record has no version",
         "  flb->ser->version = IOMMU_LUO_FLB_VERSION;\n", ""],
    ],
    "int flb_retrieve(": [
        ["retrieve_version_inverted", "R12", 4, "the next kernel refuses its own version", "version != IOMMU", "version == IOMMU"],
        ["retrieve_version_unchecked", "R12", 4, "records of another version are followed",
         "  if (flb->ser->version != IOMMU_LUO_FLB_VERSION) {\n    kfree(flb);\n    return -EINVAL;\n  }\n", ""],
    ],
    "class outgoing_flb {": [
        ["d4", "R11", 2, "the FLB's reference is never put", "    if (puts_flb && !error_) liveupdate_flb_put_outgoing(&iommu_flb);\n", ""],
        ["put_after_failure", "R11", 2, "a reference is put that was not given", "if (puts_flb && !error_)", "if (puts_flb)"],
        ["put_twice", "R11", 2, "the FLB's reference is put twice",
         "liveupdate_flb_put_outgoing(&iommu_flb);", "liveupdate_flb_put_outgoing(&iommu_flb), liveupdate_flb_put_outgoing(&iommu_flb);"],
    ],
    "int iommu_preserve_domain(": [
        ["d3", "R8", 3, "a domain that is preserved already is preserved again", "  if (refuses_double && domain->preserved_state) return -EBUSY;\n", ""],
        ["domain_double_errno", "R5", 3, "a domain that is preserved already is -EEXIST", "return -EBUSY", "return -EEXIST"],
        ["domain_double_costs_slot", "R7", 3, "a domain that is preserved already costs a slot",
         "  if (refuses_double && domain->preserved_state) return -EBUSY;\n", "",
         "  if (const int error = pt->ops->preserve", "  if (domain->preserved_state) {\n    mark_deleted(domain_ser);\n    return -EBUSY;\n  }\n  if (const int error = pt->ops->preserve"],
        ["domain_error_keeps_reference", "R11", 2, "a domain's failed preserve keeps the FLB's reference",
         "    mark_deleted(domain_ser);\n", "    void* again;\n    liveupdate_flb_get_outgoing(&iommu_flb, &again);\n    mark_deleted(domain_ser);\n"],
    ],
    "int iommu_preserve_device(": [
        ["d11", "R5", 2, "the DMA owner is never looked at", "  if (!iommu_group_dma_owner_claimed(dev->iommu_group)) return -EINVAL;\n", ""],
        ["d2", "R4", 4, "a device that is preserved already is preserved again", "  if (refuses_double && dev_iommu_preserved_state(dev)) return -EBUSY;\n", ""],
        ["d5", "R15", 1, "without an FLB the object of the FLB is NULL, and used", "  if (flb.error()) return flb.error();\n", ""],
        ["d14", "R5", 3, "a group of several devices is accepted", "needs_singleton_group && ", "false && "],
        ["device_double_errno", "R5", 4, "a device that is preserved already is -EEXIST", "return -EBUSY", "return -EEXIST"],
        ["device_double_before_domain", "R5", 4, "a device that is preserved already is refused before the domain is looked at",
         "  if (!domain->preserved_state) return -EINVAL;\n  if (refuses_double && dev_iommu_preserved_state(dev)) return -EBUSY;\n",
         "  if (refuses_double && dev_iommu_preserved_state(dev)) return -EBUSY;\n  if (!domain->preserved_state) return -EINVAL;\n"],
        ["device_token_unwritten", "R3", 3, "the record does not name its DMA owner", "  device_ser->dma_owner_token = argument;\n", "  (void)argument;\n"],
        ["device_group_errno", "R5", 3, "a group of several devices is -EINVAL", "error = -EOPNOTSUPP", "error = -EINVAL"],
        ["device_group_first", "R6", 3, "a group of several devices is refused before the driver is called",
         "  int error = ops->preserve_device(dev, device_ser);\n",
         "  int error = iommu_group_is_singleton(dev->iommu_group) ? ops->preserve_device(dev, device_ser) : 0;\n"],
        ["device_group_not_undone", "R6", 3, "a group of several devices is refused without ops->unpreserve_device",
         "    if (shares_group) ops->unpreserve_device(dev, device_ser);\n", ""],
        ["device_group_undone_live", "R6", 3, "a group of several devices is undone before the slot is DELETED",
         "    mark_deleted(device_ser);\n    if (shares_group) ops->unpreserve_device(dev, device_ser);\n",
         "    if (shares_group) ops->unpreserve_device(dev, device_ser);\n    mark_deleted(device_ser);\n"],
        ["device_group_keeps_hw", "R2", 3, "a group of several devices keeps the IOMMU's reference",
         "    unpreserve_iommu_locked(iommu, flb.get());\n", "    if (!shares_group) unpreserve_iommu_locked(iommu, flb.get());\n"],
    ],
    "void iommu_unpreserve_device(": [
        ["device_unpreserve_owner_unchecked", "R15", 2, "the DMA owner is not looked at", "  if (!iommu_group_dma_owner_claimed(dev->iommu_group)) return;\n", ""],
    ],
}
