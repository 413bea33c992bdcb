"""The mutants of the look-ups in the next kernel: a device that is probed takes its record, and a
device that goes gives the record up. core.bzl explains the rows.
"""

_MISSING = "return flb.is_missing() ? 0 : flb.error();"
_PCI = "  if (!dev_is_pci(dev)) return 0;\n"
_MARK = "  if (device_ser) device_ser->hdr.flags |= IOMMU_SER_FLAG_INCOMING;\n"
_MATCHES = "      if (!(record->hdr.flags & IOMMU_SER_FLAG_DELETED) && matches(record)) return record;\n"
_RECORD = "decltype(&static_cast<Array*>(nullptr)->objects[0])"
_WALK = "  while (array_phys) {\n"
_NONE = "  return nullptr;\n"
_PUT = "liveupdate_flb_put_incoming(&iommu_flb);"

V3_PROBING = {
    "auto find_record(": [
        ["find_deleted", "R12", 6, "a look-up finds DELETED records",
         "!(record->hdr.flags & IOMMU_SER_FLAG_DELETED) && matches(record)", "matches(record)"],
        ["find_ends_at_deleted", "R12", 7, "a look-up ends at a DELETED record",
         _MATCHES, "      if (record->hdr.flags & IOMMU_SER_FLAG_DELETED) return nullptr;\n      if (matches(record)) return record;\n"],
        ["find_first_missed", "R12", 6, "the first record of a page is passed over", "u64 i = 0;", "u64 i = 1;"],
        ["find_last_missed", "R12", 6, "the last record of a page is passed over",
         "i < page->hdr.nr_objects", "i + 1 < page->hdr.nr_objects"],
        ["find_last_match", "R12", 7, "of two records of a device, a look-up finds the last",
         _WALK, "  " + _RECORD + " last = nullptr;\n" + _WALK, " return record;\n", " last = record;\n", _NONE, "  return last;\n"],
        ["find_last_seen", "R12", 6, "a look-up that finds nothing returns the last record that it saw",
         _WALK, "  " + _RECORD + " last = nullptr;\n" + _WALK, _MATCHES, "      last = record;\n" + _MATCHES, _NONE, "  return last;\n"],
        ["find_error_pointer", "R15", 4, "a look-up that finds nothing returns an error pointer, which nobody tests for",
         _NONE, "  return static_cast<" + _RECORD + ">(ERR_PTR(-ENOENT));\n"],
        ["find_never_ends", "R15", 4, "a look-up that finds nothing never ends", "    array_phys = page->hdr.next_array_phys;\n", ""],
    ],
    "int iommu_init_device_preserved_data(": [
        ["probe_not_pci_refused", "R12", 1, "the probe of a device that is not PCI fails", _PCI, "  if (!dev_is_pci(dev)) return -EOPNOTSUPP;\n"],
        ["probe_missing_is_an_error", "R12", 1, "a probe fails where nothing came over", _MISSING, "return flb.error();"],
        ["probe_error_dropped", "R5", 1, "a probe that is denied the records succeeds", _MISSING, "return 0;"],
        ["probe_takes_again", "R12", 7, "a device takes a record that is taken",
         "!(ser->hdr.flags & IOMMU_SER_FLAG_INCOMING) && ser->devid", "ser->devid"],
        ["probe_takes_any", "R12", 6, "a device takes the record of any device of its PCI domain",
         "ser->devid == pci_dev_id(pdev) &&", ""],
        ["probe_segment_ignored", "=", 0, "the PCI domain is not compared; the devices of the suite differ in the number too",
         " &&\n               ser->pci_domain_nr == static_cast<u32>(pci_domain_nr(pdev->bus));", ";"],
        ["probe_marks_all", "R12", 6, "each record that is looked at says that it is taken",
         "        return !(ser->hdr.flags & IOMMU_SER_FLAG_INCOMING) && ser->devid",
         "        const bool taken = ser->hdr.flags & IOMMU_SER_FLAG_INCOMING;\n        const_cast<iommu_device_ser*>(ser)->hdr.flags |= IOMMU_SER_FLAG_INCOMING;\n        return !taken && ser->devid"],
        ["probe_unpublished", "R12", 6, "the device never learns of its record", "  dev->iommu->device_ser = device_ser;\n", ""],
        ["probe_deletes", "R12", 6, "a record is DELETED when its device takes it",
         "|= IOMMU_SER_FLAG_INCOMING;", "|= IOMMU_SER_FLAG_INCOMING | IOMMU_SER_FLAG_DELETED;"],
        ["probe_leaks_lock", "R10", 4, "a probe keeps the FLB's lock",
         "  guard(mutex)(&flb.get()->lock);\n", "  mutex_lock(&flb.get()->lock);\n"],
        ["probe_forgets_first", "R5", 7, "a probe that fails has forgotten the record that the device had",
         _PCI, _PCI + "  dev->iommu->device_ser = nullptr;\n"],
    ],
    "void iommu_release_restored_device(": [
        ["release_stops_preserved", "R15", 4, "a device that this kernel has preserved cannot go",
         "BUG_ON(dev_iommu_restored_state(dev));", "BUG_ON(dev->iommu->device_ser);"],
        ["release_stops_all", "R15", 1, "a device that was not restored cannot go",
         "BUG_ON(dev_iommu_restored_state(dev));", "BUG_ON(!dev_iommu_restored_state(dev));"],
    ],
}

V5_PROBING = {
    "class incoming_flb {": [
        ["incoming_kept", "R11", 4, "a look-up keeps the reference on the records", "if (!error_) " + _PUT, "(void)error_;"],
        ["incoming_put_twice", "R11", 4, "a look-up puts its reference twice",
         "if (!error_) " + _PUT, "if (!error_) {\n      " + _PUT + "\n      " + _PUT + "\n    }"],
        ["incoming_put_after_failure", "R11", 1, "a look-up puts a reference that it never got", "if (!error_) " + _PUT, _PUT],
    ],
    "int iommu_init_device_preserved_data(": [
        ["probe_of_nothing_keeps_reference", "R11", 4, "the reference is kept if the device has no record",
         _MARK, _MARK + "  void* kept;\n  if (!device_ser) liveupdate_flb_get_incoming(&iommu_flb, &kept);\n"],
    ],
    "void iommu_release_restored_device(": [
        ["release_keeps_record", "R12", 7, "a device that goes keeps its record", "dev->iommu->device_ser = nullptr;", "(void)dev;"],
        ["release_forgets_preserved", "R4", 4, "a device that this kernel has preserved loses its record when it goes",
         "if (dev_iommu_restored_state(dev)) dev", "dev"],
    ],
}
