"""The repository @kernel_tree: links to three files of the kernel tree $HOLDFAST_KERNEL_TREE.

Without that variable the repository is empty.
"""

_FILES = [
    "drivers/iommu/liveupdate.c",
    "include/linux/iommu-liveupdate.h",
    "include/linux/kho/abi/iommu.h",
]

def _kernel_tree_impl(repository_ctx):
    tree = repository_ctx.os.environ.get("HOLDFAST_KERNEL_TREE", "")
    repository_ctx.file("there.bzl", "THERE = %s\n" % bool(tree))
    if not tree:
        repository_ctx.file("BUILD", "")
        return
    if not tree.startswith("/"):
        fail("HOLDFAST_KERNEL_TREE=%s: expected an absolute path" % tree)
    missing = [file for file in _FILES if not repository_ctx.path(tree + "/" + file).exists]
    if missing:
        fail("HOLDFAST_KERNEL_TREE=%s: no %s; expected a kernel tree" % (tree, ", ".join(missing)))
    for file in _FILES:
        repository_ctx.symlink(tree + "/" + file, "tree/" + file)
    repository_ctx.file("BUILD", "exports_files(%s)\n" % ["tree/" + file for file in _FILES])

kernel_tree_repository = repository_rule(
    implementation = _kernel_tree_impl,
    environ = ["HOLDFAST_KERNEL_TREE"],
    local = True,
)
