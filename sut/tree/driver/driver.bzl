"""kernel_driver_sut: a driver's live update file of a kernel tree, unmodified, as a SUT.

The rest of the driver is the project's own (sut/ports), under the kernel's names.
"""

load("//sut:defs.bzl", "ACCESS_COPTS", "CORE", "PROFILE_DEFINES", "SUT_COPTS", "SUT_DEPS", "SUT_LINKOPTS", "holdfast_sut", "plant", "sut_test")
load("//sut/ports:ports.bzl", "SMMUV3", "SMMUV3_LIVE_UPDATE", "VTD", "VTD_LIVE_UPDATE")
load("//sut/tree:tree.bzl", "ABI", "INTERFACE", "KERNEL_COPTS", "kernel_tree_sut")

# The file of each driver in a tree, the rest of the driver, the parts of it that may stand in, the
# cores under which the driver runs, and the modes in which its units run. The project's v3 has no
# records of SMMUv3.
DRIVERS = {
    "smmuv3": struct(
        source = "drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-liveupdate.c",
        rest = SMMUV3,
        stand_ins = SMMUV3_LIVE_UPDATE,
        cores = ["tree", "v5"],
        modes = {
            "linear": ["SMMUV3_LINEAR"],
            "stage1": [],
            "stage2": ["SMMUV3_STAGE_2"],
            "substreams": ["SMMUV3_TWO_LEVEL_CDS"],
        },
    ),
    "vtd": struct(
        source = "drivers/iommu/intel/liveupdate.c",
        rest = VTD,
        stand_ins = VTD_LIVE_UPDATE,
        cores = ["tree", "v3", "v5"],
        modes = {
            "legacy": [],
            "scalable": ["VTD_SCALABLE"],
            "first": ["VTD_SCALABLE", "VTD_FIRST_STAGE"],
        },
    ),
}

_LOOKUPS = ["//sut/tree/driver:lookups.cc"]
_LOOKUP_DEFINES = [
    "iommu_for_each_preserved_device=holdfast_for_each_preserved_device",
    "iommu_get_preserved_data=holdfast_get_preserved_data",
]

_KERNEL = [
    "//sut/kernel",
    "//sut/kernel:linux",
    "//sut/kernel:port",
    "//sut/kernel/machine",
]

def _folder(name):
    return "$(GENDIR)/%s/%s" % (native.package_name(), name)

def _headers(name):
    return ["%s/%s" % (name, header) for header in [INTERFACE, ABI]]

# The tree's own file in C. `headers` are copies of the tree's two in the folder `folder`/include.
# Without them, the headers are the project's.
def _driver_file(name, driver, tree, folder, headers, defines, edits, copts, **kwargs):
    source = "%s/%s" % (name, DRIVERS[driver].source)
    plant(
        name = name + "_source",
        src = "%s/%s" % (tree, DRIVERS[driver].source),
        out = source,
        edits = edits.get(DRIVERS[driver].source, []),
    )
    native.cc_library(
        name = name + "_driver",
        srcs = headers + [
            source,
            "//sut/ports:iommu-pages.h",
            "//sut/tree/driver:%s.h" % driver,
        ] + [file for file in DRIVERS[driver].rest if file.endswith(".h")],
        copts = KERNEL_COPTS + ACCESS_COPTS + [
            "-I%s/include" % folder,
            "-iquote",
            "sut/ports/" + driver,
            "-include",
            "sut/tree/driver/%s.h" % driver,
            "-ffile-prefix-map=%s/=" % _folder(name),
        ] + copts,
        linkstatic = True,
        alwayslink = True,
        local_defines = defines + _LOOKUP_DEFINES,
        deps = _KERNEL,
        **kwargs
    )

# The rest of the driver in C, and the file that drives the tree's.
def _driver_rest(name, driver, headers, defines, **kwargs):
    about = DRIVERS[driver]
    detected = name + "_driver.h"
    native.genrule(
        name = name + "_driver_detect",
        srcs = headers + about.rest + about.stand_ins + [
            "%s/%s" % (name, about.source),
            "//sut/kernel:headers",
            "//sut/ports:iommu-pages.h",
            "//sut/tree/driver:%s.h" % driver,
        ],
        outs = [detected],
        cmd = "CC=$(CC) $(execpath //sut/tree/driver:probe) %s %s sut/kernel/include sut/ports $@ %s >/dev/null" %
              (driver, _folder(name), " ".join(["-D" + define for define in defines])),
        exec_tools = ["//sut/tree/driver:probe", "//sut/tree:lacking.sh"],
        message = "Asking the kernel tree for its driver",
        toolchains = ["@bazel_tools//tools/cpp:current_cc_toolchain"],
    )
    native.cc_library(
        name = name + "_rest",
        srcs = headers + about.rest + [
            detected,
            "//sut/tree/driver:%s.c" % driver,
            "//sut/tree/driver:restored.h",
            "//sut/tree/driver:%s.h" % driver,
        ],
        textual_hdrs = about.stand_ins,
        copts = KERNEL_COPTS + ACCESS_COPTS + ["-I%s/include" % _folder(name)],
        linkstatic = True,
        alwayslink = True,
        local_defines = defines + ['HOLDFAST_DRIVER_DETECTED=\\"%s/%s\\"' % (native.package_name(), detected)],
        deps = _KERNEL,
        **kwargs
    )

def kernel_driver_sut(
        name,
        driver,
        mode,
        tree,
        core = "tree",
        sut_name = None,
        copts = [],
        edits = {},
        **kwargs):
    """A shared object `name`.so, as holdfast_sut makes one.

    Args:
      name: of the target, without ".so".
      driver: of DRIVERS.
      mode: of the driver's modes.
      tree: the label of a package and a folder in it, as for kernel_tree_sut.
      core: "tree": the tree's core, on the tree's headers. "v3" or "v5": the project's core of that
        version, on the project's headers.
      sut_name: its name in reports; `name` by default.
      copts: further options of the compiler for the tree's files.
      edits: {file of the tree: [old text, new text, ...]}, as for kernel_tree_sut.
      **kwargs: for the targets.
    """
    if core == "tree":
        kernel_tree_sut(
            name = name,
            tree = tree,
            sut_name = sut_name,
            copts = copts,
            edits = edits,
            port = _LOOKUPS,
            deps = [name + "_driver", name + "_rest"],
            **kwargs
        )
        headers = _headers(name)
        defines = PROFILE_DEFINES["v3"]
    else:
        holdfast_sut(
            name = name,
            srcs = CORE,
            profile = core,
            port = _LOOKUPS,
            sut_name = sut_name,
            deps = [name + "_driver", name + "_rest"],
            **kwargs
        )
        headers = []
        defines = PROFILE_DEFINES[core]
    defines = defines + DRIVERS[driver].modes[mode]
    _driver_file(name, driver, tree, _folder(name), headers, defines, edits, copts, **kwargs)
    _driver_rest(name, driver, headers, defines, **kwargs)

def kernel_driver_damaged_records_test(name, of, **kwargs):
    """The driver of `of`, a kernel_driver_sut on the project's v5, meets damaged records."""
    sut_test(
        name = name,
        size = "medium",
        srcs = ["//properties/conformance:damaged_records_test.cc"],
        port = _LOOKUPS,
        profile = "v5",
        deps = [of + "_driver", of + "_rest"],
        **kwargs
    )

def kernel_driver_mutant(name, of, driver, mode, tree, edits, **kwargs):
    """A shared object `name`.so: `of`, a kernel_driver_sut on the tree's core, with an edited file.

    Only that file, the driver's, is compiled. The name in reports is that of `of`.
    """
    defines = PROFILE_DEFINES["v3"] + DRIVERS[driver].modes[mode]
    edits = {DRIVERS[driver].source: edits}
    _driver_file(name, driver, tree, _folder(of), _headers(of), defines, edits, [], **kwargs)
    native.cc_binary(
        name = name + ".so",
        linkopts = SUT_LINKOPTS,
        linkshared = True,
        deps = [of + "_shared", of + "_c", of + "_rest", name + "_driver"] + SUT_DEPS,
        **kwargs
    )

def kernel_driver_shared(of, **kwargs):
    """The library for kernel_driver_mutant of all that is compiled with `of`."""
    native.cc_library(
        name = of + "_shared",
        srcs = [
            "//sut/core:iommu.cc",
            "//sut/tree:binding.cc",
        ] + _LOOKUPS,
        copts = SUT_COPTS,
        alwayslink = True,
        local_defines = ['HOLDFAST_SUT_NAME=\\"%s\\"' % of],
        deps = SUT_DEPS + [of + "_c"],
        **kwargs
    )

def kernel_drivers(there):
    """For each driver of the tree of $HOLDFAST_KERNEL_TREE, each mode and each core, an object."""
    for driver in there:
        for mode in DRIVERS[driver].modes:
            for core in DRIVERS[driver].cores:
                kernel_driver_sut(
                    name = "kernel_%s_%s_%s" % (driver, mode, core),
                    sut_name = "tree.%s.%s%s" % (driver, mode, "" if core == "tree" else ".core." + core),
                    core = core,
                    driver = driver,
                    mode = mode,
                    tree = "@kernel_tree//:tree",
                    tags = ["manual"],
                    visibility = ["//visibility:public"],
                )
            kernel_driver_damaged_records_test(
                name = "kernel_%s_%s_damaged_records_test" % (driver, mode),
                of = "kernel_%s_%s_v5" % (driver, mode),
                tags = ["manual"],
            )
            native.sh_test(
                name = "kernel_%s_%s_conforms" % (driver, mode),
                size = "large",
                srcs = ["//sut/tree:conforms_test.sh"],
                args = ["$(rootpath //cli:holdfast)", "$(rootpath :kernel_%s_%s_tree.so)" % (driver, mode)],
                data = [":kernel_%s_%s_tree.so" % (driver, mode), "//cli:holdfast"],
            )
