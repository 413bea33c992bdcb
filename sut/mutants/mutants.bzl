"""The planted defects: each is the core with an edit, and must be caught by the rule named for it (spec/defects.md)."""

load("//sut:defs.bzl", "holdfast_sut")

_CORE = "//sut/core:liveupdate.cc"

# name, the profile it is a defect of, the edit, the rules that are to catch it.
MUTANTS = [
    struct(
        name = "d1",  # a hw preserve that failed is published anyway
        profile = "v3",
        rules = ["R1", "R2", "R6"],
        edits = [
            "    mark_deleted(hw_ser);\n    return error;\n",
            "    mark_deleted(hw_ser);\n    iommu->outgoing_preserved_state = hw_ser;\n    return error;\n",
        ],
    ),
    struct(
        name = "d2",  # a device that is preserved already is preserved again
        profile = "v5",
        rules = ["R2", "R4"],
        edits = ["  if (refuses_double && dev_iommu_preserved_state(dev)) return -EBUSY;\n", ""],
    ),
    struct(
        name = "d6",  # unpreserving a device does nothing but report an error
        profile = "v3",
        rules = ["R2", "R6"],
        edits = ["  if (WARN_ON(!device_ser)) return;\n", "  if (WARN_ON(true) || !device_ser) return;\n"],
    ),
    struct(
        name = "d7",  # the error is computed, and dropped
        profile = "v3",
        rules = ["R3"],
        edits = [
            "  if (!domain->preserved_state) return -EINVAL;\n",
            "  int ret = 0;\n  if (!domain->preserved_state) ret = -EINVAL;\n  (void)ret;\n",
        ],
    ),
    struct(
        name = "d8",  # an error pointer is tested for NULL
        profile = "v3",
        rules = ["R5", "R7"],
        edits = [
            "    if (IS_ERR(page)) return static_cast<decltype(&current->objects[0])>(ERR_CAST(page));\n",
            "    if (!page) return static_cast<decltype(&current->objects[0])>(ERR_PTR(-ENOMEM));\n",
        ],
    ),
    struct(
        name = "d15",  # the reference on the IOMMU is not dropped when preserve_device fails
        profile = "v3",
        rules = ["R2"],
        edits = ["    unpreserve_iommu_locked(iommu, flb.get());\n    return error;\n", "    return error;\n"],
    ),
]

def mutants(visibility):
    """One shared object for each row of the table."""
    for mutant in MUTANTS:
        holdfast_sut(
            name = mutant.name,
            srcs = [_CORE, "//sut/core:iommu.cc"],
            edits = {_CORE: mutant.edits},
            profile = mutant.profile,
            sut_name = "mutant." + mutant.name,
            visibility = visibility,
        )
