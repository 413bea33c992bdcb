"""The driver ports with hardware of their own, each in every mode that it has."""

VTD = ["//sut/ports/vtd:" + file for file in ["context.c", "paging.c", "preserve.c", "unit.c", "vtd.h"]]
SMMUV3 = ["//sut/ports/smmuv3:" + file for file in ["attach.c", "paging.c", "preserve.c", "smmuv3.h", "stream.c", "unit.c"]]

PORTS = [
    struct(name = "vtd_legacy", srcs = VTD, defines = [], profile = "v3"),
    struct(name = "vtd_scalable", srcs = VTD, defines = ["VTD_SCALABLE"], profile = "v3"),
    struct(name = "vtd_first", srcs = VTD, defines = ["VTD_SCALABLE", "VTD_FIRST_STAGE"], profile = "v5"),
    struct(name = "smmuv3_stage1", srcs = SMMUV3, defines = [], profile = "v5"),
    struct(name = "smmuv3_substreams", srcs = SMMUV3, defines = ["SMMUV3_TWO_LEVEL_CDS"], profile = "v5"),
    struct(name = "smmuv3_linear", srcs = SMMUV3, defines = ["SMMUV3_LINEAR"], profile = "v5"),
    struct(name = "smmuv3_stage2", srcs = SMMUV3, defines = ["SMMUV3_STAGE_2"], profile = "v5"),
]
