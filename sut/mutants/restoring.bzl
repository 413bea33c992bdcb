"""The mutants of the domains that the next kernel restores, and of their owners. core.bzl explains
the rows.
"""

_LOCK = "  guard(mutex)(&flb.get()->lock);\n"
_LEFT = "  mutex_lock(&flb.get()->lock);\n"
_NO_FLB = "  if (flb.error()) return static_cast<iommu_domain*>(ERR_PTR(flb.error()));\n"
_REFUSED = "  if (!domain_ser) return static_cast<iommu_domain*>(ERR_PTR(-EINVAL));\n"
_SHARE = "  if (!domain) domain = restore_tables(dev, domain_ser);\n"
_FAILED = "  if (IS_ERR(domain)) return domain;\n"
_OWNER = "  *owner = device_ser;\n"
_TABLES = "  const int error = pt && pt->ops->restore ? pt->ops->restore(pt, ser) : -EOPNOTSUPP;\n"
_FREE = "    iommu_domain_free(domain);\n"
_MARK = "  ser->hdr.flags |= IOMMU_SER_FLAG_INCOMING;\n"

V3_RESTORING = {
    "iommu_domain* restore_tables(": [
        ["restore_alloc_unchecked", "R15", 7, "a domain is used though its allocation failed", _FAILED, ""],
        ["restore_pt_unchecked", "=", 0, "the page table is not checked; every domain here has one", "pt && pt->ops->restore ?", "pt->ops->restore ?"],
        ["restore_ops_unchecked", "=", 0, "the op is not checked; every page table here has one", "pt && pt->ops->restore ?", "pt ?"],
        ["restore_leaks_domain", "R8", 7, "a restore that fails leaks its domain", _FREE, ""],
        ["restore_frees_twice", "R15", 7, "a restore that fails frees its domain twice", _FREE, _FREE + _FREE],
        ["restore_errno", "R5", 7, "a restore that is refused the tables is always -EINVAL", "ERR_PTR(error)", "ERR_PTR(-EINVAL)"],
        ["restore_failure_stays", "R12", 8, "a restore that failed stays in the record",
         _FREE, _FREE + "    ser->restored_domain = static_cast<iommu_domain*>(ERR_PTR(error));\n"],
        ["restore_failure_claims", "R12", 8, "a restore that failed leaves its mark, and the mark refuses the next one",
         _FAILED, _FAILED + "  if (ser->hdr.flags & IOMMU_SER_FLAG_INCOMING) {\n" + _FREE + "    return static_cast<iommu_domain*>(ERR_PTR(-EBUSY));\n  }\n" + _MARK],
        ["restore_failure_marks", "=", 0, "a restore that failed leaves its mark, and nobody reads the mark",
         _TABLES, _MARK + _TABLES],
        ["restore_unmarked", "R12", 7, "the record does not say that its domain is restored", _MARK, ""],
        ["restore_unpublished", "R12", 7, "the record never learns of its domain", "  ser->restored_domain = domain;\n", ""],
        ["restore_unnamed", "R12", 7, "the domain never learns of its record", "  domain->preserved_state = ser;\n", ""],
    ],
    "iommu_domain* iommu_restore_domain(": [
        ["restore_error_dropped", "R15", 7, "a restore that is denied the records goes on", _NO_FLB, ""],
        ["restore_null_on_error", "R12", 7, "a restore that is denied the records returns NULL", _NO_FLB, "  if (flb.error()) return nullptr;\n"],
        ["restore_unlocked", "R10", 7, "tables are taken over without the FLB's lock", _LOCK, ""],
        ["restore_leaks_lock", "R10", 7, "a restore keeps the FLB's lock", _LOCK, _LEFT],
        ["restore_refusal_leaks_lock", "R10", 8, "a restore that is refused keeps the FLB's lock",
         _LOCK, _LEFT, _FAILED, "  mutex_unlock(&flb.get()->lock);\n" + _FAILED],
        ["restore_any_domain", "R12", 8, "a device gets the first domain that came over",
         "virt_to_phys(ser) == device_ser->domain_iommu_ser.domain_phys", "ser != nullptr"],
        ["restore_deleted_followed", "R12", 8, "a record whose domain is DELETED is followed",
         _REFUSED, "  if (!domain_ser) domain_ser = static_cast<iommu_domain_ser*>(phys_to_virt(device_ser->domain_iommu_ser.domain_phys));\n"],
        ["restore_deleted_stops", "R15", 8, "a record whose domain is DELETED is a NULL pointer", _REFUSED, ""],
        ["restore_refusal_errno", "R5", 8, "a record whose domain is DELETED is refused as one that is not there",
         "ERR_PTR(-EINVAL)", "ERR_PTR(-ENOENT)"],
        ["restore_each_time", "R12", 8, "a domain is restored for each of its devices", _SHARE, "  domain = restore_tables(dev, domain_ser);\n"],
        ["restore_one_too_many", "R8", 8, "a domain that is shared is allocated once more, and that one leaks",
         _SHARE, "  if (domain) (void)iommu_paging_domain_alloc(dev);\n" + _SHARE],
        ["restore_failure_is_null", "R12", 7, "a restore that fails returns NULL", _FAILED, "  if (IS_ERR(domain)) return nullptr;\n"],
        ["restore_owner_of_first_only", "R12", 9, "only the first device of a restored domain gets an owner",
         _SHARE, "  const bool first = !domain;\n" + _SHARE, _OWNER, "  if (first) *owner = device_ser;\n"],
        ["restore_owner_never", "R12", 7, "no device of a restored domain gets an owner", _OWNER, ""],
        ["restore_owner_on_failure", "R5", 7, "a restore that fails names an owner", _FAILED, _OWNER + _FAILED],
        ["restore_takes_record", "R12", 7, "a device that is restored loses its record", _OWNER, _OWNER + "  dev->iommu->device_ser = nullptr;\n"],
    ],
}

V5_RESTORING = {
    "iommu_domain* iommu_restore_domain(": [
        ["restore_refusal_keeps_reference", "R11", 8, "a restore that is refused keeps its reference on the records",
         _REFUSED, "  void* kept;\n  if (!domain_ser) liveupdate_flb_get_incoming(&iommu_flb, &kept);\n" + _REFUSED],
        ["restore_owner_is_the_record", "R12", 7, "the owner is the record and not its token",
         "reinterpret_cast<void*>(device_ser->dma_owner_token)", "device_ser"],
        ["restore_owner_of_32_bits", "R12", 7, "the owner is half of the record's token",
         "reinterpret_cast<void*>(device_ser->dma_owner_token)", "reinterpret_cast<void*>(device_ser->dma_owner_token & 0xffffffff)"],
    ],
}
