"""holdfast_conformance_test: holds a driver port against the model, in any workspace.

docs/port-guide.md explains it.
"""

load("//sut:defs.bzl", "CORE", "holdfast_sut", "sut_test")

LEVELS = ["returns", "state", "faults", "pages", "handover", "continuity"]

def holdfast_conformance_test(
        name,
        port,
        profile = "v5",
        up_to = "continuity",
        core = CORE,
        defines = [],
        copts = [],
        size = "medium",
        **kwargs):
    """A test for each level up to `up_to`, one of damaged records, and the suite NAME of them.

    The tests are NAME_returns to NAME_continuity. Each level supposes the levels before it
    (properties/conformance/levels.h), so the last test that passes says how far the port has come.
    A failure leaves its shrunk trace and the graph of its records in the test's undeclared outputs.
    `bazel run NAME_branches` says which branches of the port no sequence took. From level
    "handover" on, NAME_damaged_records damages one word of a record at a time, and the port takes
    over. The port may follow no word out of memory, and may give no device another's memory.

    Args:
      name: of the suite.
      port: the sources of the port, C or C++, headers too; one of them defines holdfast_port
        (sut/kernel/port.h).
      profile: the version of the records that the port writes: "v3" or "v5". Arm SMMUv3 has none in v3.
      up_to: the last level that is asked for.
      core: the preservation core that calls the port; this project's own by default.
      defines: macros for the port, "NAME" or "NAME=value".
      copts: further options of the compiler.
      size: of each test.
      **kwargs: for the tests.
    """
    for suffix, options in [("", ["-g1"]), ("_with_notes", ["-fsanitize-coverage=trace-pc", "-g", "-O0"])]:
        holdfast_sut(
            name = name + "_port" + suffix,
            srcs = core,
            copts = copts + options,
            defines = defines,
            deps = ["@holdfast//sut/tree:reached"] if suffix else [],
            port = port,
            profile = profile,
            sut_name = name,
            tags = ["manual"] if suffix else [],
            testonly = True,
        )
    if up_to not in LEVELS:
        fail("up_to: expected one of " + ", ".join(LEVELS))
    tests = []
    for level in LEVELS[:LEVELS.index(up_to) + 1]:
        native.sh_test(
            name = "%s_%s" % (name, level),
            size = size,
            srcs = ["@holdfast//properties/conformance:conformance_test.sh"],
            args = ["$(rootpath @holdfast//properties/conformance:port_conformance)", "$(rootpath :%s_port.so)" % name, level],
            data = [":%s_port.so" % name, "@holdfast//properties/conformance:port_conformance"],
            **kwargs
        )
        tests.append(":%s_%s" % (name, level))
    if up_to in ["handover", "continuity"]:
        sut_test(
            name = name + "_damaged_records",
            size = size,
            srcs = ["@holdfast//properties/conformance:damaged_records_test.cc"],
            core = core,
            copts = copts,
            defines = defines,
            port = port,
            profile = profile,
            **kwargs
        )
        tests.append(":%s_damaged_records" % name)
    native.test_suite(name = name, tests = tests)
    native.sh_binary(
        name = name + "_branches",
        testonly = True,
        srcs = ["@holdfast//sut/tree:coverage"],
        args = ["$(rootpath :%s_port_with_notes.so)" % name] + ["$(rootpath %s)" % src for src in port if not src.endswith(".h")] +
               ["--", "$(rootpath @holdfast//properties/conformance:port_conformance)", "$(rootpath :%s_port_with_notes.so)" % name, up_to],
        data = [":%s_port_with_notes.so" % name, "@holdfast//properties/conformance:port_conformance"] + port,
        tags = ["manual"],
    )
