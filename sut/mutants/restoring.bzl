"""The mutants of the restoring side of the core; core.bzl explains the rows."""

V3_RESTORING = {
    "iommu_domain* iommu_restore_domain(": [
        ["restore_owner_of_first_only", "R12", 9, "only the first device of a restored domain gets an owner",
         "  if (!domain) domain = restore_tables(dev, domain_ser);\n",
         "  const bool first = !domain;\n  if (!domain) domain = restore_tables(dev, domain_ser);\n",
         "  *owner = device_ser;\n", "  if (first) *owner = device_ser;\n"],
    ],
}
