"""The mutants as shared objects, and as a list for C++ (mutants.h).

The tables stand beside this file. A source that a mutant does not edit is compiled once for each
profile or port: a mutant costs its edit, one source, which also defines the mutant's name, and a
link.
"""

load("//sut:defs.bzl", "PROFILE_DEFINES", "SUT_COPTS", "SUT_DEPS", "SUT_LINKOPTS", "plant")
load("//sut/ports:ports.bzl", "PORTS")
load(":core.bzl", "V3", "WALK")
load(":smmuv3.bzl", "SMMUV3")
load(":v5.bzl", "V5")
load(":vtd.bzl", "VTD")

_LIVEUPDATE = "//sut/core:liveupdate.cc"
_WALK = "//sut/core:iommu.cc"
_BINDING = "//sut/kernel:binding.cc"
_NAME = "//sut/kernel:name_here.h"

_PORTS = {port.name: port for port in PORTS}

# The port that moves no hardware, under the core of each profile.
_NO_PORTS = {
    profile: struct(name = profile, srcs = ["//sut/ports:bookkeeping.cc"], defines = [], profile = profile)
    for profile in ["v3", "v5"]
}

def _core_rows(profile, source, table):
    return [
        struct(
            name = row[0],
            port = _NO_PORTS[profile],
            of_port = False,
            rule = row[1],
            depth = row[2],
            planted = row[3],
            source = source,
            function = function,
            edits = row[4:],
        )
        for function, rows in table.items()
        for row in rows
    ]

def _port_rows(vendor, table):
    return [
        struct(
            name = vendor + "_" + row[0],
            port = _PORTS[vendor + "_" + row[1]],
            of_port = True,
            rule = row[2],
            depth = None,
            planted = row[3],
            source = "//sut/ports/%s:%s" % (vendor, source),
            function = "",
            edits = row[4:],
        )
        for source, rows in table.items()
        for row in rows
    ]

_MUTANTS = (
    _core_rows("v3", _LIVEUPDATE, V3) +
    _core_rows("v5", _LIVEUPDATE, V5) +
    _core_rows("v3", _WALK, WALK) +
    _port_rows("smmuv3", SMMUV3) +
    _port_rows("vtd", VTD)
)

# For a configuration where each object costs ten times as much: a mutant of each kind and of each
# source, among them the mutants that tests name.
_SAMPLE = [
    "d1",
    "d2",
    "d6",
    "d7",
    "d8",
    "d15",
    "smmuv3_alias",
    "smmuv3_second_level_twice",
    "smmuv3_shutdown_everybody",
    "smmuv3_top_only",
    "vtd_clears_pci_only",
    "vtd_half_of_bus",
    "vtd_token",
    "vtd_undo_order",
]

def _list_impl(ctx):
    out = ctx.actions.declare_file(ctx.attr.name + ".cc")
    ctx.actions.write(out, "\n".join(ctx.attr.lines) + "\n")
    return [DefaultInfo(files = depset([out]))]

_source_list = rule(
    implementation = _list_impl,
    attrs = {"lines": attr.string_list()},
)

def _text(text):
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')

def _lines(mutants):
    return [
        '#include "sut/mutants/mutants.h"',
        "namespace holdfast {",
        "namespace {",
        "constexpr Mutant kMutants[] = {",
    ] + [
        "    {%s, %s, %s, %s, static_cast<Rule>(%s), %s, %s}," % (
            _text("mutant." + mutant.name),
            _text("sut/mutants/%s.so" % mutant.name),
            _text(mutant.port.profile),
            _text(mutant.port.name if mutant.of_port else ""),
            "0" if mutant.rule == "=" else mutant.rule[1:],
            "std::nullopt" if mutant.depth == None else mutant.depth,
            _text(mutant.planted),
        )
        for mutant in mutants
    ] + [
        "};",
        "constexpr std::size_t kOfCore = %d;" % len([mutant for mutant in mutants if not mutant.of_port]),
        "}  // namespace",
        "std::span<const Mutant> Mutants() { return kMutants; }",
        "std::span<const Mutant> CoreMutants() { return Mutants().first(kOfCore); }",
        "std::span<const Mutant> PortMutants() { return Mutants().subspan(kOfCore); }",
        "}  // namespace holdfast",
    ]

def _stem(source):
    return source.split(":")[-1].replace(".", "_")

def _headers(port):
    return [src for src in port.srcs if src.endswith(".h")]

# The libraries of an object, by source. The core is the same under all ports of a profile.
def _libraries(port):
    libraries = {
        source: struct(
            name = "%s_%s" % (port.profile, _stem(source)),
            srcs = [source],
            defines = [],
            profile = port.profile,
        )
        for source in [_WALK, _LIVEUPDATE, _BINDING]
    }
    for source in port.srcs:
        if not source.endswith(".h"):
            libraries[source] = struct(
                name = "%s_%s" % (port.name, _stem(source)),
                srcs = [source] + _headers(port),
                defines = port.defines,
                profile = port.profile,
            )
    return libraries

def _object(mutant):
    port = mutant.port
    source = "%s_source.%s" % (mutant.name, mutant.source.split(".")[-1])
    plant(
        name = mutant.name,
        src = mutant.source,
        out = source,
        edits = mutant.edits,
        function = mutant.function,
    )
    native.cc_binary(
        name = mutant.name + ".so",
        srcs = [source, _NAME] + _headers(port),
        # A warning may well be what finds a mutant.
        copts = SUT_COPTS + ["-w", "-include", "sut/kernel/name_here.h"],
        linkopts = SUT_LINKOPTS,
        linkshared = True,
        local_defines = PROFILE_DEFINES[port.profile] + port.defines + ['HOLDFAST_SUT_NAME=\\"mutant.%s\\"' % mutant.name],
        deps = SUT_DEPS + [
            library.name
            for src, library in _libraries(port).items()
            if src != mutant.source
        ],
        tags = ["manual"],  # built with the list: all, or the sample
    )

def mutants():
    """An object for each row, the libraries that the objects share, and the list."""
    libraries = {}
    for mutant in _MUTANTS:
        _object(mutant)
        libraries.update({library.name: library for library in _libraries(mutant.port).values()})
    for name, library in libraries.items():
        native.cc_library(
            name = name,
            srcs = library.srcs,
            copts = SUT_COPTS,
            local_defines = PROFILE_DEFINES[library.profile] + library.defines +
                            ['HOLDFAST_SUT_PROFILE=\\"%s\\"' % library.profile],
            deps = SUT_DEPS,
            alwayslink = True,
        )
    sample = [mutant for mutant in _MUTANTS if mutant.name in _SAMPLE]
    if len(sample) != len(_SAMPLE):
        fail("a mutant of the sample is not in the tables")
    native.config_setting(
        name = "sample_only",
        define_values = {"mutants": "sample"},
    )
    native.filegroup(
        name = "sample",
        srcs = [mutant.name + ".so" for mutant in sample],
    )
    native.filegroup(
        name = "mutants",
        srcs = select({
            ":sample_only": [":sample"],
            "//conditions:default": [mutant.name + ".so" for mutant in _MUTANTS],
        }),
    )
    _source_list(
        name = "list",
        lines = select({
            ":sample_only": _lines(sample),
            "//conditions:default": _lines(_MUTANTS),
        }),
    )
