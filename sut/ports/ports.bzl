"""The driver ports with hardware of their own, each in every mode that it has."""

VTD = ["//sut/ports/vtd:" + file for file in ["context.c", "paging.c", "preserve.c", "unit.c", "vtd.h"]]

PORTS = [
    struct(name = "vtd_legacy", srcs = VTD, defines = [], profile = "v3"),
    struct(name = "vtd_scalable", srcs = VTD, defines = ["VTD_SCALABLE"], profile = "v3"),
    struct(name = "vtd_first", srcs = VTD, defines = ["VTD_SCALABLE", "VTD_FIRST_STAGE"], profile = "v5"),
]
