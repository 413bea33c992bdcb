// The fields whose places are fixed. Three users expand the list: the comparison of layouts
// (model/layout.cc), the reader of an implementation's header (sut/kernel/binding.cc), and the
// reader of a kernel tree's header (sut/tree/interface.c, which is C).
//
// X(member of Layout, record, field of the record). The list leaves out the fields that a layout
// may lack: flags, a device's dma_owner_token, the top record's version.
#ifndef HOLDFAST_MODEL_LAYOUT_FIELDS_H_
#define HOLDFAST_MODEL_LAYOUT_FIELDS_H_

#define HOLDFAST_LAYOUT_FIELDS(X)                                           \
  X(ref_count, iommu_hdr_ser, ref_count)                                    \
  X(next_array_phys, iommu_array_hdr_ser, next_array_phys)                  \
  X(nr_objects, iommu_array_hdr_ser, nr_objects)                            \
  X(hw_token, iommu_hw_ser, token)                                          \
  X(hw_type, iommu_hw_ser, type)                                            \
  X(domain_top_table, iommu_domain_ser, top_table_phys)                     \
  X(domain_top_level, iommu_domain_ser, top_level)                          \
  X(domain_vasz, iommu_domain_ser, vasz)                                    \
  X(device_devid, iommu_device_ser, devid)                                  \
  X(device_pci_domain_nr, iommu_device_ser, pci_domain_nr)                  \
  X(device_attachment_id, iommu_device_ser, domain_iommu_ser.attachment_id) \
  X(device_domain_phys, iommu_device_ser, domain_iommu_ser.domain_phys)     \
  X(device_iommu_phys, iommu_device_ser, domain_iommu_ser.iommu_phys)       \
  X(hw_chain, iommu_flb_ser, iommu_array_phys)                              \
  X(domain_chain, iommu_flb_ser, iommu_domain_array_phys)                   \
  X(device_chain, iommu_flb_ser, device_array_phys)

// X(member of Layout, record): sizes.
#define HOLDFAST_LAYOUT_SIZES(X)       \
  X(array_header, iommu_array_hdr_ser) \
  X(hw, iommu_hw_ser)                  \
  X(domain, iommu_domain_ser)          \
  X(device, iommu_device_ser)          \
  X(flb, iommu_flb_ser)

#endif  // HOLDFAST_MODEL_LAYOUT_FIELDS_H_
