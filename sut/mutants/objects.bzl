"""Objects of an implementation or a port with edits.

A source that an object does not edit is compiled once for each profile or port: an object costs its
edit, one source, which also defines the object's name, and a link.
"""

load("//sut:defs.bzl", "ACCESS_COPTS", "PROFILE_DEFINES", "SUT_COPTS", "SUT_DEPS", "SUT_LINKOPTS", "plant")
load("//sut/ports:ports.bzl", "PORTS")

LIVEUPDATE = "//sut/core:liveupdate.cc"
WALK = "//sut/core:iommu.cc"
_BINDING = "//sut/kernel:binding.cc"
_NAME = "//sut/kernel:name_here.h"

PORTS_BY_NAME = {port.name: port for port in PORTS}

# The port that moves no hardware, under the core of each profile.
NO_PORTS = {
    profile: struct(name = profile, srcs = ["//sut/ports:bookkeeping.cc"], defines = [], profile = profile)
    for profile in ["v3", "v5"]
}

def _stem(source):
    return source.split(":")[-1].replace(".", "_")

# A port that moves no hardware has no accesses to watch.
def _copts(port):
    return [] if port in NO_PORTS.values() else ACCESS_COPTS

def _headers(port):
    return [src for src in port.srcs if src.endswith(".h")]

# The libraries of an object, by source. The core is the same under all ports of a profile.
def _libraries(port):
    libraries = {
        source: struct(
            name = "%s_%s" % (port.profile, _stem(source)),
            srcs = [source],
            copts = [],
            defines = [],
            profile = port.profile,
        )
        for source in [WALK, LIVEUPDATE, _BINDING]
    }
    for source in port.srcs:
        if not source.endswith(".h"):
            libraries[source] = struct(
                name = "%s_%s" % (port.name, _stem(source)),
                srcs = [source] + _headers(port),
                copts = _copts(port),
                defines = port.defines,
                profile = port.profile,
            )
    return libraries

def shared_libraries():
    """What the objects share."""
    libraries = {}
    for port in NO_PORTS.values() + PORTS:
        libraries.update({library.name: library for library in _libraries(port).values()})
    for name, library in libraries.items():
        native.cc_library(
            name = name,
            srcs = library.srcs,
            copts = SUT_COPTS + library.copts,
            local_defines = PROFILE_DEFINES[library.profile] + library.defines +
                            ['HOLDFAST_SUT_PROFILE=\\"%s\\"' % library.profile],
            deps = SUT_DEPS,
            alwayslink = True,
        )

def edited_object(row, kind, testonly = False):
    """The object of a row: its port, its source, its edits. `kind`.NAME is the name in reports."""
    port = row.port
    source = "%s_source.%s" % (row.name, row.source.split(".")[-1])
    plant(
        name = row.name,
        src = row.source,
        out = source,
        edits = row.edits,
        function = row.function,
    )
    native.cc_binary(
        name = row.name + ".so",
        testonly = testonly,
        srcs = [source, _NAME] + _headers(port),
        # A warning may well be what finds a row.
        copts = SUT_COPTS + (_copts(port) if row.source in port.srcs else []) +
                getattr(row, "copts", []) + ["-w", "-include", "sut/kernel/name_here.h"],
        linkopts = SUT_LINKOPTS,
        linkshared = True,
        local_defines = PROFILE_DEFINES[port.profile] + port.defines + ['HOLDFAST_SUT_NAME=\\"%s.%s\\"' % (kind, row.name)],
        deps = SUT_DEPS + [
            library.name
            for src, library in _libraries(port).items()
            if src != row.source
        ],
        tags = ["manual"],  # built with the list: all, or the sample
    )

def _list_impl(ctx):
    out = ctx.actions.declare_file(ctx.attr.name + ".cc")
    ctx.actions.write(out, "\n".join(ctx.attr.lines) + "\n")
    return [DefaultInfo(files = depset([out]))]

# A C++ source of these lines.
source_list = rule(
    implementation = _list_impl,
    attrs = {"lines": attr.string_list()},
)

def text(text):
    """The text as a C++ string literal."""
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')
