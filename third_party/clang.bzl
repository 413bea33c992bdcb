"""A C++ toolchain for clang beside the default one for gcc: both keep their outputs."""

load("@bazel_tools//tools/cpp:lib_cc_configure.bzl", "get_cpu_value")
load("@bazel_tools//tools/cpp:unix_cc_configure.bzl", "configure_unix_toolchain")

def _clang_toolchain_impl(repository_ctx):
    # The layering check knows the system's headers from a list made here: make it anew when the
    # packages change.
    repository_ctx.path(Label("//:packages.txt"))
    clang = repository_ctx.which("clang")
    if clang == None:
        fail("clang is missing: run third_party/install")
    configure_unix_toolchain(repository_ctx, get_cpu_value(repository_ctx), {"gcc": str(clang)})

clang_toolchain = repository_rule(
    implementation = _clang_toolchain_impl,
    configure = True,
)
