#include "sut/kernel/dma/record_truth.h"

#include <linux/io.h>

#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include "sut/hardware/tables_in_use.h"
#include "sut/kernel/dma/reach.h"
#include "sut/kernel/live_records.h"
#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/unit_state.h"

namespace holdfast::kernel {
namespace {

using hardware::TablesInUse;

// enum iommu_type of the records' header.
constexpr std::uint64_t kTypeIntel = 1, kTypeArmSmmuV3 = 2;

bool IsVtd() { return kBinding.port->hardware == HOLDFAST_VTD; }

// One record. A field that the header lacks is not judged.
class Judged {
 public:
  Judged(const std::byte* record, std::string name) : record_(record), name_(std::move(name)) {}

  template <typename Field>
  std::optional<std::uint64_t> Get(std::uint32_t offset) const {
    if (offset == Layout::kNoField) return std::nullopt;
    return Load<Field>(record_, offset);
  }

  template <typename Field>
  void ExpectIn(const char* field, std::uint32_t offset, std::uint64_t least,
                std::uint64_t most) const {
    const std::optional<std::uint64_t> says = Get<Field>(offset);
    if (!says || (*says >= least && *says <= most)) return;
    std::ostringstream text;
    text << "the record of " << name_ << " says " << field << " 0x" << std::hex << *says
         << ", the hardware has 0x" << most;
    if (least != most) text << ", or at least 0x" << least;
    Find(Finding::kRecordUntrue, text.str());
  }

  template <typename Field>
  void Expect(const char* field, std::uint32_t offset, std::uint64_t value) const {
    ExpectIn<Field>(field, offset, value, value);
  }

 private:
  const std::byte* record_;
  std::string name_;
};

void ExpectUnit(const std::byte* record, int unit, const RecordLayout& layout) {
  const Units& units = *machine().units;
  const Judged judged(record, "iommu" + std::to_string(unit));
  const VendorFields& vendor = layout.vendor;
  judged.Expect<std::uint64_t>("type", layout.hw_type, IsVtd() ? kTypeIntel : kTypeArmSmmuV3);
  if (IsVtd()) {
    judged.Expect<std::uint64_t>("phys_addr", vendor.intel_phys_addr, TokenOf(unit));
    judged.Expect<std::uint64_t>("root_table", vendor.intel_root_table,
                                 units.root[unit] & ~0xfffull);
  } else {
    judged.Expect<std::uint64_t>("phys_addr", vendor.arm_phys_addr, TokenOf(unit));
    judged.Expect<std::uint64_t>("strtab_base_cfg", vendor.arm_strtab_base_cfg,
                                 static_cast<std::uint32_t>(units.registers[unit][17]));
  }
}

// A driver may let a domain use fewer bits of an address than the tables translate, but not so few
// that a level is useless.
void ExpectDomain(const std::byte* record, int domain, const TablesInUse& tables,
                  const RecordLayout& layout) {
  const Judged judged(record, "dom" + std::to_string(domain));
  const auto bits = static_cast<std::uint64_t>(tables.input_bits);
  judged.Expect<std::uint64_t>("top_level", layout.domain_top_level,
                               static_cast<std::uint64_t>(tables.levels - 1));
  judged.ExpectIn<std::uint32_t>("vasz", layout.domain_vasz, bits - 8, bits);
  if (const auto byte = judged.Get<std::uint8_t>(layout.vendor.sign_extend)) {
    const bool extends = IsVtd() && tables.first_stage;
    if ((*byte & 1) != extends)
      judged.Expect<std::uint8_t>("sign_extend", layout.vendor.sign_extend, extends);
  }
}

// The least directory of PASIDs has room for 2^13 of them, and a driver may use fewer.
void ExpectDevice(const std::byte* record, int device, const TablesInUse& tables,
                  const RecordLayout& layout) {
  const Judged judged(record, "dev" + std::to_string(device));
  const VendorFields& vendor = layout.vendor;
  constexpr std::uint64_t kLeastDirectory = 1ull << 13;
  if (IsVtd() && tables.contexts != 0) {
    const std::uint64_t room = tables.context_count;
    judged.Expect<std::uint64_t>("pasid_table", vendor.intel_pasid_table, tables.contexts);
    judged.ExpectIn<std::uint64_t>("max_pasid", vendor.intel_max_pasid,
                                   room > kLeastDirectory ? room / 2 + 1 : 1, room);
  }
}

int DeviceOfRecord(const std::byte* record, const RecordLayout& layout) {
  for (int d = 0; d < machine().device_count; ++d) {
    struct pci_dev& pci = machine().devices[d]->pci;
    if (dev_is_pci(&pci.dev) &&
        Load<std::uint32_t>(record, layout.device_devid) == pci_dev_id(&pci) &&
        Load<std::uint32_t>(record, layout.device_pci_domain_nr) ==
            static_cast<std::uint32_t>(pci_domain_nr(pci.bus)))
      return d;
  }
  return -1;
}

}  // namespace

void ExpectTrueRecords(const RecordLayout& layout) {
  const std::uint64_t top = machine().luo.data;
  LiveRecords iommus(layout, Chain::kHw, top);
  while (const std::byte* record = iommus.Next()) {
    for (int unit = 0; unit < machine().iommu_count; ++unit) {
      if (Load<std::uint64_t>(record, layout.hw_token) == TokenOf(unit))
        ExpectUnit(record, unit, layout);
    }
  }
  LiveRecords devices(layout, Chain::kDevice, top);
  while (const std::byte* record = devices.Next()) {
    const int device = DeviceOfRecord(record, layout);
    const std::optional<TablesInUse> tables = device < 0 ? std::nullopt : TablesOfDevice(device);
    if (!tables) continue;
    ExpectDevice(record, device, *tables, layout);
    // The device's record says which record is its domain's.
    LiveRecords domains(layout, Chain::kDomain, top);
    while (const std::byte* domain = domains.Next()) {
      if (Load<std::uint64_t>(record, layout.device_domain_phys) == virt_to_phys(domain))
        ExpectDomain(domain, machine().units->attached[device], *tables, layout);
    }
  }
}

}  // namespace holdfast::kernel
