"""The racy mutants: planted defects of the core that only callers at once can show. Each conforms
as long as one call follows the other.

    profile: the function: [name, rule, preemptions, what is planted, [old text, new text]...],

Rule: the rule that must name the mutant.
Preemptions: the fewest that show it.
The old text stands exactly once in the function; "" is the whole source.
"""

_LOCK = "  guard(mutex)(&flb.get()->lock);\n"
_OPEN = "  {\n" + _LOCK
_AGAIN = "  }\n" + _LOCK
_DOMAIN = "  if (!domain->preserved_state) return -EINVAL;\n"
_SLOT = "  iommu_device_ser* device_ser = alloc_record(flb.get()->curr_device_array);\n"
_DROP = "  mutex_unlock(&flb.get()->lock);\n  mutex_lock(&flb.get()->lock);\n"
_DROP_LOCKED = "  mutex_unlock(&flb->lock);\n  mutex_lock(&flb->lock);\n"
_COUNT = "  const bool last = dev_iommu_preserved_state(dev) && iommu->outgoing_preserved_state &&\n      iommu->outgoing_preserved_state->hdr.ref_count < 2;\n"

RACY = {
    "v3": {
        "int preserve_iommu_locked(": [
            ["unit_preserved_twice", "R10", 1, "the lock is dropped between the IOMMU's record and the driver's preserve",
             "  if (IS_ERR(hw_ser)) return static_cast<int>(PTR_ERR(hw_ser));\n",
             "  if (IS_ERR(hw_ser)) return static_cast<int>(PTR_ERR(hw_ser));\n" + _DROP_LOCKED],
        ],
        "void unpreserve_iommu_locked(": [
            ["unit_withdrawn_alone", "R1", 1, "the lock is dropped after the IOMMU's pointer is cleared, before the driver's unpreserve",
             "  iommu->outgoing_preserved_state = nullptr;\n",
             "  iommu->outgoing_preserved_state = nullptr;\n" + _DROP_LOCKED],
        ],
        "int iommu_preserve_domain(": [
            ["first_call_noted", "R10", 1, "the first call is noted without the lock",
             _LOCK, "  static u8 noted;\n  WARN_ON(noted > 1);\n  noted = 1;\n" + _LOCK],
            ["out_read_late", "R10", 1, "the domain's record is looked up again, without the lock, for the caller",
             _LOCK, _OPEN,
             "  *ser = domain_ser;\n", "  }\n  *ser = domain->preserved_state;\n"],
            ["published_early", "R6", 1, "the domain's pointer is set, and the lock dropped, before the table is preserved",
             "  if (const int error = pt->ops->preserve(pt, domain_ser)) {\n    mark_deleted(domain_ser);\n",
             "  domain->preserved_state = domain_ser;\n" + _DROP +
             "  if (const int error = pt->ops->preserve(pt, domain_ser)) {\n    mark_deleted(domain_ser);\n    domain->preserved_state = nullptr;\n",
             "\n  domain->preserved_state = domain_ser;\n  *ser", "\n  *ser"],
            ["busy", "R10", 1, "a call is refused while another caller holds the lock",
             _LOCK, "  if (!mutex_trylock(&flb.get()->lock)) return -EBUSY;\n  mutex_unlock(&flb.get()->lock);\n" + _LOCK],
        ],
        "void iommu_unpreserve_domain(": [
            ["domain_asked_outside", "R10", 1, "the domain's pointer is read without the lock, and again under it",
             _LOCK, "  if (flb.get() && !domain->preserved_state) return;\n" + _LOCK],
            ["domain_cleared_late", "R10", 1, "the domain's pointer is cleared after the lock is dropped",
             _LOCK, _OPEN,
             "  mark_deleted(domain_ser);\n", "  mark_deleted(domain_ser);\n  }\n"],
            ["table_unpreserved_alone", "R10", 1, "the lock is dropped between the unpreserve of the table and the end of the record",
             "  mark_deleted(domain_ser);\n", _DROP + "  mark_deleted(domain_ser);\n"],
        ],
        "int iommu_preserve_device(": [
            ["domain_known_outside", "R10", 1, "whether the domain is preserved is asked without the lock, and again under it",
             _LOCK + _DOMAIN, "  if (flb.get() && !domain->preserved_state) return -EINVAL;\n" + _LOCK + _DOMAIN],
            ["room_read_outside", "R10", 1, "the number of devices is read without the lock",
             _LOCK, "  if (flb.get()) asm volatile(\"\" : : \"r\"(flb.get()->curr_device_array->hdr.nr_objects));\n" + _LOCK],
            ["domain_dropped", "R10", 1, "the lock is dropped after the test of the domain, and taken again",
             _LOCK + _DOMAIN, _OPEN + _DOMAIN + _AGAIN],
            ["slot_alone", "R10", 1, "the device's record is allocated under the lock, and filled in under the lock, and the lock is dropped between",
             _SLOT, _SLOT + _DROP],
            ["unit_alone", "R10", 1, "the lock is dropped between the preserve of the IOMMU and that of the device",
             "  pci_dev* pdev = to_pci_dev(dev);\n", _DROP + "  pci_dev* pdev = to_pci_dev(dev);\n"],
            ["unit_tested_outside", "R15", 1, "whether the IOMMU is preserved is asked before the lock is taken",
             _LOCK, "  const bool known = flb.get() && iommu->outgoing_preserved_state && domain->preserved_state;\n" + _LOCK,
             "error = preserve_iommu_locked(iommu, flb.get())", "error = known ? (++iommu->outgoing_preserved_state->hdr.ref_count, 0) : preserve_iommu_locked(iommu, flb.get())"],
            ["shared_variable", "R4", 1, "the device of the call is in a static variable",
             "  iommu_device* iommu = dev->iommu->iommu_dev;\n", "  iommu_device* iommu = dev->iommu->iommu_dev;\n  static device* of;\n  of = dev;\n",
             "to_pci_dev(dev)", "to_pci_dev(of)"],
        ],
        "void iommu_unpreserve_device(": [
            ["device_deleted_alone", "R10", 1, "the lock is dropped between the end of the device's record and the driver's unpreserve",
             "  mark_deleted(device_ser);\n", "  mark_deleted(device_ser);\n" + _DROP],
            ["device_cleared_late", "R10", 1, "the device's pointer is cleared after the lock is dropped",
             _LOCK, _OPEN,
             "  dev->iommu->device_ser = nullptr;\n  unpreserve_iommu_locked(iommu, flb.get());\n",
             "  unpreserve_iommu_locked(iommu, flb.get());\n  }\n  dev->iommu->device_ser = nullptr;\n"],
            ["count_read_outside", "R2", 1, "the IOMMU's count is read before the lock is taken",
             _LOCK, _COUNT + _LOCK,
             "  unpreserve_iommu_locked(iommu, flb.get());\n",
             "  if (last) {\n    unpreserve_iommu_locked(iommu, flb.get());\n  } else if (!WARN_ON(!iommu->outgoing_preserved_state)) {\n    --iommu->outgoing_preserved_state->hdr.ref_count;\n  }\n"],
        ],
        "": [
            ["lock_order", "R10", 0, "two locks are taken in one order to preserve a device, and in the other to unpreserve it",
             "struct iommu_flb_obj {\n", "DEFINE_MUTEX(hw_lock);\n\nstruct iommu_flb_obj {\n",
             _SLOT, "  guard(mutex)(&hw_lock);\n" + _SLOT,
             "  if (WARN_ON(!iommu->ops->unpreserve_device || !iommu->ops->unpreserve)) return;\n",
             "  if (WARN_ON(!iommu->ops->unpreserve_device || !iommu->ops->unpreserve)) return;\n  guard(mutex)(&hw_lock);\n"],
        ],
    },
    "v5": {
        "int iommu_preserve_domain(": [
            ["busy_asked_outside", "R10", 1, "whether the domain is preserved is asked without the lock, and again under it",
             _LOCK, "  if (domain->preserved_state) return -EBUSY;\n" + _LOCK],
            ["double_domain", "R8", 1, "whether the domain is preserved is asked before the lock is taken",
             _LOCK + "  if (refuses_double && domain->preserved_state) return -EBUSY;\n",
             "  if (refuses_double && domain->preserved_state) return -EBUSY;\n" + _LOCK],
            ["put_at_once", "R10", 1, "the reference on the FLB is put as soon as it is taken",
             "  const outgoing_flb flb;\n  if (flb.error()) return flb.error();\n",
             "  struct {\n    iommu_flb_obj* object;\n    iommu_flb_obj* get() const { return object; }\n  } flb;\n" +
             "  {\n    const outgoing_flb taken;\n    if (taken.error()) return taken.error();\n    flb.object = taken.get();\n  }\n"],
            ["put_first", "R10", 1, "the reference on the FLB is put before the lock is released",
             "  const outgoing_flb flb;\n", "  struct late {\n    iommu_flb_obj* held = nullptr;\n    ~late() {\n      if (held) mutex_unlock(&held->lock);\n    }\n  } lock;\n  const outgoing_flb flb;\n",
             _LOCK, "  mutex_lock(&flb.get()->lock);\n  lock.held = flb.get();\n"],
        ],
        "void iommu_unpreserve_domain(": [
            ["domain_withdrawn_alone", "R8", 1, "the lock is dropped after the domain's pointer is cleared, before the table is unpreserved",
             "\n  pt->ops->unpreserve(pt, domain_ser);\n", "\n  domain->preserved_state = nullptr;\n" + _DROP + "  pt->ops->unpreserve(pt, domain_ser);\n",
             "  mark_deleted(domain_ser);\n  domain->preserved_state = nullptr;\n", "  mark_deleted(domain_ser);\n"],
            ["domain_found_outside", "R6", 1, "the domain's record is looked up before the lock is taken",
             _LOCK + "  iommu_domain_ser* domain_ser = domain->preserved_state;\n  if (!domain_ser) return;\n",
             "  iommu_domain_ser* domain_ser = domain->preserved_state;\n  if (!domain_ser) return;\n" + _LOCK],
        ],
        "int iommu_preserve_device(": [
            ["domain_tested_outside", "R10", 1, "whether the domain is preserved is asked before the lock is taken",
             _LOCK + _DOMAIN, _DOMAIN + _LOCK],
            ["shared_token", "R10", 1, "the token of the call is in a static variable",
             "  iommu_device* iommu = dev->iommu->iommu_dev;\n", "  iommu_device* iommu = dev->iommu->iommu_dev;\n  static u64 token;\n  token = argument;\n",
             "device_ser->dma_owner_token = argument;", "device_ser->dma_owner_token = token;"],
            ["double_device", "R4", 1, "whether the device is preserved is asked before the lock is taken",
             _LOCK + _DOMAIN + "  if (refuses_double && dev_iommu_preserved_state(dev)) return -EBUSY;\n",
             "  if (domain->preserved_state && dev_iommu_preserved_state(dev)) return -EBUSY;\n" + _LOCK + _DOMAIN],
        ],
        "void iommu_unpreserve_device(": [
            ["count_read_late", "R10", 1, "the IOMMU's count is read after the lock is dropped",
             _LOCK, _OPEN,
             "  unpreserve_iommu_locked(iommu, flb.get());\n",
             "  unpreserve_iommu_locked(iommu, flb.get());\n  }\n  if (iommu->outgoing_preserved_state) asm volatile(\"\" : : \"r\"(iommu->outgoing_preserved_state->hdr.ref_count));\n"],
            ["device_found_outside", "R6", 1, "the device's record is looked up before the lock is taken",
             _LOCK + "  auto* device_ser = static_cast<iommu_device_ser*>(dev_iommu_preserved_state(dev));\n  if (WARN_ON(!device_ser)) return;\n",
             "  auto* device_ser = static_cast<iommu_device_ser*>(dev_iommu_preserved_state(dev));\n  if (WARN_ON(!device_ser)) return;\n" + _LOCK],
        ],
    },
}
