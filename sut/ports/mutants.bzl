"""The planted defects of the driver ports: each is a port with an edit, and must be caught by the rule named for it.

Rows: name, the mode it is planted in, the rules of which the verdict must name one, what was planted, then the edit: old text, new
text, ... each of which occurs in the file exactly once. The numbers D.. are those of spec/defects.md.
"""

load("//sut:defs.bzl", "holdfast_sut")
load(":ports.bzl", "PORTS")

_PRESERVE_ROOT = "  const int error = iommu_preserve_pages(unit->root);\n\n  if (error) return error;\n"

_VTD = {
    "preserve.c": [
        ("token", "vtd_legacy", "R1", "the token is never set (D29)", "  ser->token = unit->reg_phys;\n", ""),
        ("type", "vtd_legacy", "R12", "the type of the hw record is never set", "  ser->type = IOMMU_INTEL;\n", ""),
        ("phys_addr", "vtd_scalable", "R12", "the register base is not recorded", "  ser->intel.phys_addr = unit->reg_phys;\n", ""),
        ("root_not_recorded", "vtd_legacy", "R12", "the root table is not recorded", "  ser->intel.root_table = virt_to_phys(unit->root);\n", ""),
        ("root_not_preserved", "vtd_legacy", "R8", "the root table is recorded and not preserved", _PRESERVE_ROOT, ""),
        ("root_kept", "vtd_legacy", "R8", "the root table is never released", "  }\n  iommu_unpreserve_pages(unit->root);\n", "  }\n"),
        ("contexts_kept", "vtd_legacy", "R8", "the recorded context tables are never released",
         "    if (vtd_is_recorded(ser, index)) iommu_unpreserve_pages(vtd_context_table(unit, index));\n", "    (void)ser;\n"),
        ("contexts_by_root", "vtd_legacy", "R8", "every context table is released, recorded or not",
         "    if (vtd_is_recorded(ser, index)) iommu_unpreserve_pages(", "    (void)ser;\n    if (vtd_context_table(unit, index)) iommu_unpreserve_pages("),
        ("context_each_time", "vtd_legacy", "R8", "a shared context table is preserved once for each device",
         "  is_new = !vtd_is_recorded(hw_ser, index);\n", "  is_new = true;\n"),
        ("context_not_recorded", "vtd_legacy", "R8", "a context table is preserved and not recorded", "    record(hw_ser, index, true);\n", ""),
        ("context_wrong_bit", "vtd_scalable", "R8 R12 R15", "the bit of the other half of the bus is set", "    record(hw_ser, index, true);\n", "    record(hw_ser, index ^ 1, true);\n"),
        ("context_not_preserved", "vtd_scalable", "R8", "context tables are recorded and not preserved",
         "    error = iommu_preserve_pages(vtd_context_table(unit, index));\n    if (error) return error;\n", ""),
        ("contexts_of_the_moment", "vtd_legacy", "R8", "context tables are preserved with the unit, so one that is allocated later never is (D25, D28)",
         "  ser->token = unit->reg_phys;\n",
         "  for (unsigned int i = 0; i < VTD_CONTEXT_TABLES; ++i) {\n    if (!vtd_context_table(unit, i)) continue;\n" +
         "    if (iommu_preserve_pages(vtd_context_table(unit, i))) continue;\n    record(ser, i, true);\n  }\n  ser->token = unit->reg_phys;\n",
         "  is_new = !vtd_is_recorded(hw_ser, index);\n", "  is_new = false;\n"),
        ("undo_keeps_record", "vtd_scalable", "R8", "the undo releases a context table that stays recorded", "    record(hw_ser, index, false);\n", ""),
        ("undo_keeps_context", "vtd_scalable", "R8", "the undo takes the record of a context table and leaves it preserved",
         "    record(hw_ser, index, false);\n    iommu_unpreserve_pages(vtd_context_table(unit, index));\n", "    record(hw_ser, index, false);\n"),
        ("undo_takes_shared", "vtd_scalable", "R8", "the undo releases a context table that another device had preserved",
         "undo_context:\n  if (is_new) {\n", "undo_context:\n  if (true) {\n"),
        ("undo_forgets_directory", "vtd_scalable", "R8", "the PASID directory stays preserved when its table cannot be", "    if (error) goto undo_dir;\n",
         "    if (error) goto undo_context;\n", "undo_dir:\n  iommu_unpreserve_pages(info->pasid_dir);\n", ""),
        ("undo_order", "vtd_scalable", "R8", "what was preserved last is released last",
         "undo_dir:\n  iommu_unpreserve_pages(info->pasid_dir);\nundo_context:\n  if (is_new) {\n",
         "undo_dir:\n  if (is_new) {\n    record(hw_ser, index, false);\n    iommu_unpreserve_pages(vtd_context_table(unit, index));\n  }\n" +
         "  iommu_unpreserve_pages(info->pasid_dir);\n  return error;\nundo_context:\n  if (is_new) {\n"),
        ("directory_error_dropped", "vtd_scalable", "R5 R8", "the failure to preserve the PASID directory is dropped", "    if (error) goto undo_context;\n", ""),
        ("unpreserve_takes_context", "vtd_scalable", "R8", "unpreserving one device releases the context table of others",
         "  iommu_unpreserve_pages(info->pasid_table);\n",
         "  iommu_unpreserve_pages(vtd_context_table(to_vtd_unit(dev->iommu->iommu_dev), vtd_context_index(dev_iommu_fwspec_get(dev)->ids[0])));\n" +
         "  iommu_unpreserve_pages(info->pasid_table);\n"),
        ("pasid_table_kept", "vtd_scalable", "R8", "the PASID table is never released", "  iommu_unpreserve_pages(info->pasid_table);\n", ""),
        ("directory_kept", "vtd_first", "R8", "the PASID directory is never released", "  iommu_unpreserve_pages(info->pasid_table);\n  iommu_unpreserve_pages(info->pasid_dir);\n",
         "  iommu_unpreserve_pages(info->pasid_table);\n"),
        ("pasid_table_not_preserved", "vtd_first", "R8", "the PASID table is not preserved", "    error = iommu_preserve_pages(info->pasid_table);\n", ""),
        ("directory_not_recorded", "vtd_scalable", "R8", "the PASID directory is not recorded, so it is not released either",
         "    ser->intel.pasid_table = virt_to_phys(info->pasid_dir);\n", ""),
        ("table_as_directory", "vtd_scalable", "R12", "the PASID table is recorded as the directory", "virt_to_phys(info->pasid_dir);\n", "virt_to_phys(info->pasid_table);\n"),
        ("no_attachment_id", "vtd_legacy", "R3", "the domain's id is not recorded (D30)",
         "  ser->domain_iommu_ser.attachment_id = vtd_attachment_of(info->domain, unit)->id;\n", ""),
        ("other_attachment_id", "vtd_legacy", "R3", "the id is that of the unit's next domain", "vtd_attachment_of(info->domain, unit)->id;\n",
         "vtd_attachment_of(info->domain, unit)->id + 1u;\n"),
        ("success_without_work", "vtd_scalable", "R3", "preserve_device succeeds and has done nothing (D31)", "  if (!info->domain) return -EINVAL;\n", "  if (info->domain) return 0;\n"),
        ("takes_flb_lock", "vtd_legacy", "R10 R15", "an op calls back into the core, which takes its lock again", "  if (error) return error;\n  ser->token",
         "  if (error) return error;\n  iommu_unpreserve_device(NULL, (struct device*)iommu_preserved_state(iommu));\n  ser->token"),
        ("sleeps", "vtd_legacy", "R10", "pages are preserved under a spinlock", "#include \"sut/ports/vtd/vtd.h\"\n",
         "#include <linux/spinlock.h>\n#include \"sut/ports/vtd/vtd.h\"\n", _PRESERVE_ROOT,
         "  static spinlock_t lock;\n  int error;\n\n  spin_lock(&lock);\n  error = iommu_preserve_pages(unit->root);\n  spin_unlock(&lock);\n  if (error) return error;\n"),
    ],
    "paging.c": [
        ("top_table_only", "vtd_legacy", "R8", "of a domain's tables only the top one is preserved", "  for (i = 0; i < domain->num_tables; ++i) {\n", "  for (i = 0; i < 1; ++i) {\n"),
        ("last_table_forgotten", "vtd_first", "R8", "a domain's last table is not preserved", "  for (i = 0; i < domain->num_tables; ++i) {\n",
         "  for (i = 0; i + 1 < domain->num_tables; ++i) {\n"),
        ("undo_keeps_top", "vtd_legacy", "R8", "the undo of a domain leaves its top table preserved", "while (i > 0) iommu_unpreserve_pages", "while (i > 1) iommu_unpreserve_pages"),
        ("undo_forward", "vtd_legacy", "R8", "the undo of a domain runs forward", "      while (i > 0) iommu_unpreserve_pages(domain->tables[--i]);\n",
         "      for (unsigned int j = 0; j < i; ++j) iommu_unpreserve_pages(domain->tables[j]);\n"),
        ("undo_too_far", "vtd_legacy", "R8", "the undo of a domain releases the table that could not be preserved", "while (i > 0) iommu_unpreserve_pages(domain->tables[--i]);",
         "for (++i; i > 0;) iommu_unpreserve_pages(domain->tables[--i]);"),
        ("table_error_dropped", "vtd_legacy", "R5 R8", "a table that cannot be preserved is passed over", "      return error;\n    }\n  }\n  ser->top_table_phys", "      break;\n    }\n  }\n  ser->top_table_phys"),
        ("top_table_kept", "vtd_scalable", "R8", "unpreserving a domain leaves its top table", "i > 0; --i) iommu_unpreserve_pages(domain->tables[i - 1]);", "i > 1; --i) iommu_unpreserve_pages(domain->tables[i - 1]);"),
        ("other_top_table", "vtd_legacy", "R3", "the table recorded as the top one is its child", "virt_to_phys(domain->tables[0]);\n  ser->top_level", "virt_to_phys(domain->tables[1]);\n  ser->top_level"),
        ("top_level", "vtd_legacy", "R12", "the number of levels is recorded and not the top one's number", "  ser->top_level = VTD_LEVELS - 1;\n", "  ser->top_level = VTD_LEVELS;\n"),
        ("width", "vtd_first", "R12", "the address width is not recorded", "  ser->vasz = 48;\n", ""),
        ("sign_extend", "vtd_first", "R12", "that addresses are sign-extended is not recorded", "  ser->sign_extend = VTD_IS_FIRST_STAGE;\n", ""),
        ("restores_top_only", "vtd_legacy", "R12", "the next kernel takes over a domain's top table alone", "    if (!is_table(table[i], level)) continue;\n    error = restore",
         "    if (level < 4) continue;\n    error = restore"),
        ("restores_leaves", "vtd_legacy", "R12", "the next kernel takes large pages for tables", "is_present(entry) && !(entry & LARGE); }", "is_present(entry); }"),
    ],
    "context.c": [
        ("alias_not_attached", "vtd_legacy", "R13", "an alias is not attached", "i < fwspec->num_ids; ++i) write_context_entry", "i < 1; ++i) write_context_entry"),
        ("half_of_bus", "vtd_scalable", "R13", "a bus is taken to have one context table in scalable mode",
         "return 2 * bus_of(id) + (VTD_IS_SCALABLE && devfn_of(id) >= 128); }", "return 2 * bus_of(id); }"),
        ("id_given_back_early", "vtd_scalable", "R13", "a domain's id is given back when the first of its devices leaves",
         "  if (--attachment->devices != 0) return;\n", "  --attachment->devices;\n"),
        ("id_not_adopted", "vtd_first", "R13", "an adopted device is not counted, so its domain's id is given back early", "  ++attachment->devices;\n  info->domain = domain;\n", "  info->domain = domain;\n"),
        ("pasid_not_restored", "vtd_scalable", "R12", "the PASID table is used and not taken over", "    info->pasid_table = iommu_restore_page(VTD_ADDRESS(info->pasid_dir[0]));\n",
         "    info->pasid_table = phys_to_virt(VTD_ADDRESS(info->pasid_dir[0]));\n"),
        ("new_id", "vtd_legacy", "R12 R13", "an adopted domain gets an id of its own", "  if (!attachment) attachment = take_attachment(domain, unit, (u16)id);\n",
         "  if (!attachment) attachment = get_attachment(domain, unit);\n"),
    ],
    "unit.c": [
        ("always_off", "vtd_legacy", "R13", "a unit with preserved devices is turned off too", "  if (!ser) {\n    writel(0", "  if (ser || !ser) {\n    writel(0"),
        ("clears_nobody", "vtd_legacy", "R13", "devices that are not preserved keep their entries", "  iommu_for_each_dev(&iter);\n", "  (void)iter;\n"),
        ("clears_pci_only", "vtd_legacy", "R13", "only PCI devices are cleared (D26)", "  (void)arg;\n", "  (void)arg;\n  if (!dev_is_pci(dev)) return 0;\n"),
        ("alias_not_cleared", "vtd_scalable", "R13", "an alias keeps its entry", "i < fwspec->num_ids && !dev_iommu", "i < 1 && !dev_iommu"),
        ("clears_preserved", "vtd_legacy", "R13", "the preserved devices are cleared instead of the others", "&& !dev_iommu_preserved_state(dev)", "&& dev_iommu_preserved_state(dev)"),
        ("root_not_cleared", "vtd_legacy", "R13", "the root table keeps pointers to context tables that do not come over",
         "    if (!vtd_is_recorded(ser, index)) vtd_clear_context_table(unit, index);\n", ""),
        ("walk_stops", "vtd_legacy", "R13", "clearing stops at the first device of a bus", "  (void)arg;\n", "  ", "  return 0;\n}\n\nvoid vtd_shutdown", "  return arg == NULL;\n}\n\nvoid vtd_shutdown"),
        ("context_not_restored", "vtd_legacy", "R12", "context tables are used and not taken over", "    if (!iommu_restore_page(VTD_ADDRESS(unit->root[index]))) return -EINVAL;\n", ""),
        ("root_not_restored", "vtd_scalable", "R12", "the root table is used and not taken over", "  unit->root = iommu_restore_page(ser->intel.root_table);\n",
         "  unit->root = phys_to_virt(ser->intel.root_table);\n"),
        ("starts_afresh", "vtd_legacy", "R12 R13", "the next kernel starts every unit afresh", "error = ser ? take_over(unit, ser) : start(unit);", "error = ser && take_over(unit, ser) ? start(unit) : start(unit);"),
    ],
}

def _rows():
    return [
        struct(name = "vtd_" + row[0], mode = row[1], rules = row[2], planted = row[3], file = "//sut/ports/vtd:" + file, edits = row[4:])
        for file, rows in _VTD.items()
        for row in rows
    ]

PORT_MUTANTS = _rows()

def port_mutants(core):
    """One shared object for each row, and mutants.txt: a line "name profile rules" for each."""
    modes = {port.name: port for port in PORTS}
    for mutant in PORT_MUTANTS:
        mode = modes[mutant.mode]
        holdfast_sut(
            name = mutant.name,
            srcs = core,
            defines = mode.defines,
            edits = {mutant.file: list(mutant.edits)},
            port = mode.srcs,
            profile = mode.profile,
            copts = ["-w"],  # a defect may leave a label or a variable unused
            sut_name = "mutant." + mutant.name,
            visibility = ["//visibility:public"],
        )
    native.genrule(
        name = "mutant_list",
        outs = ["mutants.txt"],
        cmd = "\n".join(["cat >$@ <<'END'"] +
                        ["%s %s %s" % (mutant.name, modes[mutant.mode].profile, mutant.rules) for mutant in PORT_MUTANTS] + ["END"]),
    )
    native.filegroup(
        name = "mutants",
        srcs = [mutant.name + ".so" for mutant in PORT_MUTANTS] + ["mutants.txt"],
        visibility = ["//visibility:public"],
    )
