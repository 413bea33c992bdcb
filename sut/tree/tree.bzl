"""kernel_tree_sut: drivers/iommu/liveupdate.c with its own two headers, unmodified, as a SUT."""

load("//sut:defs.bzl", "ACCESS_COPTS", "SUT_COPTS", "SUT_DEPS", "SUT_LINKOPTS", "plant")

SOURCE = "drivers/iommu/liveupdate.c"
INTERFACE = "include/linux/iommu-liveupdate.h"
ABI = "include/linux/kho/abi/iommu.h"

# The options with which the kernel compiles its code, and `probe` too. The tree's warnings do not
# count, except those that the kernel's own build makes errors.
KERNEL_COPTS = [
    "-fvisibility=hidden",
    "-fno-strict-aliasing",
    "-fno-delete-null-pointer-checks",
    # A crash in the environment then has a caller that a report can name.
    "-fno-optimize-sibling-calls",
    # A NULL dereference is an outcome that the environment catches. The sanitizer must not stop the
    # process first.
    "-fno-sanitize=null,alignment,object-size",
    "-Wno-error",
    "-Wno-all",
    "-Wno-extra",
    "-Wno-address-of-packed-member",
    "-Werror=implicit-function-declaration",
    "-Werror=incompatible-pointer-types",
]

BOOKKEEPING = ["//sut/ports:bookkeeping.cc"]

def kernel_tree_sut(
        name,
        tree,
        sut_name = None,
        copts = [],
        edits = {},
        port = BOOKKEEPING,
        deps = [],
        **kwargs):
    """A shared object `name`.so, as holdfast_sut makes one.

    Args:
      name: of the target, without ".so".
      tree: the label of a package and a folder in it, "//sut/tree:testdata/older": the three files are exported below it.
      sut_name: its name in reports; `name` by default.
      copts: further options of the compiler for the tree's file.
      edits: {SOURCE, INTERFACE or ABI: [old text, new text, ...]}, for tests; each old text must
        occur in the file exactly once.
      port: the sources of the driver, or the part of it that `deps` do not bring.
      deps: further libraries.
      **kwargs: for the cc_binary.
    """
    files = []
    for file in [SOURCE, INTERFACE, ABI]:
        copy = "%s/%s" % (name, file)
        plant(
            name = "%s_%s" % (name, file.replace("/", "_").replace(".", "_")),
            src = "%s/%s" % (tree, file),
            out = copy,
            edits = edits.get(file, []),
        )
        files.append(copy)
    detected = name + "_detected.h"
    folder = "$(GENDIR)/%s/%s" % (native.package_name(), name)
    native.genrule(
        name = name + "_detect",
        srcs = files + ["//sut/kernel:headers"],
        outs = [detected],
        cmd = "CC=$(CC) $(execpath //sut/tree:probe) %s sut/kernel/include $@ >/dev/null" % folder,
        exec_tools = ["//sut/tree:probe", "//sut/tree:lacking.sh"],
        message = "Asking the kernel tree for its interface",
        toolchains = ["@bazel_tools//tools/cpp:current_cc_toolchain"],
    )
    for kind, access_copts in {"": [], ".callers": ACCESS_COPTS}.items():
        native.cc_library(
            name = name + kind + "_c",
            srcs = files + ["//sut/tree:interface.c", detected],
            hdrs = ["//sut/tree:interface.h"],
            # The tree's headers come before the environment's headers of the same names. A report
            # names files and lines as the tree does.
            copts = KERNEL_COPTS + [
                "-I%s/include" % folder,
                "-g1",
                "-ffile-prefix-map=%s/=" % folder,
            ] + access_copts + copts,
            linkstatic = True,
            local_defines = [
                "CONFIG_IOMMU_LIVEUPDATE=1",
                'HOLDFAST_TREE_DETECTED=\\"%s/%s\\"' % (native.package_name(), detected),
            ],
            # The environment's library defines what the tree's file calls, so it has to come
            # after the file when the object is linked.
            deps = ["//model", "//sut/kernel", "//sut/kernel:linux", "//sut/kernel:port"],
            **kwargs
        )
        native.cc_binary(
            name = name + kind + ".so",
            srcs = [
                "//sut/tree:binding.cc",
                "//sut/tree:reached.c",
                "//sut/core:iommu.cc",
            ] + port,
            copts = SUT_COPTS,
            linkopts = SUT_LINKOPTS,
            linkshared = True,
            local_defines = ['HOLDFAST_SUT_NAME=\\"%s\\"' % (sut_name or name)],
            deps = SUT_DEPS + [name + kind + "_c"] + deps,
            **kwargs
        )

def kernel_tree(there):
    """The tree of $HOLDFAST_KERNEL_TREE, if there is one: kernel_tree.so and the test conforms."""
    if not there:
        return
    kernel_tree_sut(
        name = "kernel_tree",
        sut_name = "tree",
        tree = "@kernel_tree//:tree",
        visibility = ["//visibility:public"],
    )
    native.sh_test(
        name = "kernel_tree_conforms",
        size = "large",
        srcs = ["conforms_test.sh"],
        args = ["$(rootpath //cli:holdfast)", "$(rootpath :kernel_tree.so)"],
        data = [":kernel_tree.callers.so", ":kernel_tree.so", "//cli:holdfast"],
    )
