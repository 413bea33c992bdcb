"""corpus_tests: one test for each trace of a folder."""

def corpus_tests(name, traces):
    """A test for each trace, named for its file, and a suite of them all.

    Args:
      name: of the suite.
      traces: the files.
    """
    tests = []
    for trace in traces:
        test = trace[:-len(".trace")]
        native.sh_test(
            name = test,
            size = "small",
            srcs = [":corpus_check"],
            args = ["$(rootpath %s)" % trace],
            data = [trace],
        )
        tests.append(":" + test)
    native.test_suite(
        name = name,
        tests = tests,
    )
