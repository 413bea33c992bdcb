"""Defects planted in the driver ports, as shared objects, and as a list for C++ (mutants.h); the tables are beside this.

What an edit does not touch is compiled once for a mode of a port: a mutant costs its edit, one small source and a link.
"""

load("//sut:defs.bzl", "PROFILE_DEFINES", "SUT_COPTS", "SUT_DEPS", "SUT_LINKOPTS")
load("//sut/mutants:mutants.bzl", "plant", "source_list")
load("//sut/ports:ports.bzl", "PORTS")
load(":smmuv3.bzl", "SMMUV3_MUTANTS")
load(":vtd.bzl", "VTD_MUTANTS")

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

_MUTANTS = _rows("smmuv3", SMMUV3_MUTANTS) + _rows("vtd", VTD_MUTANTS)

# In a configuration where each object costs ten times as much: one of each source.
_SAMPLE = ["vtd_token", "vtd_undo_order", "vtd_half_of_bus", "vtd_clears_pci_only", "smmuv3_second_level_twice", "smmuv3_shutdown_everybody", "smmuv3_alias", "smmuv3_top_only"]

def _library_of(port, source):
    return port.name + "_" + source.split(":")[-1].replace(".", "_")

def _line(mutant, profile):
    return '    {"mutant.%s", "sut/ports/mutants/%s.so", "%s", static_cast<Rule>(%s), "%s"},' % (
        mutant.name,
        mutant.name,
        profile,
        mutant.rule[1:],
        mutant.planted,
    )

def _lines(mutants, ports):
    return [
        '#include "sut/ports/mutants/mutants.h"',
        "namespace holdfast {",
        "namespace {",
        "constexpr PortMutant kMutants[] = {",
    ] + [_line(mutant, ports[mutant.port].profile) for mutant in mutants] + [
        "};",
        "}  // namespace",
        "std::span<const PortMutant> PortMutants() { return kMutants; }",
        "}  // namespace holdfast",
    ]

def _libraries(ports):
    for profile in {port.profile: None for port in ports}:
        native.cc_library(
            name = "core_" + profile,
            srcs = _CORE + ["//sut/kernel:binding.cc"],
            copts = SUT_COPTS,
            local_defines = PROFILE_DEFINES[profile] + ['HOLDFAST_SUT_PROFILE=\\"%s\\"' % profile],
            deps = SUT_DEPS,
            alwayslink = True,
        )
    for port in ports:
        headers = [src for src in port.srcs if src.endswith(".h")]
        for source in port.srcs:
            if source in headers:
                continue
            native.cc_library(
                name = _library_of(port, source),
                srcs = [source] + headers,
                copts = SUT_COPTS,
                local_defines = PROFILE_DEFINES[port.profile] + port.defines,
                deps = [
                    "//sut/kernel:environment",
                    "//sut/kernel:linux",
                    "//sut/kernel:port",
                ],
                alwayslink = True,
            )

def _object(mutant, port):
    headers = [src for src in port.srcs if src.endswith(".h")]
    plant(
        name = mutant.name + "_source",
        src = mutant.source,
        edits = mutant.edits,
    )
    native.cc_binary(
        name = mutant.name + ".so",
        srcs = headers + [
            mutant.name + "_source",
            "//sut/kernel:name.cc",
        ],
        copts = SUT_COPTS + ["-w"],  # a warning may well be what finds a defect
        linkopts = SUT_LINKOPTS,
        linkshared = True,
        local_defines = PROFILE_DEFINES[port.profile] + port.defines + ['HOLDFAST_SUT_NAME=\\"mutant.%s\\"' % mutant.name],
        deps = [
            ":core_" + port.profile,
            "//sut/kernel:linux",
            "//sut/kernel:name",
            "//sut/kernel:port",
        ] + [_library_of(port, source) for source in port.srcs if source not in headers + [mutant.source]],
        tags = ["manual"],  # built with the list: all, or the sample
    )

def port_mutants(visibility):
    """An object for each row, all of them as the filegroup "mutants", and the source of their list.

    Args:
      visibility: of the filegroup.
    """
    ports = {port.name: port for port in PORTS}
    _libraries([ports[name] for name in {mutant.port: None for mutant in _MUTANTS}])
    for mutant in _MUTANTS:
        _object(mutant, ports[mutant.port])
    sample = [mutant for mutant in _MUTANTS if mutant.name in _SAMPLE]
    if len(sample) != len(_SAMPLE):
        fail("a mutant of the sample is not in the tables")
    native.filegroup(
        name = "sample",
        srcs = [mutant.name + ".so" for mutant in sample],
        visibility = visibility,
    )
    native.filegroup(
        name = "mutants",
        srcs = select({
            "//sut/mutants:sample_only": [mutant.name + ".so" for mutant in sample],
            "//conditions:default": [mutant.name + ".so" for mutant in _MUTANTS],
        }),
        visibility = visibility,
    )
    source_list(
        name = "list",
        lines = select({
            "//sut/mutants:sample_only": _lines(sample, ports),
            "//conditions:default": _lines(_MUTANTS, ports),
        }),
    )
