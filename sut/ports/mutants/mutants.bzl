"""Defects planted in the driver ports, as shared objects, and as a list for C++ (mutants.h); the tables are beside this."""

load(":smmuv3.bzl", "SMMUV3_MUTANTS")
load("//sut:defs.bzl", "holdfast_sut")
load("//sut/ports:ports.bzl", "PORTS")

_CORE = [
    "//sut/core:iommu.cc",
    "//sut/core:liveupdate.cc",
]

def _rows(vendor, table):
    return [
        struct(
            name = vendor + "_" + row[0],
            port = vendor + "_" + row[1],
            rule = row[2],
            planted = row[3],
            source = "//sut/ports/%s:%s" % (vendor, source),
            edits = row[4:],
        )
        for source, rows in table.items()
        for row in rows
    ]

_MUTANTS = _rows("smmuv3", SMMUV3_MUTANTS)

def _list_impl(ctx):
    out = ctx.actions.declare_file(ctx.attr.name + ".cc")
    ctx.actions.write(out, "\n".join(ctx.attr.lines) + "\n")
    return [DefaultInfo(files = depset([out]))]

_list = rule(
    implementation = _list_impl,
    attrs = {"lines": attr.string_list()},
)

def _line(mutant, profile):
    return '    {"mutant.%s", "sut/ports/mutants/%s.so", "%s", static_cast<Rule>(%s), "%s"},' % (
        mutant.name,
        mutant.name,
        profile,
        mutant.rule[1:],
        mutant.planted,
    )

def port_mutants(visibility):
    """An object for each row, all of them as the filegroup "mutants", and the source of their list.

    Args:
      visibility: of the filegroup.
    """
    ports = {port.name: port for port in PORTS}
    for mutant in _MUTANTS:
        port = ports[mutant.port]
        holdfast_sut(
            name = mutant.name,
            srcs = _CORE,
            copts = ["-w"],  # a warning may well be what finds a defect
            defines = port.defines,
            edits = {mutant.source: mutant.edits},
            port = port.srcs,
            profile = port.profile,
            sut_name = "mutant." + mutant.name,
        )
    native.filegroup(
        name = "mutants",
        srcs = [mutant.name + ".so" for mutant in _MUTANTS],
        visibility = visibility,
    )
    _list(
        name = "list",
        lines = [
            '#include "sut/ports/mutants/mutants.h"',
            "namespace holdfast {",
            "namespace {",
            "constexpr PortMutant kMutants[] = {",
        ] + [_line(mutant, ports[mutant.port].profile) for mutant in _MUTANTS] + [
            "};",
            "}  // namespace",
            "std::span<const PortMutant> PortMutants() { return kMutants; }",
            "}  // namespace holdfast",
        ],
    )
