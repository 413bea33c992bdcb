"""Mutants of the VT-d port that keep too few bits of a number: the simulated machine has buses,
registers and memory that need all of them. smmuv3.bzl explains the rows."""

TRUNCATING_VTD = {
    "preserve.c": [
        ("token_of_32_bits", "legacy", "R1", "a token is kept in 32 bits", "  ser->token = iommu->reg_phys;\n", "  ser->token = (u32)iommu->reg_phys;\n"),
        ("registers_of_32_bits", "scalable", "R12", "the register base is recorded in 32 bits", "  ser->intel.phys_addr = iommu->reg_phys;\n", "  ser->intel.phys_addr = (u32)iommu->reg_phys;\n"),
        ("root_of_32_bits", "legacy", "R12", "the root table is recorded in 32 bits", "  ser->intel.root_table = virt_to_phys(iommu->root_entry);\n", "  ser->intel.root_table = (u32)virt_to_phys(iommu->root_entry);\n"),
        ("root_of_39_bits", "scalable", "R12", "the root table is recorded in 39 bits", "  ser->intel.root_table = virt_to_phys(iommu->root_entry);\n", "  ser->intel.root_table = virt_to_phys(iommu->root_entry) & ~(~0ull << 39);\n"),
        ("directory_of_32_bits", "first", "R12", "the PASID directory is recorded in 32 bits", "  ser->intel.pasid_table = virt_to_phys(dir);\n", "  ser->intel.pasid_table = (u32)virt_to_phys(dir);\n"),
        ("context_of_half_the_buses", "legacy", "R15", "the bitmap has a bit for the lower half of the buses", "  const unsigned int index = vtd_context_index(id);\n  int error;\n", "  const unsigned int index = vtd_context_index(id & 0x7fff);\n  int error;\n"),
    ],
    "paging.c": [
        ("top_table_of_32_bits", "legacy", "R3", "the top table is recorded in 32 bits", "  ser->top_table_phys = virt_to_phys(domain->tables[0]);\n", "  ser->top_table_phys = (u32)virt_to_phys(domain->tables[0]);\n"),
        ("top_table_of_40_bits", "scalable", "R3", "the top table is recorded in 40 bits", "  ser->top_table_phys = virt_to_phys(domain->tables[0]);\n", "  ser->top_table_phys = virt_to_phys(domain->tables[0]) & ~(~0ull << 40);\n"),
    ],
    "context.c": [
        ("bus_of_seven_bits", "legacy", "R13", "a bus number is kept in seven bits", "  struct root_entry* root = &iommu->root_entry[bus];\n", "  struct root_entry* root = &iommu->root_entry[bus & 0x7f];\n"),
        ("function_of_two_bits", "scalable", "R13", "a function number is kept in two bits", "  info->devfn = id & 0xff;\n", "  info->devfn = id & 0xfb;\n"),
    ],
}
