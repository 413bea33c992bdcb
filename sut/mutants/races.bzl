"""The racy mutants as shared objects, and as a list for C++ (racy.h). The table is racy.bzl."""

load("//sut:defs.bzl", "ACCESS_COPTS")
load(":objects.bzl", "LIVEUPDATE", "NO_PORTS", "edited_object", "source_list", "text")
load(":racy.bzl", "RACY")

_RACES = [
    struct(
        name = "race_%s_%s" % (profile, row[0]),
        port = NO_PORTS[profile],
        rule = row[1],
        preemptions = row[2],
        planted = row[3],
        source = LIVEUPDATE,
        function = function,
        edits = row[4:],
        copts = ACCESS_COPTS,
    )
    for profile, functions in RACY.items()
    for function, rows in functions.items()
    for row in rows
]

def racy_mutants():
    """An object for each row, and the list."""
    for race in _RACES:
        edited_object(race, "mutant", testonly = True)
    native.filegroup(
        name = "racy",
        testonly = True,
        srcs = [race.name + ".so" for race in _RACES],
    )
    source_list(
        name = "racy_list",
        lines = [
            '#include "sut/mutants/racy.h"',
            "namespace holdfast {",
            "namespace {",
            "constexpr RacyMutant kMutants[] = {",
        ] + [
            "    {%s, %s, %s, static_cast<Rule>(%s), %d, %s}," % (
                text("mutant." + race.name),
                text("sut/mutants/%s.so" % race.name),
                text(race.port.profile),
                race.rule[1:],
                race.preemptions,
                text(race.planted),
            )
            for race in _RACES
        ] + [
            "};",
            "}  // namespace",
            "std::span<const RacyMutant> RacyMutants() { return kMutants; }",
            "}  // namespace holdfast",
        ],
    )
