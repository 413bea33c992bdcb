"""Mutants of the small tree's SMMUv3 driver: [mode, rule, [old text, new text]...]."""

_RECORD_ID = "	rec->domain_iommu_ser.attachment_id =\n		smmu_domain->stage == ARM_SMMU_DOMAIN_S1 ? smmu_domain->cd.asid : smmu_domain->s2_cfg.vmid;\n"
_SKIP_PRESERVED = "		if (stream->master->preserved)\n			continue;\n"
_FLUSH = "	arm_smmu_cmdq_issue_cmdlist(smmu, &smmu->cmdq, cmds, ARRAY_SIZE(cmds), true);\n"

SMMUV3_MUTANTS = {
    # preserve: the unit
    "token_truncated": ["stage1", "R1", "	rec->token = smmu->base_phys;\n", "	rec->token = (u16)smmu->base_phys;\n"],
    "type_of_another": ["stage2", "R12", "	rec->type = IOMMU_ARM_SMMUV3;\n", "	rec->type = IOMMU_INTEL;\n"],
    "format_forgotten": ["linear", "R12", "	rec->smmuv3.strtab_base_cfg = readl_relaxed(smmu->base + ARM_SMMU_STRTAB_BASE_CFG);\n", ""],
    "state_forgotten": ["linear", "R15", "	rec->smmuv3.l1_strtab_lu_state = state;\n", ""],
    "states_not_checked": ["stage1", "R5", "		if (IS_ERR(states)) {\n			dma_unpreserve", "		if (!states) {\n			dma_unpreserve"],
    "first_level_kept": ["stage1", "R8", "			dma_unpreserve_coherent_allocation(smmu->dev, state);\n			return PTR_ERR(states);\n", "			return PTR_ERR(states);\n"],
    "first_level_left": ["linear", "R8", "	dma_unpreserve_coherent_allocation(smmu->dev, rec->smmuv3.l1_strtab_lu_state);\n", ""],
    "states_left": ["stage1", "R8", "				dma_unpreserve_coherent_allocation(smmu->dev, states[idx]);\n		}\n		kho_unpreserve_free(states);\n", "				dma_unpreserve_coherent_allocation(smmu->dev, states[idx]);\n		}\n"],
    "sleeps": ["stage1", "R10", "	ret = preserve_streams(master);\n", "	DEFINE_SPINLOCK(lock);\n\n	spin_lock(&lock);\n	ret = preserve_streams(master);\n	spin_unlock(&lock);\n", "#include <linux/kexec_handover.h>\n", "#include <linux/kexec_handover.h>\n#include <linux/spinlock.h>\n"],
    # preserve: the streams
    "second_level_twice": ["stage1", "R8", "		if (*state)\n			continue;\n", ""],
    "second_level_shared": ["stage1", "R8", "		if (!states[idx] || is_preserved(smmu, idx))\n", "		if (!states[idx])\n"],
    "second_level_kept_recorded": ["stage1", "R8", "		dma_unpreserve_coherent_allocation(smmu->dev, states[idx]);\n		states[idx] = 0;\n", "		dma_unpreserve_coherent_allocation(smmu->dev, states[idx]);\n"],
    "second_level_of_the_first": ["stage1", "R8", "		u32 idx = arm_smmu_strtab_l1_idx(master->streams[i].id);\n		u64 desc", "		u32 idx = arm_smmu_strtab_l1_idx(rb_entry(rb_first(&master->smmu->streams), struct arm_smmu_stream, node)->id);\n		u64 desc"],
    "streams_undone_early": ["stage2", "R8", "		if (ret) {\n			unpreserve_streams(master, i);\n			return ret;\n", "		if (ret) {\n			unpreserve_streams(master, i + 1);\n			return 0;\n"],
    "lock_left": ["stage1", "R10", "	guard(mutex)(&smmu->streams_mutex);\n	while", "	mutex_lock(&smmu->streams_mutex);\n	while"],
    "second_level_dropped": ["substreams", "R8", "		dma_unpreserve_coherent_allocation(smmu->dev, states[idx]);\n		states[idx] = 0;\n", "		states[idx] = 0;\n"],
    # preserve: the CD tables
    "cds_forgotten": ["stage1", "R8", "		ret = preserve_cds(master, rec);\n", "		ret = 0;\n"],
    "second_cds_forgotten": ["substreams", "R8", "	if (!linear)\n		ret = preserve_l2_cdtabs(master, rec);\n", ""],
    "cd_loop_stops_early": ["substreams", "R8", "	for (i = 0; i < cd_table->l2.num_l1_ents; i++) {\n		u64 desc", "	for (i = 1; i < cd_table->l2.num_l1_ents; i++) {\n		u64 desc"],
    "cd_undo_goes_too_far": ["substreams", "R15", "	while (n-- > 0)\n		dma_unpreserve_coherent_allocation(master->smmu->dev, states[n]);\n	kho_unpreserve_free(states);\n	return ret;\n", "	for (n++; n-- > 0;)\n		dma_unpreserve_coherent_allocation(master->smmu->dev, states[n]);\n	kho_unpreserve_free(states);\n	return ret;\n"],
    "cd_states_kept": ["substreams", "R8", "	kho_unpreserve_free(states);\n	return ret;\n", "	return ret;\n"],
    "cd_first_level_kept": ["substreams", "R8", "	if (ret) {\n		dma_unpreserve_coherent_allocation(master->smmu->dev, state);\n		return ret;\n", "	if (ret) {\n		return ret;\n"],
    "cd_count_forgotten": ["substreams", "R8", "	rec->smmuv3.num_l2_cdtables = n;\n", ""],
    "cds_left": ["stage1", "R8", "	dma_unpreserve_coherent_allocation(master->smmu->dev, rec->smmuv3.l1_cdtab_lu_state);\n", ""],
    "unpreserve_of_nothing": ["stage2", "R15", "	if (!rec->smmuv3.l1_cdtab_lu_state)\n		return;\n", ""],
    # preserve: the device
    "success_without_a_mark": ["stage1", "R8", "	master->preserved = true;\n", ""],
    "mark_left": ["stage1", "R13", "	master->preserved = false;\n", ""],
    "id_forgotten": ["stage1", "R3", _RECORD_ID, ""],
    "id_of_the_other_stage": ["stage2", "R3", _RECORD_ID, "	rec->domain_iommu_ser.attachment_id = smmu_domain->stage == ARM_SMMU_DOMAIN_S2 ? 0 : smmu_domain->s2_cfg.vmid;\n"],
    "calls_the_core": ["stage1", "R10", "	ret = preserve_streams(master);\n", "	iommu_unpreserve_domain(domain);\n	ret = preserve_streams(master);\n"],
    # shutdown
    "other_streams_forgotten": ["stage1", "R13", _SKIP_PRESERVED, _SKIP_PRESERVED + "		if (!dev_is_pci(stream->master->dev))\n			continue;\n", "#include <linux/kexec_handover.h>\n", "#include <linux/kexec_handover.h>\n#include <linux/pci.h>\n"],
    "walk_ends_early": ["linear", "R13", _SKIP_PRESERVED, "		if (stream->master->preserved)\n			break;\n"],
    "everybody_aborted": ["stage1", "R13", _SKIP_PRESERVED, ""],
    "l1_not_cleared": ["stage1", "R13", "			WRITE_ONCE(cfg->l2.l1tab[idx].l2ptr, 0);\n", "			continue;\n"],
    "l1_all_cleared": ["stage2", "R13", "		if (!strtab_states(smmu)[idx])\n", "		if (strtab_states(smmu))\n"],
    "translation_off": ["stage1", "R13", "	return arm_smmu_write_reg_sync(smmu, CR0_SMMUEN, ", "	return arm_smmu_write_reg_sync(smmu, 0, "],
    "queue_off_first": ["linear", "R5", _FLUSH, "	arm_smmu_write_reg_sync(smmu, CR0_SMMUEN, ARM_SMMU_CR0, ARM_SMMU_CR0ACK);\n" + _FLUSH],
    "shutdown_fails": ["linear", "R13", "	return arm_smmu_write_reg_sync(smmu, CR0_SMMUEN, ARM_SMMU_CR0, ARM_SMMU_CR0ACK);\n", "	arm_smmu_write_reg_sync(smmu, CR0_SMMUEN, ARM_SMMU_CR0, ARM_SMMU_CR0ACK);\n	return -ENOMEM;\n"],
    # the next kernel
    "ids_not_reserved": ["linear", "R13", "	if (!ret)\n		ret = arm_smmu_kexec_scan_and_resv_ids(smmu);\n", ""],
    "starts_without_a_table": ["stage1", "R12", "	if (!rec)\n		return -ENOENT;\n", "	if (rec)\n		return -ENOENT;\n"],
    "strtab_not_restored": ["linear", "R12", "	cfg->linear.table = dmam_restore_coherent_allocation(smmu->dev, cfg->linear.num_ents * sizeof(*cfg->linear.table),\n							     &cfg->linear.ste_dma, GFP_KERNEL, rec->smmuv3.l1_strtab_lu_state);\n", "	cfg->linear.table = phys_to_virt(base);\n	cfg->linear.ste_dma = base;\n"],
    "l2_failure_passed_over": ["stage1", "R12", "		if (!cfg->l2.l2ptrs[idx] || dma != base)\n			return -EINVAL;\n", "		if (!cfg->l2.l2ptrs[idx])\n			cfg->l2.l2ptrs[idx] = phys_to_virt(base);\n"],
    "states_leaked": ["stage1", "R12", "	ret = restore_l2_strtabs(smmu, phys_to_virt(rec->smmuv3.l2_strtab_lu_states_phys));\n	if (!ret)\n		folio_put(folio);\n	return ret;\n", "	ret = restore_l2_strtabs(smmu, phys_to_virt(rec->smmuv3.l2_strtab_lu_states_phys));\n	if (!ret)\n		folio_put(folio);\n	kho_restore_folio(rec->smmuv3.l1_strtab_lu_state & ~1ull);\n	return ret;\n"],
    "cds_not_restored": ["stage1", "R12", "	if (!rec || !(ste0 & STRTAB_STE_0_V)", "	if (rec || !(ste0 & STRTAB_STE_0_V)"],
    "live_id_not_taken": ["stage1", "R13", "	return take_id(domain, id);\n", "	return take_id(domain, id) & 0;\n", "	domain->cd.asid = id;\n	return 0;\n", "	return 0;\n"],
    "mismatch_accepted": ["stage2", "R12", "	if (ttb != info.ttb || id != rec->domain_iommu_ser.attachment_id)\n", "	if (ttb == info.ttb || id != rec->domain_iommu_ser.attachment_id)\n"],
}
