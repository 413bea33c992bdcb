// A layout: where each field is in the records that one kernel leaves to the next. The layout is
// the ABI between the two kernels.
//
// A part after the last field here shows in the record's size alone. Such parts are the vendor part
// of a hw or device record, and the packing of sign_extend.
#ifndef HOLDFAST_MODEL_LAYOUT_H_
#define HOLDFAST_MODEL_LAYOUT_H_

#include <cstdint>
#include <string>

namespace holdfast {

// Sizes and offsets in bytes. All records are packed. The default offsets are v3's; the default
// size of each record is 0.
struct Layout {
  static constexpr std::uint32_t kNoField = 0xffff;

  std::uint32_t page = 4096;
  std::uint32_t array_header = 16;
  std::uint32_t hw = 0;
  std::uint32_t domain = 0;
  std::uint32_t device = 0;
  std::uint32_t flb = 0;

  // In the header of every record; `flags` is the byte that begins with DELETED and INCOMING.
  std::uint32_t ref_count = 0, flags = 4;
  // In the header of every page.
  std::uint32_t next_array_phys = 0, nr_objects = 8;
  std::uint32_t hw_token = 8, hw_type = 16;
  std::uint32_t domain_top_table = 8, domain_top_level = 16, domain_vasz = 24;
  std::uint32_t device_devid = 8, device_pci_domain_nr = 12, device_token = kNoField;
  std::uint32_t device_attachment_id = 16, device_domain_phys = 24, device_iommu_phys = 32;
  // In the top record.
  std::uint32_t version = kNoField, hw_chain = 0, domain_chain = 8, device_chain = 16;

  constexpr std::uint32_t Capacity(std::uint32_t record) const {
    return record ? (page - array_header) / record : 0;
  }
  constexpr std::uint32_t hw_capacity() const { return Capacity(hw); }  // slots a page
  constexpr std::uint32_t domain_capacity() const { return Capacity(domain); }
  constexpr std::uint32_t device_capacity() const { return Capacity(device); }
  bool operator==(const Layout&) const = default;
};

// True if every field of the core is where it was, and only the end of a record differs: another
// vendor part of a hw or device record, or another padding of a domain's.
bool OnlyEndsDiffer(const Layout& layout, const Layout& other);

// How many sizes and offsets differ.
int Distance(const Layout& layout, const Layout& other);

// The sizes and offsets of `layout` that differ from `other`: "sizeof(iommu_device_ser)=64
// iommu_device_ser.devid=16". A missing field is `-`.
std::string PrintDifference(const Layout& layout, const Layout& other);

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_LAYOUT_H_
