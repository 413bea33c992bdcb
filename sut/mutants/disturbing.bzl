"""Mutants of the ports that disturb DMA in the middle of a call, and leave all as it was: only the
walk after each write sees them (sut/kernel/dma/dma_watch.h). smmuv3.bzl explains the rows."""

DISTURBING_VTD = {
    "shutdown.c": [
        ("moment_without_context", "legacy", "R13", "the shutdown writes a preserved device's context entry anew, by way of zero",
         "  (void)iommu, (void)arg;\n",
         "  struct device_domain_info* info = dev_iommu_priv_get(dev);\n  struct context_entry* entry;\n\n  (void)iommu, (void)arg;\n" +
         "  entry = iommu_context_addr(info->iommu, info->bus, info->devfn, 0);\n  if (dev_iommu_preserved_state(dev)) {\n    const u64 lo = entry->lo;\n\n" +
         "    WRITE_ONCE(entry->lo, 0);\n    WRITE_ONCE(entry->lo, lo);\n  }\n"),
        ("moment_without_root", "scalable", "R13", "the shutdown clears the whole root table and then restores what is recorded",
         "    if (!vtd_is_recorded(ser, index)) WRITE_ONCE(*vtd_root_word(iommu, index), 0);\n",
         "    const u64 word = *vtd_root_word(iommu, index);\n\n    WRITE_ONCE(*vtd_root_word(iommu, index), 0);\n" +
         "    if (vtd_is_recorded(ser, index)) WRITE_ONCE(*vtd_root_word(iommu, index), word);\n"),
    ],
    "unit.c": [
        ("moment_off_in_shutdown", "first", "R13", "translation is off while the entries of the others are cleared",
         "    vtd_shutdown_unit(iommu, ser);\n",
         "    writel(0, iommu->reg + DMAR_GCMD_REG);\n    vtd_shutdown_unit(iommu, ser);\n    writel(DMA_GCMD_TE, iommu->reg + DMAR_GCMD_REG);\n"),
    ],
    "restore_unit.c": [
        ("moment_off_in_take_over", "legacy", "R13", "translation is off and on again when the unit is taken over",
         "  iommu->root_entry = iommu_restore_page(ser->intel.root_table);\n  if (!iommu->root_entry) return -EINVAL;\n",
         "  iommu->root_entry = iommu_restore_page(ser->intel.root_table);\n  if (!iommu->root_entry) return -EINVAL;\n" +
         "  writel(0, iommu->reg + DMAR_GCMD_REG);\n  writel(DMA_GCMD_TE, iommu->reg + DMAR_GCMD_REG);\n"),
        ("root_in_use_too_early", "scalable", "R13", "the next kernel uses a root table of its own before the table is filled in",
         "  iommu->root_entry = iommu_restore_page(ser->intel.root_table);\n  if (!iommu->root_entry) return -EINVAL;\n",
         "  struct root_entry* old = iommu_restore_page(ser->intel.root_table);\n\n  if (!old) return -EINVAL;\n" +
         "  iommu->root_entry = iommu_alloc_pages_sz(GFP_KERNEL, PAGE_SIZE);\n  if (!iommu->root_entry) return -ENOMEM;\n" +
         "  writeq(virt_to_phys(iommu->root_entry) | DMA_RTADDR_SMT, iommu->reg + DMAR_RTADDR_REG);\n" +
         "  writel(DMA_GCMD_TE | DMA_GCMD_SRTP, iommu->reg + DMAR_GCMD_REG);\n" +
         "  for (index = 0; index < ROOT_ENTRY_NR; ++index) iommu->root_entry[index] = old[index];\n  iommu_free_pages(old);\n"),
    ],
    "restore_device.c": [
        ("moment_without_pasid_entry", "scalable", "R13", "an adopted device's PASID entry is written anew",
         "  info->domain = domain;\n",
         "  vtd_write_pasid_entry(info->pasid_table, virt_to_phys(domain->tables[0]), (u16)expected.id);\n  info->domain = domain;\n"),
    ],
    "context.c": [
        ("moment_for_the_others", "legacy", "R13", "attaching a device takes the context table of its bus away for a moment",
         "  if (!(*half & VTD_PRESENT)) {\n", "  if (alloc) {\n    const u64 kept = *half;\n\n    WRITE_ONCE(*half, 0);\n    WRITE_ONCE(*half, kept);\n  }\n  if (!(*half & VTD_PRESENT)) {\n"),
    ],
    "paging.c": [
        ("moment_without_mapping", "first", "R13", "the take-over of a domain's tables writes each entry anew",
         "    if (!is_table(table[i], level)) continue;\n    error = restore",
         "    const u64 kept = table[i];\n\n    WRITE_ONCE(table[i], 0);\n    WRITE_ONCE(table[i], kept);\n    if (!is_table(table[i], level)) continue;\n    error = restore"),
        ("moment_read_only", "legacy", "R13", "preserving a domain takes the right to write away for a moment",
         "    const int error = iommu_preserve_pages(domain->tables[i]);\n",
         "    const u64 kept = domain->tables[i][0];\n    int error;\n\n    WRITE_ONCE(domain->tables[i][0], kept & ~2ull);\n" +
         "    error = iommu_preserve_pages(domain->tables[i]);\n    WRITE_ONCE(domain->tables[i][0], kept);\n"),
    ],
}

DISTURBING_SMMUV3 = {
    "shutdown.c": [
        ("moment_aborted", "stage1", "R13", "the shutdown writes a preserved stream's STE anew, by way of an abort",
         "  if (!master || dev_iommu_preserved_state(dev)) return 0;\n",
         "  if (master && dev_iommu_preserved_state(dev)) {\n    struct arm_smmu_ste* ste = arm_smmu_get_step_for_sid(master->smmu, master->streams[0].id);\n    const u64 kept = ste->data[0];\n\n" +
         "    WRITE_ONCE(ste->data[0], 0);\n    WRITE_ONCE(ste->data[0], kept);\n  }\n  if (!master || dev_iommu_preserved_state(dev)) return 0;\n"),
        ("moment_without_second_level", "substreams", "R13", "the shutdown clears every descriptor of a second-level table and then restores what is recorded",
         "    if (!smmuv3_l2_states(ser)[index]) WRITE_ONCE(smmu->strtab_cfg.l2.l1tab[index].l2ptr, 0);\n",
         "    const u64 kept = smmu->strtab_cfg.l2.l1tab[index].l2ptr;\n\n    WRITE_ONCE(smmu->strtab_cfg.l2.l1tab[index].l2ptr, 0);\n" +
         "    if (smmuv3_l2_states(ser)[index]) WRITE_ONCE(smmu->strtab_cfg.l2.l1tab[index].l2ptr, kept);\n"),
    ],
    "unit.c": [
        ("moment_off_in_take_over", "linear", "R13", "the unit is off and on again when the unit is taken over",
         "  return error ? error : enable(smmu);\n}\n\nstatic void init", "  if (!error) writel(0, (char*)smmu->base + ARM_SMMU_CR0);\n  return error ? error : enable(smmu);\n}\n\nstatic void init"),
    ],
    "restore_unit.c": [
        ("second_level_anew", "stage1", "R13", "the take-over writes the descriptor of a second-level table anew, by way of zero",
         "    if (!cfg->l2.l2ptrs[index] || dma != base) return -EINVAL;\n",
         "    if (!cfg->l2.l2ptrs[index] || dma != base) return -EINVAL;\n    const u64 kept = cfg->l2.l1tab[index].l2ptr;\n\n" +
         "    WRITE_ONCE(cfg->l2.l1tab[index].l2ptr, 0);\n    WRITE_ONCE(cfg->l2.l1tab[index].l2ptr, kept);\n"),
    ],
}
