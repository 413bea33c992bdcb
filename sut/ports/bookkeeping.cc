// A driver port that moves no hardware. One page for each object is preserved while the object's
// record is live, so a test can hold the records against KHO's bitmap. The suite tests a core with
// this port, and the port is fast.
//
// The pages are addresses only (sut/kernel/machine/machine.h): their contents do not count.
#include <linux/kexec_handover.h>

#include <cstring>

#include "model/layout.h"
#include "sut/kernel/binding.h"
#include "sut/kernel/machine/machine.h"
#include "sut/kernel/port.h"

namespace holdfast::kernel {
namespace {

struct folio* TableFolio(int page) { return reinterpret_cast<struct folio*>(PageAddress(page)); }

// The records' layout is the implementation's own: this code knows no struct of a record.
const Layout& Places() { return kBinding.layout; }

constexpr std::uint64_t kIntel = 1;  // a hw record's type

template <typename T, typename Record>
void Store(Record* record, std::uint32_t offset, T value) {
  std::memcpy(reinterpret_cast<std::byte*>(record) + offset, &value, sizeof(value));
}

// The vendor's part, at the end of a record, says where the table is. Some layouts have no such
// part.
template <typename Record>
void StoreVendorPart(Record* record, std::uint32_t from, std::uint32_t size, std::uint64_t table) {
  if (from + sizeof(table) <= size) Store(record, size - sizeof(table), table);
}

int Preserve(struct iommu_device* iommu, struct iommu_hw_ser* record) {
  const int page = IommuTablePage(iommu->index);
  Store(record, Places().hw_token, TokenOf(iommu->index));
  Store(record, Places().hw_type, kIntel);
  StoreVendorPart(record, Places().hw_type + 8, Places().hw, PhysicalOfPage(page));
  return kho_preserve_folio(TableFolio(page));
}

void Unpreserve(struct iommu_device* iommu, struct iommu_hw_ser*) {
  kho_unpreserve_folio(TableFolio(IommuTablePage(iommu->index)));
}

int PreserveDevice(struct device* device, struct iommu_device_ser* record) {
  const DeviceObject& object = ObjectOf(device);
  const int page = DeviceTablePage(object.index);
  if (object.attached != kNone)
    Store(record, Places().device_attachment_id, AttachmentId(object.attached));
  StoreVendorPart(record, Places().device_iommu_phys + 8, Places().device, PhysicalOfPage(page));
  return kho_preserve_folio(TableFolio(page));
}

void UnpreserveDevice(struct device* device, struct iommu_device_ser*) {
  kho_unpreserve_folio(TableFolio(DeviceTablePage(ObjectOf(device).index)));
}

int PreserveTable(struct pt_iommu* pt, struct iommu_domain_ser* record) {
  const int page = DomainTablePage(pt->domain.index);
  Store(record, Places().domain_top_table, PhysicalOfPage(page));
  Store(record, Places().domain_top_level, std::uint64_t{3});
  Store(record, Places().domain_vasz, std::uint32_t{48});
  return kho_preserve_folio(TableFolio(page));
}

void UnpreserveTable(struct pt_iommu* pt, struct iommu_domain_ser*) {
  kho_unpreserve_folio(TableFolio(DomainTablePage(pt->domain.index)));
}

constexpr struct iommu_ops kOps = {.preserve_device = PreserveDevice,
                                   .unpreserve_device = UnpreserveDevice,
                                   .preserve = Preserve,
                                   .unpreserve = Unpreserve};
constexpr struct pt_iommu_ops kPtOps = {.preserve = PreserveTable, .unpreserve = UnpreserveTable};

}  // namespace
}  // namespace holdfast::kernel

extern "C" const struct holdfast_port holdfast_port = {
    .ops = &holdfast::kernel::kOps,
    .pt_ops = &holdfast::kernel::kPtOps,
    .hardware = HOLDFAST_NO_HARDWARE,
    .probe = nullptr,
    .shutdown = nullptr,
    .probe_device = nullptr,
    .domain_alloc = nullptr,
    .map = nullptr,
    .attach = nullptr,
    .small_ids = false,
    .pci_aliases = false,
};
