"""The harmless variants as shared objects, and as a list for C++ (harmless.h). The table is
harmless.bzl."""

load(":harmless.bzl", "HARMLESS_CORE", "HARMLESS_PORTS")
load(":objects.bzl", "NO_PORTS", "PORTS_BY_NAME", "edited_object", "source_list", "text")

def _variant(name, port, of_port, source, why, edits):
    for i in range(0, len(edits), 2):
        if edits[i] == edits[i + 1]:
            fail("%s: an edit changes nothing" % name)
    return struct(
        name = "harmless_" + name,
        port = port,
        of_port = of_port,
        why = why,
        source = source,
        function = "",
        edits = edits,
    )

_VARIANTS = [
    _variant("%s_%s" % (row[1], row[0]), NO_PORTS[row[1]], False, "//sut/core:" + source, row[2], row[3:])
    for source, rows in HARMLESS_CORE.items()
    for row in rows
] + [
    _variant(
        "%s_%s_%s" % (vendor, row[1], row[0]),
        PORTS_BY_NAME["%s_%s" % (vendor, row[1])],
        True,
        "//sut/ports/%s:%s" % (vendor, source),
        row[2],
        row[3:],
    )
    for vendor, sources in HARMLESS_PORTS.items()
    for source, rows in sources.items()
    for row in rows
]

# Where each object costs ten times as much: one of eight, from most sources.
_SAMPLE = [_VARIANTS[i] for i in range(0, len(_VARIANTS), 8)]

def _lines(variants):
    return [
        '#include "sut/mutants/harmless.h"',
        "namespace holdfast {",
        "namespace {",
        "constexpr HarmlessVariant kVariants[] = {",
    ] + [
        "    {%s, %s, %s, %s}," % (
            text(variant.name),
            text("sut/mutants/%s.so" % variant.name),
            "true" if variant.of_port else "false",
            text(variant.why),
        )
        for variant in variants
    ] + [
        "};",
        "}  // namespace",
        "std::span<const HarmlessVariant> HarmlessVariants() { return kVariants; }",
        "}  // namespace holdfast",
    ]

def harmless_variants():
    """An object for each row, and the list. `sample_only` is of mutants()."""
    for variant in _VARIANTS:
        edited_object(variant, "harmless", testonly = True)
    native.filegroup(
        name = "harmless",
        testonly = True,
        srcs = select({
            ":sample_only": [variant.name + ".so" for variant in _SAMPLE],
            "//conditions:default": [variant.name + ".so" for variant in _VARIANTS],
        }),
    )
    source_list(
        name = "harmless_list",
        lines = select({
            ":sample_only": _lines(_SAMPLE),
            "//conditions:default": _lines(_VARIANTS),
        }),
    )
