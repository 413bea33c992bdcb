"""Mutants of the small tree's VT-d driver: [mode, rule, [old text, new text]...]."""

VTD_MUTANTS = {
    # preserve
    "token_truncated": ["legacy", "R1", "	rec->token = unit->reg_phys;\n", "	rec->token = (u16)unit->reg_phys;\n"],
    "type_forgotten": ["legacy", "R12", "	rec->type = IOMMU_INTEL;\n", ""],
    "root_left": ["legacy", "R8", "	}\n	iommu_unpreserve_pages(unit->root_entry);\n", "	}\n"],
    "sleeps": [
        "legacy",
        "R10",
        "	spin_lock(&unit->lock);\n",
        "	spin_lock(&unit->lock);\n	might_sleep();\n",
    ],
    "lock_left": ["legacy", "R10", "	spin_unlock(&unit->lock);\n", ""],
    "bit_not_set": [
        "legacy",
        "R8",
        "	if (!ret)\n		set_bit(table_bit(bus, half), table_bits(rec));\n",
        "",
    ],
    "bit_of_the_other_half": [
        "scalable",
        "R15",
        "		set_bit(table_bit(bus, half), table_bits(rec));\n",
        "		set_bit(table_bit(bus, half ^ 1), table_bits(rec));\n",
    ],
    "bit_not_asked": [
        "legacy",
        "R8",
        "	if (test_bit(table_bit(bus, half), table_bits(rec)))\n		return 0;\n",
        "",
    ],
    "halves_are_one": ["scalable", "R8", "	return sm_supported(unit) ? 2 : 1;\n", "	return 1;\n"],
    "directory_last_is_forgotten": ["scalable", "R8", "	iommu_unpreserve_pages(dir);\n}\n", "}\n"],
    "undo_stops_early": ["scalable", "R8", "	iommu_unpreserve_pages(dir);\n	return ret;\n", "	return ret;\n"],
    "undo_goes_too_far": ["scalable", "R8", "	while (i-- > 0) {\n", "	for (i++; i-- > 0;) {\n"],
    "directory_not_restored": [
        "scalable",
        "R12",
        "	iommu_restore_pages(rec->intel.pasid_table);\n	dir = phys_to_virt(rec->intel.pasid_table);\n",
        "	dir = phys_to_virt(rec->intel.pasid_table);\n",
    ],
    "tables_stop_early": [
        "scalable",
        "R8",
        "	for (i = 0; i < n; i++) {\n",
        "	for (i = 1; i < n; i++) {\n",
    ],
    "max_pasid_forgotten": ["scalable", "R15", "		rec->intel.max_pasid = pasids->max_pasid;\n", ""],
    "success_without_a_mark": ["legacy", "R3", "	if (!info || !info->domain)\n		return -EINVAL;\n", "	if (!info || info->domain)\n		return 0;\n"],
    "id_forgotten": [
        "scalable",
        "R3",
        "	rec->domain_iommu_ser.attachment_id = domain_id_iommu(info->domain, info->iommu);\n",
        "",
    ],
    "calls_the_core": [
        "legacy",
        "R10",
        "	ret = pci_for_each_dma_alias(to_pci_dev(dev), preserve_context_table, info);\n",
        "	iommu_unpreserve_device(&info->domain->domain, dev);\n" +
        "	ret = pci_for_each_dma_alias(to_pci_dev(dev), preserve_context_table, info);\n",
    ],
    "unpreserve_of_nothing": ["legacy", "R15", "	if (!pasids || !rec->intel.pasid_table)\n		return;\n", ""],
    # shutdown
    "alias_forgotten": ["legacy", "R13", "	return pci_for_each_dma_alias(to_pci_dev(dev), clear_id, info);\n", "	return clear_id(NULL, PCI_DEVID(info->bus, info->devfn), info);\n"],
    "other_buses_forgotten": ["legacy", "R13", "		return clear_id(NULL, PCI_DEVID(info->bus, info->devfn), info);\n", "		return 0;\n"],
    "walk_ends_early": ["legacy", "R13", "		context_clear_entry(context);\n	return 0;\n", "		context_clear_entry(context);\n	return 1;\n"],
    "everybody_cleared": ["legacy", "R13", "	if (!info || dev_iommu_preserved_state(dev))\n", "	if (!info)\n"],
    "root_not_cleared": ["legacy", "R13", "			unit->root_entry[bus].lo = 0;\n", "			continue;\n"],
    "upper_half_cleared": [
        "scalable",
        "R13",
        "		if (!test_bit(table_bit(bus, 1), table_bits(rec)))\n",
        "		if (!test_bit(table_bit(bus, 0), table_bits(rec)))\n",
    ],
    "contexts_stay_cached": ["legacy", "R13", "	unit->flush.flush_context(unit, 0, 0, 0, DMA_CCMD_GLOBAL_INVL);\n", ""],
    "flush_before_the_write": [
        "scalable",
        "R13",
        "	iommu_for_each_dev(&iter);\n",
        "	unit->flush.flush_context(unit, 0, 0, 0, DMA_CCMD_GLOBAL_INVL);\n	iommu_for_each_dev(&iter);\n",
        "	}\n	unit->flush.flush_context(unit, 0, 0, 0, DMA_CCMD_GLOBAL_INVL);\n",
        "	}\n",
    ],
    # the next kernel
    "ids_not_reserved": [
        "scalable",
        "R12",
        "	BUG_ON(iommu_for_each_preserved_device(reserve_id, unit));\n",
        "",
    ],
    "reserve_stops_early": [
        "legacy",
        "R15",
        "		BUG_ON(ida_alloc_range(&unit->domain_ida, id, id, GFP_KERNEL) != id);\n	return 0;\n",
        "		BUG_ON(ida_alloc_range(&unit->domain_ida, id, id, GFP_KERNEL) != id);\n	return 1;\n",
    ],
    "root_not_restored": ["legacy", "R12", "	iommu_restore_pages(rec->intel.root_table);\n", ""],
    "contexts_not_restored": [
        "legacy",
        "R12",
        "				iommu_restore_pages(virt_to_phys(table_of(unit, bus, half)));\n",
        "				continue;\n",
    ],
    "restored_twice": [
        "scalable",
        "R12",
        "	iommu_restore_pages(rec->intel.pasid_table);\n",
        "	iommu_restore_pages(rec->intel.pasid_table);\n	iommu_restore_page(rec->intel.pasid_table);\n",
    ],
    "reattached_uncounted": ["legacy", "R15", "	known->refcnt++;\n", "	known->refcnt = 1;\n"],
}
