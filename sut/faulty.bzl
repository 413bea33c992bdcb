"""Faulty implementations for the tests of the environment: the core with an edit, each caught by one Finding or containment."""

load(":defs.bzl", "holdfast_sut")

_CORE = "//sut/core:liveupdate.cc"
_DOMAIN = "  if (!pt || !pt->ops->preserve || !pt->ops->unpreserve) return -EOPNOTSUPP;\n"
_LOCKED_DOMAIN = "  guard(mutex)(&flb.get()->lock);\n  if (refuses_double && domain->preserved_state) return -EBUSY;\n"

_FAULTY = {
    # A third domain in a kernel's life is refused.
    "counting": [_DOMAIN, _DOMAIN + "  static int calls;\n  if (++calls > 2) return -EIO;\n"],
    "leaking_lock": [_LOCKED_DOMAIN, "  mutex_lock(&flb.get()->lock);\n"],
    "no_lock": [_LOCKED_DOMAIN, ""],
    "eager_out": [_DOMAIN, _DOMAIN + "  *ser = nullptr;\n"],
    "unfreed_object": [
        "  release_all(flb, kho_unpreserve_free);\n  mutex_destroy(&flb->lock);\n  kfree(flb);\n",
        "  release_all(flb, kho_unpreserve_free);\n",
    ],
    # Breaks the contract with the driver at each of the four ops.
    "careless": [
        "  if (const int error = iommu->ops->preserve(iommu, hw_ser)) {\n",
        "  iommu->outgoing_preserved_state = hw_ser;\n  hw_ser->type = 1;\n" +
        "  if (const int error = iommu->ops->preserve(iommu, hw_ser)) {\n",
        "  iommu->outgoing_preserved_state = nullptr;\n  iommu->ops->unpreserve(iommu, hw_ser);\n",
        "  iommu->ops->unpreserve(iommu, hw_ser);\n  iommu->outgoing_preserved_state = nullptr;\n",
        "  mark_deleted(device_ser);\n  iommu->ops->unpreserve_device(dev, device_ser);\n",
        "  iommu->ops->unpreserve_device(dev, device_ser);\n  mark_deleted(device_ser);\n",
    ],
    "looping": [_DOMAIN, "  volatile bool forever = true;\n  while (forever) {\n  }\n" + _DOMAIN],
    "recursing": [
        _DOMAIN,
        "  volatile char frame[256] = {};\n  if (domain && iommu_preserve_domain(domain, ser) > 0) return frame[8];\n" + _DOMAIN,
    ],
}

# What ends the process, or keeps it, and only a child contains.
_HEADERS = [
    "#include <linux/slab.h>\n",
    "#include <linux/slab.h>\n" + "".join(["#include <%s.h>\n" % header for header in ["pthread", "signal", "stdlib", "string", "unistd"]]),
]
_FATAL = {
    "aborting": "abort();",
    "exiting": "exit(0);",
    "signalled": "kill(getpid(), SIGKILL);",
    "smashing": "char* volatile p = static_cast<char*>(malloc(24)); for (int i = 0; i < 1 << 16; ++i) p[i] = 0x41;",
    "overflowing": "char* volatile p = static_cast<char*>(alloca(64 << 20)); for (int i = 0; i < 64 << 20; ++i) p[i] = 0x41;",
    "deaf_loop": "sigset_t all; sigfillset(&all); sigprocmask(SIG_BLOCK, &all, nullptr); for (volatile bool forever = true; forever;) {}",
    "deadlocking": "pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; pthread_mutex_lock(&mutex); pthread_mutex_lock(&mutex);",
}

def faulty_implementations():
    edits_of = dict(_FAULTY)
    for name, code in _FATAL.items():
        edits_of[name] = _HEADERS + [_DOMAIN, _DOMAIN + "  " + code + "\n"]
    for name, edits in edits_of.items():
        holdfast_sut(
            name = name,
            testonly = True,
            srcs = [_CORE, "//sut/core:iommu.cc"],
            edits = {_CORE: edits},
            visibility = ["//visibility:private"],
        )

    native.filegroup(
        name = "faulty",
        testonly = True,
        srcs = [name + ".so" for name in _FAULTY.keys() + _FATAL.keys()],
        visibility = ["//cli:__pkg__"],
    )

# Objects that are no implementations: the entry's symbol, and an assignment to the entry.
_ODD = {
    "symbol": ("some_other_symbol", "version = 1"),
    "magic": ("holdfast_sut_entry", "magic = 1"),
    "version": ("holdfast_sut_entry", "version = 1"),
    "state": ("holdfast_sut_entry", "state_size = 1"),
    "outcome": ("holdfast_sut_entry", "outcome_size = 1"),
    "make": ("holdfast_sut_entry", "make = nullptr"),
    "nothing": ("holdfast_sut_entry", "magic = holdfast::kSutMagic"),
}

def odd_objects():
    for name, (symbol, change) in _ODD.items():
        native.cc_binary(
            name = "odd_%s.so" % name,
            testonly = True,
            srcs = ["odd_entry.cc"],
            local_defines = ["HOLDFAST_ODD_SYMBOL=" + symbol, "HOLDFAST_ODD='%s'" % change],
            linkshared = True,
            visibility = ["//visibility:private"],
            deps = [":module_interface"],
        )

    native.filegroup(
        name = "odd",
        testonly = True,
        srcs = ["odd_%s.so" % name for name in _ODD],
    )
