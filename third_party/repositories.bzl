"""What Holdfast needs: Debian's packages, and the rule sets that Bazel 4 asks for by itself.

Nothing comes from the network.

For this workspace, and for any that has Holdfast as a local_repository:

    local_repository(name = "holdfast", path = "../holdfast")
    load("@holdfast//third_party:repositories.bzl", "holdfast_repositories")
    holdfast_repositories(path = "../holdfast")
"""

load("//sut/tree:repository.bzl", "kernel_tree_repository")

_RULES = {
    "rules_java": "/usr/share/bazel/rules/java",
    "rules_proto": "/usr/share/bazel/rules/proto",
    "bazel_skylib": "/usr/share/bazel/tools/skylib",
    "platforms": "/usr/share/bazel/tools/platforms",
}

_STUBS = ["rules_cc", "remote_coverage_tools"]

# The path makes a missing package an error that names it.
_LIBRARIES = {
    "benchmark": "/usr/include/benchmark",
    "boost": "/usr/include/boost/graph",
    "boost_context": "/usr/include/boost/context",
    "cli11": "/usr/include/CLI",
    "fmt": "/usr/include/fmt",
    "googletest": "/usr/include/gtest",
    "json": "/usr/include/nlohmann",
    "rapidcheck": "/usr/include/rapidcheck",
    "valijson": "/usr/include/valijson",
    "xxhash": "/usr/share/doc/libxxhash-dev",
}

def holdfast_repositories(path = "."):
    """All of them. `path`: where Holdfast is, from this workspace or absolute."""
    for name, where in _RULES.items():
        native.local_repository(name = name, path = where)
    for name in _STUBS:
        native.local_repository(name = name, path = path + "/third_party/" + name)
    for name, where in _LIBRARIES.items():
        native.new_local_repository(name = name, build_file = "@holdfast//third_party:debian/%s.BUILD" % name, path = where)

    # The kernel tree that $HOLDFAST_KERNEL_TREE names, if it names one.
    kernel_tree_repository(name = "kernel_tree")
