"""holdfast_sut: an implementation, written to the kernel environment, as a shared object."""

_SUT = "@holdfast//sut"

# The kernel promises its code that packed records are read in place, and that the compiler draws no
# conclusion from a NULL dereference. A member that an initializer leaves out is NULL, so a table of
# ops may get a member more.
SUT_COPTS = [
    "-fvisibility=hidden",
    "-fno-strict-aliasing",
    "-fno-delete-null-pointer-checks",
    "-fno-sanitize=null,alignment",
    "-Wno-address-of-packed-member",
    "-Wno-missing-field-initializers",
]

# For the files of a driver, and of a core for callers at once: the compiler announces each access
# to memory (sut/kernel/machine/accesses.h), and a report names the line of an access.
ACCESS_COPTS = [
    "-fno-builtin-memcpy",
    "-fno-builtin-memmove",
    "-fno-builtin-memset",
    "-fno-sanitize=address",
    "-fsanitize=thread",
    "-Wno-tsan",
    "-g1",
]

PROFILE_DEFINES = {
    "v3": ["CONFIG_IOMMU_LIVEUPDATE=1"],
    "v5": ["CONFIG_IOMMU_LIVEUPDATE=1", "HOLDFAST_PROFILE_V5"],
    "off": [],
}

# What an object links with: the module's entry and the kernel environment.
SUT_DEPS = [
    "@holdfast//model",
    _SUT,
    _SUT + "/kernel",
    _SUT + "/kernel:linux",
    _SUT + "/kernel:port",
    _SUT + "/kernel/adapter",
    _SUT + "/kernel/machine",
]

# This project's own implementation, and the port that moves no hardware.
CORE = [_SUT + "/core:iommu.cc", _SUT + "/core:liveupdate.cc"]
_BOOKKEEPING = [_SUT + "/ports:bookkeeping.cc"]

# What the code under test has memset and memcpy write is announced too (kernel/string.cc).
SUT_LINKOPTS = ["-Wl,-Bsymbolic", "-Wl,-z,now"] + [
    "-Wl,--wrap=" + function
    for function in ["memcpy", "memmove", "memset"]
]

def _plant_impl(ctx):
    ctx.actions.run(
        inputs = [ctx.file.src],
        outputs = [ctx.outputs.out],
        executable = ctx.executable._edit,
        arguments = [ctx.file.src.path, ctx.outputs.out.path, ctx.attr.function] + ctx.attr.edits,
        mnemonic = "Plant",
        progress_message = "Planting " + ctx.outputs.out.short_path,
    )

# A copy of a source with edits: [old text, new text, ...]. edit.cc says what an edit is.
plant = rule(
    implementation = _plant_impl,
    attrs = {
        "src": attr.label(allow_single_file = True, mandatory = True),
        "out": attr.output(mandatory = True),
        "function": attr.string(),
        "edits": attr.string_list(),
        "_edit": attr.label(default = "//sut:edit", executable = True, cfg = "exec"),
    },
)

def holdfast_sut(
        name,
        srcs,
        profile = "v3",
        port = None,
        sut_name = None,
        copts = [],
        defines = [],
        edits = {},
        deps = [],
        **kwargs):
    """A shared object `name`.so that `holdfast --sut=` and LoadModule load.

    Without a port there is `name`.callers.so too, the same with its accesses announced. Callers at
    once run on that object if it stands beside the first (sut/module.h). Only what needs the object
    builds it.

    Args:
      name: of the target, without ".so".
      srcs: the implementation, C or C++: the entry points of linux/iommu-liveupdate.h and
        iommu_for_each_dev.
      profile: the version that the implementation was written to: "v3", "v5", or "off" for a kernel
        without CONFIG_IOMMU_LIVEUPDATE.
      port: the sources of a driver port (sut/kernel/port.h), C or C++, headers too; by default the
        port that moves no hardware.
      sut_name: the name in reports; `name` by default.
      copts: further options of the compiler.
      defines: further macros, "NAME" or "NAME=value".
      edits: {source: [old text, new text, ...]}; each old text must occur in the source exactly
        once. The source itself stays as it is.
      deps: further libraries.
      **kwargs: for the cc_binary.
    """
    sources = []
    for src in srcs + (port or _BOOKKEEPING):
        if src in edits:
            edited = "%s_%s" % (name, src.split("/")[-1].split(":")[-1])
            plant(
                name = name + "_" + edited.replace(".", "_") + "_edit",
                src = src,
                out = edited,
                edits = edits[src],
            )
            src = edited
        sources.append(src)
    objects = {".so": ACCESS_COPTS} if port else {".so": [], ".callers.so": ACCESS_COPTS}
    tags = kwargs.pop("tags", [])
    for ending, access_copts in objects.items():
        native.cc_binary(
            name = name + ending,
            linkopts = SUT_LINKOPTS,
            linkshared = True,
            tags = tags + (["manual"] if ending == ".callers.so" else []),
            **dict(
                _compiled(
                    sut_name or name,
                    sources,
                    profile,
                    access_copts + copts,
                    defines,
                    deps,
                ),
                **kwargs
            )
        )

def sut_test(
        name,
        srcs,
        profile,
        core = CORE,
        port = _BOOKKEEPING,
        copts = [],
        defines = [],
        deps = [],
        **kwargs):
    """A test that is compiled with an implementation and a port: it calls them directly."""
    native.cc_test(
        name = name,
        **dict(
            _compiled(
                name,
                srcs + core + port,
                profile,
                ([] if port == _BOOKKEEPING else ACCESS_COPTS) + copts,
                defines,
                deps + [
                    "@googletest//:gtest",
                    "@googletest//:gtest_main",
                ],
            ),
            **kwargs
        )
    )

def _compiled(sut_name, sources, profile, copts, defines, deps):
    if profile not in PROFILE_DEFINES:
        fail("profile: expected one of %s; found %s" % (", ".join(PROFILE_DEFINES.keys()), profile))
    return dict(
        srcs = sources + [_SUT + "/kernel:" + file for file in ["binding.cc", "name.cc", "name_here.h"]],
        copts = SUT_COPTS + copts,
        local_defines = PROFILE_DEFINES[profile] + defines + [
            'HOLDFAST_SUT_NAME=\\"%s\\"' % sut_name,
            'HOLDFAST_SUT_PROFILE=\\"%s\\"' % profile,
        ],
        deps = SUT_DEPS + deps,
    )
