"""The repository @kernel_tree: links to files of the kernel tree $HOLDFAST_KERNEL_TREE.

Three files, and the live update file of each driver in the tree. Without that variable the
repository is empty.
"""

_FILES = [
    "drivers/iommu/liveupdate.c",
    "include/linux/iommu-liveupdate.h",
    "include/linux/kho/abi/iommu.h",
]

_DRIVERS = {
    "smmuv3": "drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-liveupdate.c",
    "vtd": "drivers/iommu/intel/liveupdate.c",
}

def _kernel_tree_impl(repository_ctx):
    tree = repository_ctx.os.environ.get("HOLDFAST_KERNEL_TREE", "")
    drivers = [
        driver
        for driver, file in _DRIVERS.items()
        if tree and repository_ctx.path(tree + "/" + file).exists
    ]
    repository_ctx.file("there.bzl", "THERE = %s\nDRIVERS = %s\n" % (bool(tree), drivers))
    if not tree:
        repository_ctx.file("BUILD", "")
        return
    if not tree.startswith("/"):
        fail("HOLDFAST_KERNEL_TREE=%s: expected an absolute path" % tree)
    missing = [file for file in _FILES if not repository_ctx.path(tree + "/" + file).exists]
    if missing:
        fail("HOLDFAST_KERNEL_TREE=%s: no %s; expected a kernel tree" % (tree, ", ".join(missing)))
    files = _FILES + [_DRIVERS[driver] for driver in drivers]
    for file in files:
        repository_ctx.symlink(tree + "/" + file, "tree/" + file)
    repository_ctx.file("BUILD", "exports_files(%s)\n" % ["tree/" + file for file in files])

kernel_tree_repository = repository_rule(
    implementation = _kernel_tree_impl,
    environ = ["HOLDFAST_KERNEL_TREE"],
    local = True,
)
