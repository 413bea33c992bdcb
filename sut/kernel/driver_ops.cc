#include "sut/kernel/driver_ops.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "model/layout.h"
#include "sut/kernel/binding.h"
#include "sut/kernel/dma/dma_watch.h"
#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/caller.h"
#include "sut/kernel/machine/locks.h"
#include "sut/kernel/machine/machine.h"
#include "sut/kernel/machine/page_owners.h"
#include "sut/kernel/records.h"
#include "sut/kernel/machine/rehearsal.h"

namespace holdfast::kernel {

namespace {

const struct holdfast_port& Port() { return *kBinding.port; }

// The records' layout is the implementation's own: this code knows no struct of a record.
const Layout& Places() { return kBinding.layout; }

// One call of an op, from start to end. The slot's number is taken at the start.
class OpCall {
 public:
  OpCall(Op op, std::uint8_t object, Owner owner, Chain chain, const void* record)
      : call_{op, object, FindSlot(kBinding.layout, chain, record), 0} {
    StopAt(Point::Kind::kOp);
    if (g_call->in_op) Find(Finding::kOpReentered);
    if (!HoldsFlbLock()) Find(Finding::kOpWithoutLock);
    g_call->in_op = true;
    g_call->owner = owner;
  }

  // A preserve op, which `site` can make fail.
  template <typename Body>
  int Preserve(FaultSite site, Body body) {
    const int error = PassOp(site);
    std::uint16_t denied = 0;
    if (error != 0 && g_call->depth != 0) {
      Rehearse([body] { Run(body, 0); });
      denied = std::min<std::uint16_t>(g_call->requests, g_call->depth);
      g_call->requests_of[static_cast<std::size_t>(site)] = g_call->requests;
    }
    if (error != 0 && denied == 0) {
      call_.result = static_cast<std::int16_t>(error);
      return End();
    }
    const int result = Run(body, denied);
    if (denied == 0) g_call->requests_of[static_cast<std::size_t>(site)] = g_call->requests;
    if (denied != 0 && result >= 0) Find(Finding::kFailureIgnored);
    // The port may have made another error of this one: the call fails.
    call_.result = static_cast<std::int16_t>(denied != 0 && result < 0 ? error : result);
    if (result != 0 && g_call->out_of_order) Find(Finding::kUndoOutOfOrder);
    return End();
  }

  template <typename Body>
  void Unpreserve(Body body) {
    Run([&] { return body(), 0; }, 0);
    End();
  }

 private:
  // The call itself passes the op's own site; that is no request of the op.
  static int PassOp(FaultSite site) {
    g_call->in_op = false;
    const int error = PassFault(site);
    g_call->in_op = true;
    return error;
  }

  template <typename Body>
  static int Run(Body body, std::uint16_t denied) {
    CallContext& call = *g_call;
    call.requests = 0;
    call.denied_request = denied;
    call.denied = false;
    call.preserved_by_op_count = 0;
    call.out_of_order = false;
    const DmaWatch watch(machine().units ? PreservedDevices() | AdoptedDevices() : 0, "an op");
    const int result = body();
    call.denied_request = 0;
    return result;
  }

  int End() {
    g_call->in_op = false;
    g_call->owner = 0;
    g_call->outcome->AddCall(call_);
    return call_.result;
  }

  DriverCall call_;
};

template <typename T, typename Record>
T LoadFrom(const Record* record, std::uint32_t offset) {
  return Load<T>(reinterpret_cast<const std::byte*>(record), offset);
}

template <typename Record>
bool IsDeleted(const Record* record) {
  return LoadFrom<std::uint32_t>(record, Places().flags) & kBinding.layout.deleted_flag;
}

// A record is new if it has one reference, no flag, and is zero in [from, size).
template <typename Record>
void ExpectNew(const Record* record, std::uint32_t from, std::uint32_t size) {
  const std::uint32_t flags = kBinding.layout.deleted_flag | kBinding.layout.incoming_flag;
  bool clean = LoadFrom<std::uint32_t>(record, Places().ref_count) == 1 &&
               (LoadFrom<std::uint32_t>(record, Places().flags) & flags) == 0;
  static constexpr unsigned char kZeros[kPageSize] = {};
  const unsigned char* bytes = reinterpret_cast<const unsigned char*>(record);
  clean = clean && std::memcmp(bytes + from, kZeros, size - from) == 0;
  if (!clean) Find(Finding::kDirtySlot);
}

int Preserve(struct iommu_device* iommu, struct iommu_hw_ser* record) {
  OpCall call(Op::kIommuPreserve, iommu->index, OwnerOfIommu(iommu->index), Chain::kHw, record);
  ExpectNew(record, Places().hw_token, Places().hw);
  if (iommu->outgoing_preserved_state) Find(Finding::kPublishedEarly);
  return call.Preserve(FaultSite::kIommuPreserve,
                       [=] { return Port().ops->preserve(iommu, record); });
}

void Unpreserve(struct iommu_device* iommu, struct iommu_hw_ser* record) {
  OpCall call(Op::kIommuUnpreserve, iommu->index, OwnerOfIommu(iommu->index), Chain::kHw, record);
  if (iommu->outgoing_preserved_state) Find(Finding::kWithdrawnLate);
  call.Unpreserve([=] { Port().ops->unpreserve(iommu, record); });
}

int PreserveDevice(struct device* device, struct iommu_device_ser* record) {
  const std::uint8_t index = ObjectOf(device).index;
  OpCall call(Op::kIommuPreserveDevice, index, OwnerOfDevice(index), Chain::kDevice, record);
  // The core has filled in what comes before.
  ExpectNew(record, Places().device_iommu_phys + 8, Places().device);
  if (LoadFrom<std::uint64_t>(record, Places().device_attachment_id) != 0)
    Find(Finding::kDirtySlot);
  const bool filled = LoadFrom<std::uint32_t>(record, Places().device_devid) != 0 &&
                      LoadFrom<std::uint64_t>(record, Places().device_domain_phys) != 0 &&
                      LoadFrom<std::uint64_t>(record, Places().device_iommu_phys) != 0;
  if (!filled) Find(Finding::kDirtySlot);
  return call.Preserve(FaultSite::kIommuPreserveDevice,
                       [=] { return Port().ops->preserve_device(device, record); });
}

void UnpreserveDevice(struct device* device, struct iommu_device_ser* record) {
  const std::uint8_t index = ObjectOf(device).index;
  OpCall call(Op::kIommuUnpreserveDevice, index, OwnerOfDevice(index), Chain::kDevice, record);
  if (!IsDeleted(record)) Find(Finding::kSlotNotDeleted);
  call.Unpreserve([=] { Port().ops->unpreserve_device(device, record); });
}

int PreserveTable(struct pt_iommu* pt, struct iommu_domain_ser* record) {
  OpCall call(Op::kPtPreserve, pt->domain.index, OwnerOfDomain(pt->domain.index), Chain::kDomain,
              record);
  ExpectNew(record, Places().domain_top_table, Places().domain);
  return call.Preserve(FaultSite::kPtPreserve, [=] { return Port().pt_ops->preserve(pt, record); });
}

void UnpreserveTable(struct pt_iommu* pt, struct iommu_domain_ser* record) {
  OpCall call(Op::kPtUnpreserve, pt->domain.index, OwnerOfDomain(pt->domain.index), Chain::kDomain,
              record);
  // As a port does: the port finds in the record what it has to release.
  READ_ONCE(*(reinterpret_cast<const std::uint8_t*>(record) + Places().flags));
  call.Unpreserve([=] { Port().pt_ops->unpreserve(pt, record); });
}

int PreserveDomain(struct iommu_domain* domain, struct iommu_domain_ser* record) {
  return PreserveTable(iommupt_from_domain(domain), record);
}
void UnpreserveDomain(struct iommu_domain* domain, struct iommu_domain_ser* record) {
  UnpreserveTable(iommupt_from_domain(domain), record);
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
  return ((missing & OpBit(Op::kPtPreserve)) ? 1u : 0u) |
         ((missing & OpBit(Op::kPtUnpreserve)) ? 2u : 0u);
}

}  // namespace

const struct iommu_ops* IommuOps(std::uint8_t missing) { return &kIommuOps[missing % kIommuMasks]; }
const struct pt_iommu_ops* PtOps(std::uint8_t missing) { return &kPtOps[DomainMask(missing)]; }
const struct iommu_domain_ops* DomainOps(std::uint8_t missing) {
  return &kDomainOps[DomainMask(missing)];
}

}  // namespace holdfast::kernel
