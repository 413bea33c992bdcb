"""Mutants of the ports: each field of each record that a later kernel reads has a wrong value. A
row for each field; smmuv3.bzl explains the rows. sut/kernel/dma/record_truth.h says which rule
holds which field."""

def _rows(mode, record, anchor, fields):
    return [
        (
            "untrue_%s_%s" % (record, field[0].split(".")[-1].split("[")[0]),
            mode,
            field[1],
            "the %s record's %s is wrong" % (record, field[0]),
            anchor,
            "%s  ser->%s %s;\n" % (anchor, field[0], field[2]),
        )
        for field in fields
    ]

UNTRUE_VTD = {
    "preserve.c": _rows("legacy", "hw", "  ser->intel.root_table = virt_to_phys(iommu->root_entry);\n", [
        ("hdr.ref_count", "R2", "+= 1"),
        ("token", "R1", "+= 0x1000"),
        ("type", "R12", "+= 1"),
        ("intel.phys_addr", "R12", "+= 0x1000"),
        ("intel.root_table", "R12", "+= 0x1000"),
        ("intel.context_tables_bitmap[0]", "R15", "|= 2"),
    ]) + _rows("first", "device", "  ser->domain_iommu_ser.attachment_id = domain_id_iommu(info->domain, iommu);\n", [
        ("hdr.ref_count", "R2", "+= 1"),
        ("devid", "R3", "^= 1"),
        ("pci_domain_nr", "R3", "+= 1"),
        ("dma_owner_token", "R3", "+= 1"),
        ("domain_iommu_ser.attachment_id", "R3", "+= 1"),
        ("domain_iommu_ser.domain_phys", "R3", "+= 8"),
        ("domain_iommu_ser.iommu_phys", "R1", "+= 8"),
        ("intel.pasid_table", "R12", "+= 0x1000"),
        ("intel.max_pasid", "R12", "+= 1 << 20"),
    ]),
    "paging.c": _rows("first", "domain", "  ser->sign_extend = VTD_IS_FIRST_STAGE;\n", [
        ("hdr.ref_count", "R2", "+= 1"),
        ("top_table_phys", "R3", "+= 0x1000"),
        ("top_level", "R12", "+= 1"),
        ("vasz", "R12", "-= 9"),
        ("sign_extend", "R12", "^= 1"),
    ]) + [
        # The next kernel believes the record, and so finds nothing wrong.
        ("believed_level", "legacy", "R12", "the number of levels is wrong and never looked at", "  ser->top_level = VTD_LEVELS - 1;\n", "  ser->top_level = VTD_LEVELS;\n",
         "ser->top_level != VTD_LEVELS - 1 || ", ""),
        ("believed_width", "scalable", "R12", "the width is that of another number of levels, and never looked at", "  ser->vasz = 48;\n", "  ser->vasz = 57;\n",
         "ser->vasz != 48 ||\n             ", ""),
        ("believed_sign", "legacy", "R12", "addresses are said to be sign-extended, and nobody looks", "  ser->sign_extend = VTD_IS_FIRST_STAGE;\n", "  ser->sign_extend = 1;\n",
         " ||\n             ser->sign_extend != VTD_IS_FIRST_STAGE", ""),
    ],
}

UNTRUE_SMMUV3 = {
    "preserve.c": _rows("stage1", "hw", "  ser->smmuv3.l1_strtab_lu_state = state;\n", [
        ("token", "R1", "+= 0x1000"),
        ("type", "R12", "-= 1"),
        ("smmuv3.phys_addr", "R12", "+= 0x1000"),
        ("smmuv3.strtab_base_cfg", "R12", "+= 1"),
    ]),
    "paging.c": _rows("stage2", "domain", "  ser->sign_extend = 0; /* the lower half alone */\n", [
        ("top_table_phys", "R3", "+= 0x1000"),
        ("top_level", "R12", "-= 1"),
        ("vasz", "R12", "= 64"),
        ("sign_extend", "R12", "= 1"),
    ]) + [
        ("believed_level", "stage1", "R12", "the number of levels is wrong and never looked at",
         "  ser->top_level = LAST; /* counted from the last table, as generic page tables do */\n", "  ser->top_level = LAST - 1;\n", "ser->top_level != LAST || ", ""),
    ],
}
