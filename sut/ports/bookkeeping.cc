#include "sut/ports/bookkeeping.h"

#include <linux/kexec_handover.h>

#include <array>
#include <cstring>

#include "model/layout.h"
#include "sut/kernel/binding.h"
#include "sut/kernel/call.h"
#include "sut/kernel/locks.h"
#include "sut/kernel/machine.h"
#include "sut/kernel/records.h"

namespace holdfast::bookkeeping {
namespace {

using namespace holdfast::kernel;

struct folio* TableFolio(int page) { return reinterpret_cast<struct folio*>(PageAddress(page)); }

// One call of an op, from its start to its end. The slot's number is taken at the start.
class OpCall {
 public:
  OpCall(Op op, std::uint8_t object, Chain chain, const void* record)
      : call_{op, object, FindSlot(kBinding.layout, chain, record), 0} {
    if (g_call->in_op) Find(Finding::kOpReentered);
    if (!HoldsFlbLock()) Find(Finding::kOpWithoutLock);
    g_call->in_op = true;
  }

  // Passes the fault site of a preserve op.
  int Pass(FaultSite site) {
    call_.result = static_cast<std::int16_t>(PassFault(site));
    return call_.result;
  }

  int End() {
    g_call->in_op = false;
    g_call->outcome->AddCall(call_);
    return call_.result;
  }

 private:
  DriverCall call_;
};

// The records' layout is the implementation's: this code knows no struct of theirs.
const Layout& Places() { return kBinding.layout.sizes; }

constexpr std::uint64_t kIntel = 1;  // a hw record's type

template <typename T, typename Record>
void Store(Record* record, std::uint32_t offset, T value) {
  std::memcpy(reinterpret_cast<std::byte*>(record) + offset, &value, sizeof(value));
}

template <typename T, typename Record>
T LoadFrom(const Record* record, std::uint32_t offset) {
  return Load<T>(reinterpret_cast<const std::byte*>(record), offset);
}

template <typename Record>
bool IsDeleted(const Record* record) {
  return LoadFrom<std::uint32_t>(record, Places().flags) & kBinding.layout.deleted_flag;
}

// The vendor's part, at the end of a record, holds where the table is; some layouts have no such part.
template <typename Record>
void StoreVendorPart(Record* record, std::uint32_t from, std::uint32_t size, std::uint64_t table) {
  if (from + sizeof(table) <= size) Store(record, size - sizeof(table), table);
}

// A record is new if it has one reference, no flag, and is zero in [from, size).
template <typename Record>
void ExpectNew(const Record* record, std::uint32_t from, std::uint32_t size) {
  const std::uint32_t flags = kBinding.layout.deleted_flag | kBinding.layout.incoming_flag;
  bool clean = LoadFrom<std::uint32_t>(record, Places().ref_count) == 1 &&
               (LoadFrom<std::uint32_t>(record, Places().flags) & flags) == 0;
  static constexpr unsigned char kZeros[PAGE_SIZE] = {};
  const unsigned char* bytes = reinterpret_cast<const unsigned char*>(record);
  clean = clean && std::memcmp(bytes + from, kZeros, size - from) == 0;
  if (!clean) Find(Finding::kDirtySlot);
}

int Preserve(struct iommu_device* iommu, struct iommu_hw_ser* record) {
  const int index = ObjectOf(iommu).index;
  OpCall call(Op::kIommuPreserve, ObjectOf(iommu).index, Chain::kHw, record);
  ExpectNew(record, Places().hw_token, Places().hw);
  if (iommu->outgoing_preserved_state) Find(Finding::kPublishedEarly);
  if (call.Pass(FaultSite::kIommuPreserve) == 0) {
    Store(record, Places().hw_token, TokenOf(index));
    Store(record, Places().hw_type, kIntel);
    StoreVendorPart(record, Places().hw_type + 8, Places().hw, PhysicalOfPage(IommuTablePage(index)));
    kho_preserve_folio(TableFolio(IommuTablePage(index)));
  }
  return call.End();
}

void Unpreserve(struct iommu_device* iommu, struct iommu_hw_ser* record) {
  OpCall call(Op::kIommuUnpreserve, ObjectOf(iommu).index, Chain::kHw, record);
  if (iommu->outgoing_preserved_state) Find(Finding::kWithdrawnLate);
  kho_unpreserve_folio(TableFolio(IommuTablePage(ObjectOf(iommu).index)));
  call.End();
}

int PreserveDevice(struct device* device, struct iommu_device_ser* record) {
  const DeviceObject& object = ObjectOf(device);
  OpCall call(Op::kIommuPreserveDevice, object.index, Chain::kDevice, record);
  // The core has filled in what comes before.
  const std::uint32_t vendor_part = Places().device_iommu_phys + 8;
  ExpectNew(record, vendor_part, Places().device);
  if (LoadFrom<std::uint64_t>(record, Places().device_attachment_id) != 0) Find(Finding::kDirtySlot);
  const bool filled = LoadFrom<std::uint32_t>(record, Places().device_devid) != 0 &&
                      LoadFrom<std::uint64_t>(record, Places().device_domain_phys) != 0 &&
                      LoadFrom<std::uint64_t>(record, Places().device_iommu_phys) != 0;
  if (!filled) Find(Finding::kDirtySlot);
  if (call.Pass(FaultSite::kIommuPreserveDevice) == 0) {
    if (object.attached != kNone) Store(record, Places().device_attachment_id, AttachmentId(object.attached));
    StoreVendorPart(record, vendor_part, Places().device, PhysicalOfPage(DeviceTablePage(object.index)));
    kho_preserve_folio(TableFolio(DeviceTablePage(object.index)));
  }
  return call.End();
}

void UnpreserveDevice(struct device* device, struct iommu_device_ser* record) {
  const DeviceObject& object = ObjectOf(device);
  OpCall call(Op::kIommuUnpreserveDevice, object.index, Chain::kDevice, record);
  if (!IsDeleted(record)) Find(Finding::kSlotNotDeleted);
  kho_unpreserve_folio(TableFolio(DeviceTablePage(object.index)));
  call.End();
}

int PreserveTableOf(const DomainObject& object, struct iommu_domain_ser* record) {
  OpCall call(Op::kPtPreserve, object.index, Chain::kDomain, record);
  ExpectNew(record, Places().domain_top_table, Places().domain);
  if (call.Pass(FaultSite::kPtPreserve) == 0) {
    Store(record, Places().domain_top_table, PhysicalOfPage(DomainTablePage(object.index)));
    Store(record, Places().domain_top_level, std::uint64_t{3});
    Store(record, Places().domain_vasz, std::uint32_t{48});
    kho_preserve_folio(TableFolio(DomainTablePage(object.index)));
  }
  return call.End();
}

void UnpreserveTableOf(const DomainObject& object, struct iommu_domain_ser* record) {
  OpCall call(Op::kPtUnpreserve, object.index, Chain::kDomain, record);
  // As a port does, which finds in it what it has to release.
  READ_ONCE(*(reinterpret_cast<const std::uint8_t*>(record) + Places().flags));
  kho_unpreserve_folio(TableFolio(DomainTablePage(object.index)));
  call.End();
}

int PreserveTable(struct pt_iommu* pt, struct iommu_domain_ser* record) {
  return PreserveTableOf(ObjectOf(pt), record);
}
void UnpreserveTable(struct pt_iommu* pt, struct iommu_domain_ser* record) { UnpreserveTableOf(ObjectOf(pt), record); }

int PreserveDomain(struct iommu_domain* domain, struct iommu_domain_ser* record) {
  return PreserveTableOf(ObjectOf(iommupt_from_domain(domain)), record);
}
void UnpreserveDomain(struct iommu_domain* domain, struct iommu_domain_ser* record) {
  UnpreserveTableOf(ObjectOf(iommupt_from_domain(domain)), record);
}

constexpr int kIommuMasks = 1 << 4;  // the four ops are the first four bits
static_assert(OpBit(Op::kIommuUnpreserveDevice) == kIommuMasks >> 1);

constexpr std::array<struct iommu_ops, kIommuMasks> kIommuOps = [] {
  std::array<struct iommu_ops, kIommuMasks> tables{};
  for (unsigned missing = 0; missing < kIommuMasks; ++missing) {
    struct iommu_ops& ops = tables[missing];
    if (!(missing & OpBit(Op::kIommuPreserve))) ops.preserve = Preserve;
    if (!(missing & OpBit(Op::kIommuUnpreserve))) ops.unpreserve = Unpreserve;
    if (!(missing & OpBit(Op::kIommuPreserveDevice))) ops.preserve_device = PreserveDevice;
    if (!(missing & OpBit(Op::kIommuUnpreserveDevice))) ops.unpreserve_device = UnpreserveDevice;
  }
  return tables;
}();

constexpr std::array<struct pt_iommu_ops, 4> kPtOps = {{
    {.preserve = PreserveTable, .unpreserve = UnpreserveTable},
    {.preserve = nullptr, .unpreserve = UnpreserveTable},
    {.preserve = PreserveTable, .unpreserve = nullptr},
    {.preserve = nullptr, .unpreserve = nullptr},
}};

constexpr std::array<struct iommu_domain_ops, 4> kDomainOps = {{
    {.preserve = PreserveDomain, .unpreserve = UnpreserveDomain, .restore = nullptr},
    {.preserve = nullptr, .unpreserve = UnpreserveDomain, .restore = nullptr},
    {.preserve = PreserveDomain, .unpreserve = nullptr, .restore = nullptr},
    {.preserve = nullptr, .unpreserve = nullptr, .restore = nullptr},
}};

unsigned DomainMask(std::uint8_t missing) {
  return ((missing & OpBit(Op::kPtPreserve)) ? 1u : 0u) | ((missing & OpBit(Op::kPtUnpreserve)) ? 2u : 0u);
}

}  // namespace

const struct iommu_ops* IommuOps(std::uint8_t missing) { return &kIommuOps[missing % kIommuMasks]; }

const struct pt_iommu_ops* PtOps(std::uint8_t missing) { return &kPtOps[DomainMask(missing)]; }
const struct iommu_domain_ops* DomainOps(std::uint8_t missing) { return &kDomainOps[DomainMask(missing)]; }

}  // namespace holdfast::bookkeeping
