"""holdfast_core_test: holds a preservation core against the model, in any workspace.

README.md, "Your own implementation", explains it. `./holdfast init core FOLDER` writes an example.
"""

load("//sut:defs.bzl", "holdfast_sut")

def holdfast_core_test(
        name,
        core,
        profile = "v3",
        options = [],
        copts = [],
        defines = [],
        size = "medium",
        **kwargs):
    """A test that runs `holdfast run` on the core: every part of the suite.

    The report as a page (report.html) is in the test's undeclared outputs. A failure leaves its
    shrunk trace and the graph of its records there too, and the verdict in the JUnit XML. `bazel
    build NAME_core.so` builds the object for `holdfast --sut=`.

    Args:
      name: of the test, and of the implementation in reports.
      core: the sources, C or C++, headers too: the entry points of linux/iommu-liveupdate.h and
        iommu_for_each_dev.
      profile: the version that the core was written to: "v3", "v5" or "off".
      options: further options of `holdfast run`, such as "--time=20" or "--hardened".
      copts: further options of the compiler.
      defines: macros for the core, "NAME" or "NAME=value".
      size: of the test.
      **kwargs: for the test.
    """
    holdfast_sut(
        name = name + "_core",
        srcs = core,
        copts = copts + ["-g1"],  # so that a report names a line
        defines = defines,
        profile = profile,
        sut_name = name,
        testonly = True,
    )
    native.sh_test(
        name = name,
        size = size,
        srcs = ["@holdfast//cli/init:core_test.sh"],
        args = ["$(rootpath @holdfast//cli:holdfast)", "$(rootpath :%s_core.so)" % name] + options,
        data = [
            ":%s_core.callers.so" % name,
            ":%s_core.so" % name,
            "@holdfast//cli:holdfast",
        ],
        **kwargs
    )
