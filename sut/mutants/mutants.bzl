"""The mutants as shared objects, and as a list for C++ (mutants.h). The tables stand beside."""

load(":core.bzl", "V3", WALK_MUTANTS = "WALK")
load(":disturbing.bzl", "DISTURBING_SMMUV3", "DISTURBING_VTD")
load(":objects.bzl", "LIVEUPDATE", "NO_PORTS", "PORTS_BY_NAME", "WALK", "edited_object", "source_list", "text")
load(":probing.bzl", "V3_PROBING", "V5_PROBING")
load(":restoring.bzl", "V3_RESTORING", "V5_RESTORING")
load(":smmuv3.bzl", "SMMUV3")
load(":truncating.bzl", "TRUNCATING_VTD")
load(":untrue.bzl", "UNTRUE_SMMUV3", "UNTRUE_VTD")
load(":v5.bzl", "V5")
load(":vtd.bzl", "VTD")

def _core_rows(profile, source, table):
    return [
        struct(
            name = row[0],
            port = NO_PORTS[profile],
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
            port = PORTS_BY_NAME[vendor + "_" + row[1]],
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
    _core_rows("v3", LIVEUPDATE, V3) +
    _core_rows("v5", LIVEUPDATE, V5) +
    _core_rows("v3", LIVEUPDATE, V3_PROBING) +
    _core_rows("v5", LIVEUPDATE, V5_PROBING) +
    _core_rows("v3", LIVEUPDATE, V3_RESTORING) +
    _core_rows("v5", LIVEUPDATE, V5_RESTORING) +
    _core_rows("v3", WALK, WALK_MUTANTS) +
    _port_rows("smmuv3", SMMUV3) +
    _port_rows("vtd", VTD) +
    _port_rows("smmuv3", DISTURBING_SMMUV3) +
    _port_rows("vtd", DISTURBING_VTD) +
    _port_rows("vtd", TRUNCATING_VTD) +
    _port_rows("smmuv3", UNTRUE_SMMUV3) +
    _port_rows("vtd", UNTRUE_VTD)
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
    "restore_owner_of_first_only",
    "smmuv3_alias",
    "smmuv3_moment_off_in_take_over",
    "smmuv3_second_level_twice",
    "smmuv3_shutdown_everybody",
    "smmuv3_top_only",
    "vtd_clears_pci_only",
    "vtd_half_of_bus",
    "vtd_moment_without_context",
    "vtd_token",
    "vtd_undo_order",
]

def _lines(mutants):
    return [
        '#include "sut/mutants/mutants.h"',
        "namespace holdfast {",
        "namespace {",
        "constexpr Mutant kMutants[] = {",
    ] + [
        "    {%s, %s, %s, %s, static_cast<Rule>(%s), %s, %s}," % (
            text("mutant." + mutant.name),
            text("sut/mutants/%s.so" % mutant.name),
            text(mutant.port.profile),
            text(mutant.port.name if mutant.of_port else ""),
            "0" if mutant.rule == "=" else mutant.rule[1:],
            "std::nullopt" if mutant.depth == None else mutant.depth,
            text(mutant.planted),
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

def mutants():
    """An object for each row, and the list."""
    for mutant in _MUTANTS:
        edited_object(mutant, "mutant")
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
    source_list(
        name = "list",
        lines = select({
            ":sample_only": _lines(sample),
            "//conditions:default": _lines(_MUTANTS),
        }),
    )
