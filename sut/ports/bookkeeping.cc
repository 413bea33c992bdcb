#include "sut/ports/bookkeeping.h"

#include <linux/kexec_handover.h>
#include <linux/kho/abi/iommu.h>

#include <array>
#include <cstring>

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

// A record is new if it has one reference and is zero from `from` on.
template <typename Record>
void ExpectNew(const Record* record, std::size_t from) {
  static constexpr unsigned char kZeros[sizeof(Record)] = {};
  const unsigned char* bytes = reinterpret_cast<const unsigned char*>(record);
  const bool clean = record->hdr.ref_count == 1 && record->hdr.flags == 0 &&
                     std::memcmp(bytes + from, kZeros, sizeof(Record) - from) == 0;
  if (!clean) Find(Finding::kDirtySlot);
}

int Preserve(struct iommu_device* iommu, struct iommu_hw_ser* record) {
  const int index = ObjectOf(iommu).index;
  OpCall call(Op::kIommuPreserve, ObjectOf(iommu).index, Chain::kHw, record);
  ExpectNew(record, sizeof(record->hdr));
  if (iommu->outgoing_preserved_state) Find(Finding::kPublishedEarly);
  if (call.Pass(FaultSite::kIommuPreserve) == 0) {
    record->token = TokenOf(index);
    record->type = IOMMU_INTEL;
    record->intel.phys_addr = TokenOf(index);
    record->intel.root_table = PhysicalOfPage(IommuTablePage(index));
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
  ExpectNew(record, offsetof(struct iommu_device_ser, intel));
  if (record->domain_iommu_ser.attachment_id != 0) Find(Finding::kDirtySlot);
  if (call.Pass(FaultSite::kIommuPreserveDevice) == 0) {
    if (object.attached != kNone) record->domain_iommu_ser.attachment_id = AttachmentId(object.attached);
    record->intel.pasid_table = PhysicalOfPage(DeviceTablePage(object.index));
    kho_preserve_folio(TableFolio(DeviceTablePage(object.index)));
  }
  return call.End();
}

void UnpreserveDevice(struct device* device, struct iommu_device_ser* record) {
  const DeviceObject& object = ObjectOf(device);
  OpCall call(Op::kIommuUnpreserveDevice, object.index, Chain::kDevice, record);
  if (!(record->hdr.flags & IOMMU_SER_FLAG_DELETED)) Find(Finding::kSlotNotDeleted);
  kho_unpreserve_folio(TableFolio(DeviceTablePage(object.index)));
  call.End();
}

int PreserveTable(struct pt_iommu* pt, struct iommu_domain_ser* record) {
  const DomainObject& object = ObjectOf(pt);
  OpCall call(Op::kPtPreserve, object.index, Chain::kDomain, record);
  ExpectNew(record, sizeof(record->hdr));
  if (call.Pass(FaultSite::kPtPreserve) == 0) {
    record->top_table_phys = PhysicalOfPage(DomainTablePage(object.index));
    record->top_level = 3;
    record->vasz = 48;
    kho_preserve_folio(TableFolio(DomainTablePage(object.index)));
  }
  return call.End();
}

void UnpreserveTable(struct pt_iommu* pt, struct iommu_domain_ser* record) {
  const DomainObject& object = ObjectOf(pt);
  OpCall call(Op::kPtUnpreserve, object.index, Chain::kDomain, record);
  READ_ONCE(record->hdr.flags);  // as a port does, which finds in it what it has to release
  kho_unpreserve_folio(TableFolio(DomainTablePage(object.index)));
  call.End();
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

}  // namespace

const struct iommu_ops* IommuOps(std::uint8_t missing) { return &kIommuOps[missing % kIommuMasks]; }

const struct pt_iommu_ops* PtOps(std::uint8_t missing) {
  const unsigned preserve = (missing & OpBit(Op::kPtPreserve)) ? 1 : 0;
  const unsigned unpreserve = (missing & OpBit(Op::kPtUnpreserve)) ? 2 : 0;
  return &kPtOps[preserve | unpreserve];
}

}  // namespace holdfast::bookkeeping
