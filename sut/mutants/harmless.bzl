"""Harmless variants of the core and of the driver ports, which conform. The false alarms of a suite
show on them: properties/conformance/harmless_test.cc holds each against every part of the suite.

    HARMLESS_CORE:   source: [name, profile, why the variant is harmless, [old text, new text]...]
    HARMLESS_PORTS:  vendor: source: [name, mode of the port, why, [old text, new text]...]

The old text stands exactly once in the source, and the new text is another.
"""

# A counter of which nothing else knows; the write is not optimized away.
_COUNT = "  static unsigned long %s;\n  WRITE_ONCE(%s, READ_ONCE(%s) + 1);\n"

def _count(name):
    return _COUNT % (name, name, name)

_LAST_SIXTEEN = "  static const void* volatile ring[16];\n  static unsigned int head;\n  ring[head] = %s;\n  head = (head + 1) %% 16;\n"

_DOMAIN = "  if (!pt || !pt->ops->preserve || !pt->ops->unpreserve) return -EOPNOTSUPP;\n"
_NEW_DOMAIN = "  iommu_domain_ser* domain_ser = alloc_record("
_NEW_DEVICE = "  iommu_device_ser* device_ser = alloc_record("
_PUBLISH_DOMAIN = "  domain->preserved_state = domain_ser;\n"
_DOMAIN_FIELD = "  device_ser->domain_iommu_ser.domain_phys = virt_to_phys(domain->preserved_state);\n"
_UNIT_FIELD = "  device_ser->domain_iommu_ser.iommu_phys = virt_to_phys(iommu->outgoing_preserved_state);\n"
_DEVID = "  device_ser->devid = pci_dev_id(pdev);\n"
_NEW_UNIT = "  iommu_hw_ser* hw_ser = alloc_record("
_FLB = "struct iommu_flb_obj {\n"
_CHAIN_OF_DOMAINS = "  for_each_page(flb->ser->iommu_domain_array_phys, release);\n"
_CHAIN_OF_IOMMUS = "  for_each_page(flb->ser->iommu_array_phys, release);\n"

HARMLESS_CORE = {
    "liveupdate.cc": [
        # --- counters ---
        ["counts_calls", "v3", "the number of calls is counted and never read",
         _DOMAIN, _count("calls") + _DOMAIN],
        ["counts_calls_that_fail", "v5", "refused calls are counted and the count is never read",
         _DOMAIN, "  if (!pt || !pt->ops->preserve || !pt->ops->unpreserve) {\n" + _count("refused") + "    return -EOPNOTSUPP;\n  }\n"],
        ["counts_each_device", "v5", "how often a device was preserved is counted and never read",
         _DEVID, "  static u32 times[256];\n  WRITE_ONCE(times[pci_dev_id(pdev) & 255], READ_ONCE(times[pci_dev_id(pdev) & 255]) + 1);\n" + _DEVID],
        ["counts_in_the_flb", "v3", "the FLB's object has a statistic that nobody reads",
         _FLB, _FLB + "  u64 nr_preserved;\n",
         _PUBLISH_DOMAIN, "  ++flb.get()->nr_preserved;\n" + _PUBLISH_DOMAIN],
        ["counts_in_a_struct", "v5", "statistics of domains in one struct are never read",
         _FLB, "struct { u64 preserved, unpreserved; } volatile statistics;\n\n" + _FLB,
         _PUBLISH_DOMAIN, "  statistics.preserved = statistics.preserved + 1;\n" + _PUBLISH_DOMAIN,
         "  domain->preserved_state = nullptr;\n", "  statistics.unpreserved = statistics.unpreserved + 1;\n  domain->preserved_state = nullptr;\n"],
        ["highest_number_of_devices", "v3", "the greatest number of records is kept and never read",
         _DEVID, "  static u64 most;\n  if (flb.get()->curr_device_array->hdr.nr_objects > READ_ONCE(most)) WRITE_ONCE(most, flb.get()->curr_device_array->hdr.nr_objects);\n" + _DEVID],
        ["sequence_number", "v3", "each device has the sequence number of its last preservation, which nobody reads",
         _DEVID, "  static u64 sequence;\n  static volatile u64 last[256];\n  last[pci_dev_id(pdev) & 255] = ++sequence;\n" + _DEVID],
        ["generation_of_the_unit", "v5", "a unit's generation counts up at each preservation and is never read",
         _NEW_UNIT, "  static struct { const iommu_device* of; u64 generation; } volatile units[8];\n" +
                    "  for (auto& unit : units) {\n    if (unit.of && unit.of != iommu) continue;\n    unit.of = iommu;\n    unit.generation = unit.generation + 1;\n    break;\n  }\n" + _NEW_UNIT],
        ["rate_limit", "v5", "the limit of calls is never reached",
         _DOMAIN, "  static u64 calls;\n  if (++calls == ~0ull) return -EBUSY;\n" + _DOMAIN],
        # --- caches ---
        ["remembers_the_domain", "v5", "the last lookup is used again for the same domain, and its result depends on nothing else",
         "  pt_iommu* pt = iommupt_from_domain(domain);\n" + _DOMAIN,
         "  static const iommu_domain* last;\n  static pt_iommu* last_pt;\n  if (last != domain) {\n    last_pt = iommupt_from_domain(domain);\n    last = domain;\n  }\n  pt_iommu* pt = last_pt;\n" + _DOMAIN],
        ["remembers_the_requester_id", "v3", "a device's requester id does not change, so the last one may be kept",
         _DEVID, "  static const pci_dev* last;\n  static u16 last_id;\n  if (last != pdev) {\n    last = pdev;\n    last_id = pci_dev_id(pdev);\n  }\n  device_ser->devid = last_id;\n"],
        ["remembers_the_record", "v3", "the last record is kept in a static that nobody reads",
         _PUBLISH_DOMAIN, "  static const iommu_domain_ser* volatile last;\n  last = domain_ser;\n" + _PUBLISH_DOMAIN],
        ["remembers_the_flb", "v5", "the FLB of the last call is kept in a static that nobody reads",
         _NEW_DEVICE, "  static const iommu_flb_obj* volatile last;\n  last = flb.get();\n" + _NEW_DEVICE],
        # --- other orders ---
        ["fields_in_another_order", "v3", "no one reads a record before the call returns but the driver, which reads no field of the core",
         _DOMAIN_FIELD, "", _UNIT_FIELD, "", _DEVID, "  WRITE_ONCE(device_ser->devid, pci_dev_id(pdev));\n  WRITE_ONCE(device_ser->domain_iommu_ser.iommu_phys, virt_to_phys(iommu->outgoing_preserved_state));\n" +
                                                    "  WRITE_ONCE(device_ser->domain_iommu_ser.domain_phys, virt_to_phys(domain->preserved_state));\n"],
        ["fields_in_another_order", "v5", "no one reads a record before the call returns but the driver, which reads no field of the core",
         _DOMAIN_FIELD, "", _UNIT_FIELD, "", _DEVID, "  WRITE_ONCE(device_ser->devid, pci_dev_id(pdev));\n  WRITE_ONCE(device_ser->domain_iommu_ser.iommu_phys, virt_to_phys(iommu->outgoing_preserved_state));\n" +
                                                    "  WRITE_ONCE(device_ser->domain_iommu_ser.domain_phys, virt_to_phys(domain->preserved_state));\n"],
        ["pointer_before_flag", "v3", "a domain's pointer goes before its record is DELETED, under one lock",
         "  mark_deleted(domain_ser);\n  domain->preserved_state = nullptr;\n", "  WRITE_ONCE(domain->preserved_state, nullptr);\n  mark_deleted(domain_ser);\n"],
        ["out_before_pointer", "v5", "the caller's pointer is written before the domain's, and the call cannot fail any more",
         _PUBLISH_DOMAIN + "  *ser = domain_ser;\n", "  WRITE_ONCE(*ser, domain_ser);\n" + _PUBLISH_DOMAIN],
        ["reference_before_number", "v5", "a record gets its reference before it is counted, under one lock",
         "  auto* record = &current->objects[current->hdr.nr_objects++];\n  record->hdr.ref_count = 1;\n",
         "  auto* record = &current->objects[current->hdr.nr_objects];\n  WRITE_ONCE(record->hdr.ref_count, 1);\n  ++current->hdr.nr_objects;\n"],
        ["ops_in_another_order", "v3", "a device that lacks any op is refused with the same errno",
         "!ops->preserve_device || !ops->unpreserve_device || !ops->preserve || !ops->unpreserve", "!ops->unpreserve || !ops->preserve || !ops->unpreserve_device || !ops->preserve_device"],
        ["chains_released_in_another_order", "v3", "the chains are freed in another order, and none is read after",
         _CHAIN_OF_IOMMUS, "", _CHAIN_OF_DOMAINS, _CHAIN_OF_DOMAINS + _CHAIN_OF_IOMMUS],
        # --- allocation ---
        ["object_after_the_pages", "v3", "the FLB's object is allocated last: the same requests can fail, with the same errno",
         "  auto* flb = kzalloc_obj(iommu_flb_obj);\n  if (!flb) return -ENOMEM;\n  if (const int error = alloc_records(flb)) {\n    kfree(flb);\n    return error;\n  }\n",
         "  iommu_flb_obj made = {};\n  if (const int error = alloc_records(&made)) return error;\n  auto* flb = kzalloc_obj(iommu_flb_obj);\n  if (!flb) {\n" +
         "    kho_unpreserve_free(made.curr_iommu_array);\n    kho_unpreserve_free(made.curr_device_array);\n    kho_unpreserve_free(made.curr_domain_array);\n    kho_unpreserve_free(made.ser);\n    return -ENOMEM;\n  }\n  *flb = made;\n"],
        ["lock_before_the_pages", "v5", "the FLB's lock is initialised before its pages are allocated",
         "  if (const int error = alloc_records(flb)) {\n", "  mutex_init(&flb->lock);\n  if (const int error = alloc_records(flb)) {\n    mutex_destroy(&flb->lock);\n",
         "  mutex_init(&flb->lock);\n#ifdef", "#ifdef"],
        # --- locks and barriers ---
        ["second_mutex", "v3", "a mutex of its own guards a statistic; it is never held over a call",
         _FLB, "DEFINE_MUTEX(statistics_lock);\n\n" + _FLB,
         _NEW_DOMAIN, "  mutex_lock(&statistics_lock);\n" + _count("calls") + "  mutex_unlock(&statistics_lock);\n" + _NEW_DOMAIN],
        ["second_mutex", "v5", "a mutex of its own is taken and released inside of the FLB's",
         _NEW_DEVICE, "  static DEFINE_MUTEX(inner);\n  { guard(mutex)(&inner); }\n" + _NEW_DEVICE],
        ["barriers", "v3", "a full barrier stands around the publication of a record",
         _PUBLISH_DOMAIN, "  __atomic_thread_fence(__ATOMIC_SEQ_CST);\n" + _PUBLISH_DOMAIN + "  __atomic_thread_fence(__ATOMIC_SEQ_CST);\n"],
        ["single_accesses", "v5", "each access to a domain's pointer is a single one",
         _PUBLISH_DOMAIN, "  WRITE_ONCE(domain->preserved_state, domain_ser);\n  (void)READ_ONCE(domain->preserved_state);\n"],
        # --- logging ---
        ["log_of_the_last_sixteen", "v5", "a ring of the last domains is written and never read",
         _PUBLISH_DOMAIN, _LAST_SIXTEEN % "domain" + _PUBLISH_DOMAIN],
        ["log_with_time", "v3", "each entry of a log has a number that counts up; nobody reads the log",
         _NEW_DEVICE, "  static struct { const void* what; u64 when; } volatile ring[8];\n  static u64 now;\n  ring[now % 8].what = dev;\n  ring[now % 8].when = now;\n  ++now;\n" + _NEW_DEVICE],
        # --- memory ---
        ["clears_the_freed_object", "v3", "the FLB's object is cleared before it is freed",
         "  release_all(flb, kho_unpreserve_free);\n  mutex_destroy(&flb->lock);\n", "  release_all(flb, kho_unpreserve_free);\n  mutex_destroy(&flb->lock);\n  __builtin_memset(flb, 0, sizeof(*flb));\n"],
        ["clears_the_new_record", "v5", "a new record is cleared, and is zero already",
         "  record->hdr.ref_count = 1;\n", "  __builtin_memset(record, 0, sizeof(*record));\n  record->hdr.ref_count = 1;\n"],
        ["larger_object", "v3", "the FLB's object has room that nobody uses", _FLB, _FLB + "  u64 spare[16];\n"],
        ["writes_flags_twice", "v3", "a DELETED record is marked again",
         "  record->hdr.flags |= IOMMU_SER_FLAG_DELETED;\n", "  WRITE_ONCE(record->hdr.flags, record->hdr.flags | IOMMU_SER_FLAG_DELETED);\n  WRITE_ONCE(record->hdr.flags, record->hdr.flags | IOMMU_SER_FLAG_DELETED);\n"],
        # --- tests that cannot fail ---
        ["finds_the_last_page", "v5", "the current page is the last one of its chain, so the search for the last one stays",
         "  if (current->hdr.nr_objects >= capacity) {\n",
         "  while (current->hdr.next_array_phys) current = static_cast<Array*>(phys_to_virt(current->hdr.next_array_phys));\n  if (current->hdr.nr_objects >= capacity) {\n"],
        ["no_record_is_lost", "v3", "an FLB under its lock has a top record",
         _NEW_DOMAIN, "  if (WARN_ON(!flb.get()->ser)) return -EINVAL;\n" + _NEW_DOMAIN],
        ["lock_is_held", "v5", "the lock was taken a line before",
         _NEW_DEVICE, "  if (WARN_ON_ONCE(!mutex_is_locked(&flb.get()->lock))) return -EDEADLK;\n" + _NEW_DEVICE],
        ["tries_the_lock_first", "v3", "a lock is taken by a try, or else by waiting",
         "  guard(mutex)(&flb.get()->lock);\n  if (!domain->preserved_state) return -EINVAL;\n",
         "  if (!mutex_trylock(&flb.get()->lock)) mutex_lock(&flb.get()->lock);\n" +
         "  struct Unlock {\n    mutex* lock;\n    ~Unlock() { mutex_unlock(lock); }\n  } unlock{&flb.get()->lock};\n  if (!domain->preserved_state) return -EINVAL;\n"],
    ],
    "iommu.cc": [
        ["counts_devices_walked", "v3", "the devices that a walk visits are counted, and the count is never read",
         "  const iommu_dev_iter* iter = static_cast<iommu_dev_iter*>(data);\n", "  const iommu_dev_iter* iter = static_cast<iommu_dev_iter*>(data);\n" + _count("visited")],
        ["walks_pci_last", "v3", "no version promises an order of the buses",
         "    &pci_bus_type,\n", "", "    &cdx_bus_type,\n", "    &cdx_bus_type,\n    &pci_bus_type,\n"],
        ["walks_cdx_first", "v5", "no version promises an order of the buses",
         "    &platform_bus_type,\n", "    &cdx_bus_type,\n    &platform_bus_type,\n", "    &host1x_context_device_bus_type,\n    &cdx_bus_type,\n", "    &host1x_context_device_bus_type,\n"],
    ],
}

_PORT_DEVICE = "  if (!info->domain) return -EINVAL;\n"
_PT_UNDO = "while (i > 0) iommu_unpreserve_pages(domain->tables[--i]);"
_PT_LOOP = "  for (i = 0; i < domain->num_tables; ++i) {\n"
_PT_RELEASE = "for (i = domain->num_tables; i > 0; --i) iommu_unpreserve_pages(domain->tables[i - 1]);"
_LAST_TABLE_FIRST = [
    _PT_LOOP,
    "  for (i = domain->num_tables; i-- > 0;) {\n",
    _PT_UNDO,
    "while (++i < domain->num_tables) iommu_unpreserve_pages(domain->tables[i]);",
    _PT_RELEASE,
    "for (i = 0; i < domain->num_tables; ++i) iommu_unpreserve_pages(domain->tables[i]);",
]
_KEEP_TABLE = "  if (table) domain->tables[domain->num_tables++] = table;\n"
_NEW_TABLE = "    error = add_table(domain) ? 0 : -ENOMEM;\n"

_TABLE_AHEAD = "    if (!error) {\n      u64* below = add_table(domain);\n\n      error = below ? 0 : -ENOMEM;\n" + \
               "      if (below) domain->tables[0][0] = %s;\n      else iommu_free_pages(domain->tables[0]);\n    }\n"

# Of the units' driver; nothing depends on the log.
_OPTIONAL_LOG = "  static u64* log;\n\n  if (!log) log = kzalloc(64, GFP_KERNEL);\n  if (log) WRITE_ONCE(log[0], log[0] + 1);\n"

# A page is allocated and freed after each table: the tables lie further apart.
_GAPS = [_KEEP_TABLE, "  if (table) {\n    void* gap = iommu_alloc_pages_sz(GFP_KERNEL, PAGE_SIZE);\n\n    iommu_free_pages(gap ? gap : table);\n    if (!gap) return NULL;\n  }\n" + _KEEP_TABLE]

# Entries that are not present have bits that the hardware ignores.
_COOKIES = [_KEEP_TABLE, "  for (int k = 0; table && k < 512; ++k) table[k] = (u64)(k + 1) << 12;\n" + _KEEP_TABLE]

# The same edits where the tables are `pt`'s.
def _of_pt(edits):
    return tuple([
        text.replace("domain->", "pt->").replace("add_table(domain)", "add_table(pt)")
        for text in edits
    ])

HARMLESS_PORTS = {
    "vtd": {
        "preserve.c": [
            ("counts_preserved", "legacy", "preserved devices are counted, and the count is never read", _PORT_DEVICE, _count("preserved") + _PORT_DEVICE),
            ("refuses_with_enodev", "scalable", "the errno of a device in no domain is the driver's choice", _PORT_DEVICE, "  if (!info->domain) return -ENODEV;\n"),
            ("log_ring", "first", "a ring of the last devices is written and never read", _PORT_DEVICE, _LAST_SIXTEEN % "dev" + _PORT_DEVICE),
            ("type_first", "legacy", "the type of a record is written before its token", "  ser->type = IOMMU_INTEL;\n", "", "  ser->token = ", "  WRITE_ONCE(ser->type, IOMMU_INTEL);\n  ser->token = "),
            ("clears_vendor_part", "scalable", "the vendor's part of the record is cleared, and is zero already", "  ser->type = IOMMU_INTEL;\n",
             "  ser->type = IOMMU_INTEL;\n  __builtin_memset(&ser->intel, 0, sizeof(ser->intel));\n"),
            ("counts_tables", "first", "each bit of the bitmap has a count of its changes, which nobody reads", "  const u64 bit = ",
             "  static u16 changes[512];\n  WRITE_ONCE(changes[index], READ_ONCE(changes[index]) + 1);\n  const u64 bit = "),
            ("clears_on_unpreserve", "scalable", "nobody reads the vendor's part of a record that is DELETED", "  if (!ser->intel.pasid_table) return;\n",
             "  if (!ser->intel.pasid_table) return;\n  WRITE_ONCE(ser->intel.pasid_table, 0);\n"),
        ],
        "paging.c": [
            ("last_table_first", "legacy", "a domain's tables are preserved from the last to the first, and undone in reverse") + tuple(_LAST_TABLE_FIRST),
            ("gaps", "scalable", "a page is allocated and freed for each table, so tables have other addresses") + tuple(_GAPS),
            ("cookies", "legacy", "the hardware ignores an entry that is not present, so its other bits may be set") + tuple(_COOKIES),
            ("cookies", "first", "the hardware ignores an entry that is not present, so its other bits may be set") + tuple(_COOKIES),
            ("ignored_bits", "legacy", "bits 61 to 52 of an entry are ignored", "  u64 entry = phys | (level > 0 ? LARGE : 0);\n", "  u64 entry = phys | (level > 0 ? LARGE : 0) | 1ull << 52;\n"),
            ("ignored_bits", "first", "bits 61 to 52 of an entry are ignored", "  return virt_to_phys(table) | flags;\n", "  return virt_to_phys(table) | flags | 1ull << 53;\n",
             "phys_to_virt(VTD_ADDRESS(*entry));", "phys_to_virt(VTD_ADDRESS(*entry) & ~(1ull << 53));",
             "VTD_ADDRESS(table[i]), level - 1);", "VTD_ADDRESS(table[i]) & ~(1ull << 53), level - 1);"),
            ("table_ahead", "scalable", "the tables of the lowest addresses are made with the domain", _NEW_TABLE,
             _NEW_TABLE + _TABLE_AHEAD % "table_entry(below)"),
            ("sign_before_width", "first", "two fields of a record are written in the other order", "  ser->vasz = 48;\n", "",
             "  ser->sign_extend = VTD_IS_FIRST_STAGE;\n", "  WRITE_ONCE(ser->sign_extend, VTD_IS_FIRST_STAGE);\n  WRITE_ONCE(ser->vasz, 48);\n"),
        ],
        "context.c": [
            ("flushes_everything", "legacy", "a device that moves costs the others their cached entries, and no more", "  flush_domain(info);\n  if (vtd_detach", "  vtd_flush_all(info->iommu);\n  if (vtd_detach"),
            ("flushes_all_pasids", "scalable", "each PASID of the domain is flushed", "QI_PC_PASID_SEL", "QI_PC_ALL_PASIDS"),
            ("flushes_each_function", "first", "the context-cache is flushed for the other functions of the device too", "did, id, 0, DMA_CCMD", "did, id, 3, DMA_CCMD"),
        ],
        "domain_id.c": [
            ("ids_from_the_top", "legacy", "any id that is free may be given out", "  did = ida_alloc_range(&iommu->domain_ida, VTD_FIRST_ID, VTD_LAST_ID, GFP_KERNEL);\n",
             "  did = -ENOSPC;\n  for (int id = VTD_LAST_ID; did == -ENOSPC && id >= VTD_FIRST_ID; --id)\n    did = ida_alloc_range(&iommu->domain_ida, id, id, GFP_KERNEL);\n"),
            ("ids_in_turn", "scalable", "any id that is free may be given out: the next one after the last", "  did = ida_alloc_range(&iommu->domain_ida, VTD_FIRST_ID, VTD_LAST_ID, GFP_KERNEL);\n",
             "  static int turn;\n  did = ida_alloc_range(&iommu->domain_ida, VTD_FIRST_ID + turn, VTD_LAST_ID, GFP_KERNEL);\n" +
             "  if (did == -ENOSPC) did = ida_alloc_range(&iommu->domain_ida, VTD_FIRST_ID, VTD_LAST_ID, GFP_KERNEL);\n  if (did > 0) turn = did % VTD_LAST_ID;\n"),
        ],
        "shutdown.c": [
            ("rewrites_entries", "legacy", "a preserved device's entry is written again with its own value", "  (void)iommu, (void)arg;\n",
             "  struct device_domain_info* info = dev_iommu_priv_get(dev);\n  struct context_entry* entry;\n\n  (void)iommu, (void)arg;\n" +
             "  entry = iommu_context_addr(info->iommu, info->bus, info->devfn, 0);\n" +
             "  if (dev_iommu_preserved_state(dev)) WRITE_ONCE(entry->lo, READ_ONCE(entry->lo));\n"),
            ("flushes_twice", "scalable", "the caches are flushed before the entries are cleared and again after", "  iommu_for_each_dev(&iter);\n",
             "  vtd_flush_all(iommu);\n  iommu_for_each_dev(&iter);\n  vtd_flush_all(iommu);\n"),
        ],
        "restore_unit.c": [
            ("root_table_of_its_own", "scalable", "a new root table is complete before one command puts it to use, and the old table is freed then",
             "  iommu->root_entry = iommu_restore_page(ser->intel.root_table);\n  if (!iommu->root_entry) return -EINVAL;\n",
             "  struct root_entry* old = iommu_restore_page(ser->intel.root_table);\n\n  if (!old) return -EINVAL;\n" +
             "  iommu->root_entry = iommu_alloc_pages_sz(GFP_KERNEL, PAGE_SIZE);\n  if (!iommu->root_entry) return -ENOMEM;\n" +
             "  for (index = 0; index < ROOT_ENTRY_NR; ++index) iommu->root_entry[index] = old[index];\n" +
             "  writeq(virt_to_phys(iommu->root_entry) | DMA_RTADDR_SMT, iommu->reg + DMAR_RTADDR_REG);\n" +
             "  writel(DMA_GCMD_TE | DMA_GCMD_SRTP, iommu->reg + DMAR_GCMD_REG);\n  iommu_free_pages(old);\n"),
        ],
        "unit.c": [
            ("rewrites_root_address", "legacy", "the root table stays the one in use while its address is written again",
             "    vtd_shutdown_unit(iommu, ser);\n",
             "    writeq(readq(iommu->reg + DMAR_RTADDR_REG), iommu->reg + DMAR_RTADDR_REG);\n" +
             "    writel(DMA_GCMD_TE | DMA_GCMD_SRTP, iommu->reg + DMAR_GCMD_REG);\n    vtd_shutdown_unit(iommu, ser);\n"),
            ("optional_log", "legacy", "the driver goes on without a log that cannot be allocated", "  return &iommu->iommu;\n", _OPTIONAL_LOG + "  return &iommu->iommu;\n"),
            ("optional_log", "first", "the driver goes on without a log that cannot be allocated", "  return &iommu->iommu;\n", _OPTIONAL_LOG + "  return &iommu->iommu;\n"),
            ("off_twice", "legacy", "a unit without state is turned off twice", "    writel(0, iommu->reg + DMAR_GCMD_REG);\n", "    writel(0, iommu->reg + DMAR_GCMD_REG);\n    writel(0, iommu->reg + DMAR_GCMD_REG);\n"),
            ("reads_back", "scalable", "the status is read after each command, and nothing depends on it", "  writel(DMA_GCMD_TE, iommu->reg + DMAR_GCMD_REG);\n",
             "  writel(DMA_GCMD_TE, iommu->reg + DMAR_GCMD_REG);\n  while (!(readl(iommu->reg + DMAR_GSTS_REG) & DMA_GSTS_TES)) {\n  }\n"),
        ],
    },
    "smmuv3": {
        "preserve.c": [
            ("counts_preserved", "stage1", "preserved devices are counted, and the count is never read", "  if (!master->domain) return -EINVAL;\n",
             _count("preserved") + "  if (!master->domain) return -EINVAL;\n"),
            ("locked_count", "linear", "a spinlock guards a count that is never read, and is not held over a call", "  if (!master->domain) return -EINVAL;\n",
             "  static spinlock_t lock;\n\n  spin_lock(&lock);\n" + _count("preserved") + "  spin_unlock(&lock);\n  if (!master->domain) return -EINVAL;\n",
             "#include \"sut/ports/smmuv3/live_update.h\"\n", "#include \"sut/ports/smmuv3/live_update.h\"\n#include <linux/spinlock.h>\n"),
            ("log_ring", "stage2", "a ring of the last devices is written and never read", "  if (!master->domain) return -EINVAL;\n",
             _LAST_SIXTEEN % "dev" + "  if (!master->domain) return -EINVAL;\n"),
            ("refuses_with_enodev", "stage2", "the errno of a device in no domain is the driver's choice", "  if (!master->domain) return -EINVAL;\n", "  if (!master->domain) return -ENODEV;\n"),
            ("type_first", "linear", "the type of a record is written before its token", "  ser->type = IOMMU_ARM_SMMUV3;\n", "",
             "  ser->token = ", "  WRITE_ONCE(ser->type, IOMMU_ARM_SMMUV3);\n  ser->token = "),
            ("number_last", "substreams", "the number of CD tables is written after their states", "  ser->smmuv3.num_l2_cdtables = smmuv3_num_l2_cdtabs(cd_table);\n", "",
             "  ser->smmuv3.l2_cdtab_lu_states_phys = virt_to_phys(states);\n",
             "  ser->smmuv3.l2_cdtab_lu_states_phys = virt_to_phys(states);\n  WRITE_ONCE(ser->smmuv3.num_l2_cdtables, smmuv3_num_l2_cdtabs(cd_table));\n"),
            ("own_errno", "stage1", "the errno of a unit that cannot be preserved is the driver's choice",
             "  if (error) return error;\n  if (!SMMUV3_IS_LINEAR) {\n    u64* states", "  if (error) return -EIO;\n  if (!SMMUV3_IS_LINEAR) {\n    u64* states"),
            ("clears_on_unpreserve", "substreams", "nobody reads the vendor's part of a record that is DELETED",
             "unpreserve_cd_tables(master->smmu->dev, ser);\n}", "unpreserve_cd_tables(master->smmu->dev, ser);\n  WRITE_ONCE(ser->smmuv3.l1_cdtab_lu_state, 0);\n}"),
        ],
        "paging.c": [
            ("last_table_first", "stage1", "a domain's tables are preserved from the last to the first, and undone in reverse") + _of_pt(_LAST_TABLE_FIRST),
            ("gaps", "stage2", "a page is allocated and freed for each table, so tables have other addresses") + _of_pt(_GAPS),
            ("cookies", "stage1", "the hardware ignores a descriptor that is not valid, so its other bits may be set") + _of_pt(_COOKIES),
            ("cookies", "stage2", "the hardware ignores a descriptor that is not valid, so its other bits may be set") + _of_pt(_COOKIES),
            ("software_bits", "stage1", "bits 58 to 55 of a descriptor are for software", "      phys | VALID | ", "      5ull << 55 | phys | VALID | "),
            ("ignored_bits", "substreams", "bits 58 to 51 of a table's descriptor are ignored", "virt_to_phys(below) | TABLE_OR_PAGE", "virt_to_phys(below) | 3ull << 55 | TABLE_OR_PAGE"),
            ("table_ahead", "linear", "the tables of the lowest addresses are made with the domain", "  if (error) {\n    kfree(domain);\n",
             "  if (!error && !ser) {\n    struct pt_iommu_armv8* pt = &domain->armv8pt;\n" +
             _of_pt([_TABLE_AHEAD % "virt_to_phys(below) | TABLE_OR_PAGE | VALID"])[0] + "  }\n  if (error) {\n    kfree(domain);\n"),
        ],
        "id.c": [
            ("ids_from_the_top", "stage1", "any id that is free may be given out", "for (id = 1; id < 1u << bits; ++id)", "for (id = (1u << bits) - 1; id > 0; --id)"),
            ("ids_in_turn", "stage2", "any id that is free may be given out: the next one after the last", "  for (id = 1; id < 1u << bits; ++id) {\n",
             "  static u32 turn;\n  for (u32 k = 0; k < 255; ++k) {\n    id = 1 + (turn + k) % 255;\n"),
            ("other_errno", "stage2", "the errno of an attachment without a free id is the driver's choice", "return -ENOSPC;", "return -EBUSY;"),
        ],
        "context.c": [
            ("last_word_first", "stage1", "a descriptor that is not valid yet may be filled in any order", "  for (i = 1; i < CTXDESC_CD_DWORDS; ++i) WRITE_ONCE(cd->data[i], target->data[i]);\n",
             "  for (i = CTXDESC_CD_DWORDS - 1; i > 0; --i) WRITE_ONCE(cd->data[i], target->data[i]);\n"),
        ],
        "attach.c": [
            ("ignored_word", "stage1", "the second half of an STE of stage 1 is ignored", "                                WRITE_BACK << 4 | INNER_SHAREABLE << 6);\n",
             "                                WRITE_BACK << 4 | INNER_SHAREABLE << 6);\n  target->data[7] = cpu_to_le64(0x5a5a5a5a00ull);\n"),
        ],
        "shutdown.c": [
            ("aborts_twice", "stage2", "a stream of an unpreserved device is aborted twice", "  iommu_for_each_dev(&iter);\n", "  iommu_for_each_dev(&iter);\n  iommu_for_each_dev(&iter);\n"),
        ],
        "unit.c": [
            ("optional_log", "stage1", "the driver goes on without a log that cannot be allocated", "  return &smmu->iommu;\n", _OPTIONAL_LOG + "  return &smmu->iommu;\n"),
            ("stops_twice", "stage1", "a unit without state is stopped twice", "return;\n  stop(smmu);\n", "return;\n  stop(smmu);\n  stop(smmu);\n"),
            ("waits", "linear", "the unit has done the command when the driver begins to wait", "  return readl((char*)smmu->base + ack_off)", "  for (int k = 0; k < 1000 && readl((char*)smmu->base + ack_off) != value; ++k) {\n  }\n  return readl((char*)smmu->base + ack_off)"),
            ("second_level_ahead", "stage2", "the first stream table of the second level is made with the unit", "  stop(smmu); /*", "  if (!SMMUV3_IS_LINEAR && arm_smmu_init_sid_strtab(smmu, 0)) return -ENOMEM;\n  stop(smmu); /*"),
        ],
    },
}
