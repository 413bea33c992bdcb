"""Mutants that trust the image of the kernel before. Each conforms as long as the image is sound; a
damaged image shows them (properties/search/damaged_image.h). In no list for C++."""

load("//sut:defs.bzl", "CORE", "holdfast_sut")

_LIVEUPDATE = "@holdfast//sut/core:liveupdate.cc"
_BOUND = "    BUG_ON(page->hdr.nr_objects > capacity_of<Array>);\n"
_FIND_DOMAIN = "  iommu_domain_ser* domain_ser = find_record<iommu_domain_array_ser>(\n" + \
               "      flb.get()->ser->iommu_domain_array_phys, [&](const iommu_domain_ser* ser) {\n" + \
               "        return virt_to_phys(ser) == device_ser->domain_iommu_ser.domain_phys;\n      });\n"
_HEADERS = "#include <linux/slab.h>\n"

_TRUSTING = {
    # The address in a device's record is that of a domain's record.
    "trusts_domain_address": [
        _FIND_DOMAIN,
        "  auto* domain_ser = static_cast<iommu_domain_ser*>(phys_to_virt(device_ser->domain_iommu_ser.domain_phys));\n",
    ],
    # No page has more records than fit.
    "trusts_count": [_BOUND, ""],
    # A pointer in a record is one of this kernel.
    "trusts_restored_domain": [
        "{ return ser->restored_domain = nullptr, false; }",
        "{ return !ser; }",
    ],
    # A link leads to a page that came over, and no chain is a cycle.
    "trusts_link": ["BUG_ON(!kho_restore_folio(phys));", "kho_restore_folio(phys);"],
    # A count that is too large ends the process.
    "dies_of_count": [
        _HEADERS,
        _HEADERS + "#include <stdlib.h>\n",
        _BOUND,
        "    if (page->hdr.nr_objects > capacity_of<Array>) abort();\n",
    ],
}

def trusting_mutants():
    """An object for each, and a list of files."""
    for name, edits in _TRUSTING.items():
        holdfast_sut(
            name = name,
            testonly = True,
            srcs = CORE,
            edits = {_LIVEUPDATE: edits},
        )
    native.filegroup(
        name = "trusting",
        testonly = True,
        srcs = [name + ".so" for name in _TRUSTING],
    )
