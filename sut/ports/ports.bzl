"""The driver ports with hardware of their own, each in every mode that it has."""

VTD = ["//sut/ports/vtd:" + file for file in [
    "context.c",
    "domain_id.c",
    "iommu.h",
    "paging.c",
    "pasid.c",
    "pasid.h",
    "unit.c",
]]

# The part that a driver of a kernel tree replaces (sut/tree/driver), and its header.
VTD_LIVE_UPDATE = ["//sut/ports/vtd:" + file for file in [
    "live_update.h",
    "preserve.c",
    "restore_device.c",
    "restore_unit.c",
    "shutdown.c",
]]

SMMUV3 = ["//sut/ports/smmuv3:" + file for file in [
    "arm-smmu-v3.h",
    "attach.c",
    "context.c",
    "id.c",
    "kexec.c",
    "paging.c",
    "stream.c",
    "unit.c",
]]
SMMUV3_LIVE_UPDATE = ["//sut/ports/smmuv3:" + file for file in [
    "live_update.h",
    "preserve.c",
    "restore_device.c",
    "restore_unit.c",
    "shutdown.c",
]]

PORTS = [
    struct(name = "vtd_legacy", srcs = VTD + VTD_LIVE_UPDATE, defines = [], profile = "v3"),
    struct(name = "vtd_scalable", srcs = VTD + VTD_LIVE_UPDATE, defines = ["VTD_SCALABLE"], profile = "v3"),
    struct(name = "vtd_first", srcs = VTD + VTD_LIVE_UPDATE, defines = ["VTD_SCALABLE", "VTD_FIRST_STAGE"], profile = "v5"),
    struct(name = "smmuv3_stage1", srcs = SMMUV3 + SMMUV3_LIVE_UPDATE, defines = [], profile = "v5"),
    struct(name = "smmuv3_substreams", srcs = SMMUV3 + SMMUV3_LIVE_UPDATE, defines = ["SMMUV3_TWO_LEVEL_CDS"], profile = "v5"),
    struct(name = "smmuv3_linear", srcs = SMMUV3 + SMMUV3_LIVE_UPDATE, defines = ["SMMUV3_LINEAR"], profile = "v5"),
    struct(name = "smmuv3_stage2", srcs = SMMUV3 + SMMUV3_LIVE_UPDATE, defines = ["SMMUV3_STAGE_2"], profile = "v5"),
]
