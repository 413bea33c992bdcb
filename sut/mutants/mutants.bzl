"""The planted defects as shared objects, and as a list for C++ (mutants.h); the table itself is table.bzl.

What an edit does not touch is compiled once for a profile: a mutant costs its edit, one small source and a link.
"""

load("//sut:defs.bzl", "PROFILE_DEFINES", "SUT_COPTS", "SUT_DEPS", "SUT_LINKOPTS")
load(":table.bzl", "V3", "V5", "WALK")

_SOURCES = {
    "liveupdate": "//sut/core:liveupdate.cc",
    "iommu": "//sut/core:iommu.cc",
}

# In a configuration where each object costs ten times as much: one of each kind, the ones that
# tests name among them.
_SAMPLE = ["d1", "d2", "d6", "d7", "d8", "d15"]

def _row(profile, source, function, row):
    return struct(
        name = row[0],
        rule = row[1],
        depth = row[2],
        planted = row[3],
        profile = profile,
        source = source,
        function = function,
        edits = row[4:],
    )

def _rows(profile, source, table):
    return [_row(profile, source, function, row) for function, rows in table.items() for row in rows]

MUTANTS = _rows("v3", "liveupdate", V3) + _rows("v5", "liveupdate", V5) + _rows("v3", "iommu", WALK)

def _plant_impl(ctx):
    out = ctx.actions.declare_file("%s.%s" % (ctx.attr.name, ctx.file.src.extension))
    ctx.actions.run(
        inputs = [ctx.file.src],
        outputs = [out],
        executable = ctx.executable._edit,
        arguments = [ctx.file.src.path, out.path, ctx.attr.function] + ctx.attr.edits,
        mnemonic = "PlantDefect",
        progress_message = "Planting " + ctx.attr.name,
    )
    return [DefaultInfo(files = depset([out]))]

plant = rule(
    implementation = _plant_impl,
    attrs = {
        "src": attr.label(allow_single_file = True),
        "function": attr.string(),
        "edits": attr.string_list(),
        "_edit": attr.label(default = "//sut:edit", executable = True, cfg = "exec"),
    },
)

def _list_impl(ctx):
    out = ctx.actions.declare_file(ctx.attr.name + ".cc")
    ctx.actions.write(out, "\n".join(ctx.attr.lines) + "\n")
    return [DefaultInfo(files = depset([out]))]

source_list = rule(
    implementation = _list_impl,
    attrs = {"lines": attr.string_list()},
)

def _text(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')

def _line(mutant):
    rule = "0" if mutant.rule == "=" else mutant.rule[1:]
    return "    {%s, %s, %s, static_cast<Rule>(%s), %d, %s}," % (
        _text("mutant." + mutant.name),
        _text("sut/mutants/%s.so" % mutant.name),
        _text(mutant.profile),
        rule,
        mutant.depth,
        _text(mutant.planted),
    )

def _lines(mutants):
    return [
        '#include "sut/mutants/mutants.h"',
        "namespace holdfast {",
        "namespace {",
        "constexpr Mutant kMutants[] = {",
    ] + [_line(mutant) for mutant in mutants] + [
        "};",
        "}  // namespace",
        "std::span<const Mutant> Mutants() { return kMutants; }",
        "}  // namespace holdfast",
    ]

def _object(mutant):
    plant(
        name = mutant.name + "_source",
        src = _SOURCES[mutant.source],
        edits = mutant.edits,
        function = mutant.function,
    )
    [other] = [source for source in _SOURCES if source != mutant.source]
    native.cc_binary(
        name = mutant.name + ".so",
        srcs = [
            mutant.name + "_source",
            "//sut/kernel:name.cc",
        ],
        copts = SUT_COPTS + ["-w"],  # a warning may well be what finds a defect
        linkopts = SUT_LINKOPTS,
        linkshared = True,
        local_defines = PROFILE_DEFINES[mutant.profile] + ['HOLDFAST_SUT_NAME=\\"mutant.%s\\"' % mutant.name],
        deps = [
            ":binding_" + mutant.profile,
            ":%s_%s" % (other, mutant.profile),
            "//sut/kernel:linux",
            "//sut/kernel:name",
        ],
        tags = ["manual"],  # built with the list: all, or the sample
    )

def mutants():
    """An object for each row, what they share, and the list."""
    for profile in ["v3", "v5"]:
        native.cc_library(
            name = "binding_" + profile,
            srcs = [
                "//sut/kernel:binding.cc",
                "//sut/ports:bookkeeping_source",
            ],
            copts = SUT_COPTS,
            local_defines = PROFILE_DEFINES[profile] + ['HOLDFAST_SUT_PROFILE=\\"%s\\"' % profile],
            deps = SUT_DEPS,
            alwayslink = True,
        )
        for name, source in _SOURCES.items():
            native.cc_library(
                name = "%s_%s" % (name, profile),
                srcs = [source],
                copts = SUT_COPTS,
                local_defines = PROFILE_DEFINES[profile],
                deps = [
                    "//sut/kernel:environment",
                    "//sut/kernel:linux",
                ],
            )
    for mutant in MUTANTS:
        _object(mutant)
    sample = [mutant for mutant in MUTANTS if mutant.name in _SAMPLE]
    if len(sample) != len(_SAMPLE):
        fail("a mutant of the sample is not in the table")
    native.config_setting(
        name = "sample_only",
        define_values = {"mutants": "sample"},
        visibility = [
            "//cli:__pkg__",
            "//sut:__subpackages__",
        ],
    )
    native.filegroup(
        name = "sample",
        srcs = [mutant.name + ".so" for mutant in sample],
        visibility = ["//visibility:public"],
    )
    native.filegroup(
        name = "mutants",
        srcs = select({
            ":sample_only": [mutant.name + ".so" for mutant in sample],
            "//conditions:default": [mutant.name + ".so" for mutant in MUTANTS],
        }),
        visibility = ["//visibility:public"],
    )
    source_list(
        name = "list",
        lines = select({
            ":sample_only": _lines(sample),
            "//conditions:default": _lines(MUTANTS),
        }),
    )
