"""Mutants for the tests of the environment and the searches: in no list for C++, in no report."""

load("//sut:defs.bzl", "CORE", "holdfast_sut")

_LIVEUPDATE = "@holdfast//sut/core:liveupdate.cc"
_DOMAIN = "  if (!pt || !pt->ops->preserve || !pt->ops->unpreserve) return -EOPNOTSUPP;\n"
_LOCKED_DOMAIN = "  guard(mutex)(&flb.get()->lock);\n  if (refuses_double && domain->preserved_state) return -EBUSY;\n"

_UNWIND_HW = "    mark_deleted(hw_ser);\n    return error;\n"
_COUNT_UP = "    iommu->outgoing_preserved_state->hdr.ref_count++;\n"
_PUBLISH = "  dev->iommu->device_ser = device_ser;\n#ifndef"
_NEW_DEVICE = "  iommu_device_ser* device_ser = alloc_record(flb.get()->curr_device_array);\n"
_DROP_IOMMU = "  dev->iommu->device_ser = nullptr;\n  unpreserve_iommu_locked(iommu, flb.get());\n"
_IS_DEAD = "[&](int back) { return device_ser[-back].hdr.flags & IOMMU_SER_FLAG_DELETED; }"

# Mutants with hidden state: the state shows in no record and no pointer, until it does harm.
_HIDING = {
    # In a static: after a failed hw preserve, references are no longer counted.
    "hides_after_hw_failure": [
        "int preserve_iommu_locked(",
        "bool failed_once;\n\nint preserve_iommu_locked(",
        _UNWIND_HW,
        "    failed_once = true;\n" + _UNWIND_HW,
        _COUNT_UP,
        "    if (!failed_once) iommu->outgoing_preserved_state->hdr.ref_count++;\n",
    ],
    # In a static for each device: the sixth unpreserve of a device does not let the IOMMU go.
    "hides_until_the_sixth": [
        _DROP_IOMMU,
        "  dev->iommu->device_ser = nullptr;\n  static int calls[16];\n" +
        "  if (++calls[(to_pci_dev(dev)->devfn >> 3) & 15] != 6) unpreserve_iommu_locked(iommu, flb.get());\n",
    ],
    # In the last byte of the page of device records: after a failed hw preserve, the next device
    # is refused.
    "hides_behind_the_records": [
        _UNWIND_HW,
        "    reinterpret_cast<char*>(flb->curr_device_array)[PAGE_SIZE - 1] = 1;\n" + _UNWIND_HW,
        _NEW_DEVICE,
        "  if (reinterpret_cast<char*>(flb.get()->curr_device_array)[PAGE_SIZE - 1]) return -EIO;\n" + _NEW_DEVICE,
    ],
    # In DELETED records: after two DELETED records in a row, no device is preserved.
    "hides_in_dead_records": [
        _NEW_DEVICE,
        _NEW_DEVICE + "  const auto dead = " + _IS_DEAD + ";\n" +
        "  if (!IS_ERR(device_ser) && flb.get()->curr_device_array->hdr.nr_objects > 2 && dead(1) && dead(2)) {\n" +
        "    mark_deleted(device_ser);\n    return -EIO;\n  }\n",
    ],
    # As before, but the mutant only remembers the two records.
    "remembers_dead_records": [
        _NEW_DEVICE,
        _NEW_DEVICE + "  const auto dead = " + _IS_DEAD + ";\n  static volatile bool seen;\n" +
        "  if (!IS_ERR(device_ser) && flb.get()->curr_device_array->hdr.nr_objects > 2 && dead(1) && dead(2)) seen = true;\n  (void)seen;\n",
    ],
    # Leaks an object of the heap for each domain that is unpreserved.
    "leaks_an_object": [
        "  pt->ops->unpreserve(pt, domain_ser);\n",
        "  (void)kzalloc(16, GFP_KERNEL);\n  pt->ops->unpreserve(pt, domain_ser);\n",
    ],
    # No hidden state: the fourth live device loses its IOMMU's record.
    "needs_four_devices": [
        _PUBLISH,
        "  int live = 0;\n  for (u64 i = 0; i < flb.get()->curr_device_array->hdr.nr_objects; ++i) {\n" +
        "    live += !(flb.get()->curr_device_array->objects[i].hdr.flags & IOMMU_SER_FLAG_DELETED);\n  }\n" +
        "  if (live == 4) device_ser->domain_iommu_ser.iommu_phys = 0;\n" + _PUBLISH,
    ],
}

# Each is caught by a Finding, or contained in the process.
_FAULTY = {
    # The third domain in a kernel's life is refused.
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

# Mutants that end the process or hang it: only a child process contains them.
_HEADERS = [
    "#include <linux/slab.h>\n",
    "#include <linux/slab.h>\n" + "".join(["#include <%s.h>\n" % header for header in ["pthread", "signal", "stdlib", "string", "unistd"]]),
]
_FATAL = {
    "aborting": "abort();",
    "exiting": "exit(0);",
    "signalled": "kill(getpid(), SIGKILL);",
    "smashing": "char* volatile p = static_cast<char*>(malloc(24)); for (int i = 0; i < 64 << 20; ++i) p[i] = 0x41;",
    "overflowing": "char* volatile p = static_cast<char*>(alloca(64 << 20)); for (int i = 0; i < 64 << 20; ++i) p[i] = 0x41;",
    "deaf_loop": "sigset_t all; sigfillset(&all); sigprocmask(SIG_BLOCK, &all, nullptr); for (volatile bool forever = true; forever;) {}",
    "deadlocking": "pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; pthread_mutex_lock(&mutex); pthread_mutex_lock(&mutex);",
}

# Those of them that also come late, with the third live device: a search has many states by then,
# and shares them out among its processes.
_DEEP = ["aborting", "exiting", "deaf_loop", "deadlocking"]
_AT_THREE_DEVICES = "  int live = 0;\n  for (u64 i = 0; i < flb.get()->curr_device_array->hdr.nr_objects; ++i) {\n" + \
                    "    live += !(flb.get()->curr_device_array->objects[i].hdr.flags & IOMMU_SER_FLAG_DELETED);\n  }\n" + \
                    "  if (live == 3) { %s }\n"

def faulty_implementations():
    edits_of = dict(_FAULTY.items() + _HIDING.items())
    for name, code in _FATAL.items():
        edits_of[name] = _HEADERS + [_DOMAIN, _DOMAIN + "  " + code + "\n"]
    for name in _DEEP:
        edits_of["deep_" + name] = _HEADERS + [_PUBLISH, _AT_THREE_DEVICES % _FATAL[name] + _PUBLISH]
    for name, edits in edits_of.items():
        holdfast_sut(
            name = name,
            testonly = True,
            srcs = CORE,
            edits = {_LIVEUPDATE: edits},
        )

    native.filegroup(
        name = "faulty",
        testonly = True,
        srcs = [name + ".so" for name in _FAULTY.keys() + _FATAL.keys()] +
               ["deep_%s.so" % name for name in _DEEP],
    )

    native.filegroup(
        name = "hiding",
        testonly = True,
        srcs = [name + ".so" for name in _HIDING],
    )
