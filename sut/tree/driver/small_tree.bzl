"""small_tree_driver: a driver of the small tree (../testdata), its mutants and the test of both."""

load(":driver.bzl", "DRIVERS", "kernel_driver_damaged_records_test", "kernel_driver_mutant", "kernel_driver_shared", "kernel_driver_sut")

_TREE = "//sut/tree:testdata/newer"

# Where each object costs ten times as much: one mutant of eight.
_EVERY = 8

def _arguments(conforming, depth, cases, mutants):
    return ["--depth=%d" % depth, "--cases=%d" % cases] + conforming + ["--"] + \
           ["%s=%s" % (name, row[1]) for name, row in mutants.items()]

def _objects(driver, names):
    return [":%s_%s.so" % (driver, name) for name in names]

def small_tree_driver(driver, mutants, damaged_records = True):
    """The driver in each mode, over the project's core too, and each mutant: DRIVER_verdict_test.

    Args:
      driver: of DRIVERS.
      mutants: {name: [mode, rule, [old text, new text]...]}.
      damaged_records: whether the driver meets damaged records too.
    """
    modes = DRIVERS[driver].modes.keys()
    for mode in modes:
        kernel_driver_sut(
            name = "%s_%s" % (driver, mode),
            testonly = True,
            driver = driver,
            mode = mode,
            tree = _TREE,
        )
        kernel_driver_sut(
            name = "%s_%s_over_ours" % (driver, mode),
            testonly = True,
            core = "v5",
            driver = driver,
            mode = mode,
            tree = _TREE,
        )
        if damaged_records:
            kernel_driver_damaged_records_test(
                name = "%s_%s_damaged_records_test" % (driver, mode),
                of = "%s_%s_over_ours" % (driver, mode),
            )
    for mode in {row[0]: True for row in mutants.values()}:
        kernel_driver_shared(
            of = "%s_%s" % (driver, mode),
            testonly = True,
        )
    for name, row in mutants.items():
        kernel_driver_mutant(
            name = "%s_%s" % (driver, name),
            testonly = True,
            driver = driver,
            edits = row[2:],
            mode = row[0],
            of = "%s_%s" % (driver, row[0]),
            tree = _TREE,
        )
    conforming = modes + [modes[0] + "_over_ours"]
    few = {name: mutants[name] for name in mutants.keys()[::_EVERY]}
    native.sh_test(
        name = driver + "_verdict_test",
        size = "large",
        srcs = ["verdict_test.sh"],
        args = ["$(rootpath //cli:holdfast)", driver] + select({
            "//sut/mutants:sample_only": _arguments(modes, 2, 300, few),
            "//conditions:default": _arguments(conforming, 3, 3000, mutants),
        }),
        data = [
            "//cli:holdfast",
            "//cli/tests:testing.sh",
        ] + select({
            "//sut/mutants:sample_only": _objects(driver, modes + few.keys()),
            "//conditions:default": _objects(driver, conforming + mutants.keys()),
        }),
    )
