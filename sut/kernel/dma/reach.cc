#include "sut/kernel/dma/reach.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sut/hardware/smmuv3.h"
#include "sut/hardware/vtd.h"
#include "sut/kernel/binding.h"
#include "sut/kernel/dma/caches.h"
#include "sut/kernel/units.h"

namespace holdfast::kernel {
namespace {

// The number of a unit's own pages that a request goes through, at most.
std::uint8_t UnitLevels(int unit) {
  const bool is_linear = kBinding.port->hardware == HOLDFAST_SMMUV3 &&
                         (machine().units->registers[unit][17] >> 16 & 3) != 1;
  return is_linear ? 1 : 2;
}

// The domain that all ids of the device see. `tag`: the hardware's name for it.
std::uint8_t WalkIds(int device, TablePages& pages, std::uint64_t& tag) {
  const DeviceObject& object = *machine().devices[device];
  const int unit = UnitOf(device);
  LiveMemory memory(pages);
  std::uint8_t all = Reach::kBlocked;
  for (unsigned i = 0; i < object.fwspec.num_ids; ++i) {
    const std::uint32_t id = object.fwspec.ids[i];
    std::uint8_t at = ReachOf(memory, unit, id, tag);
    if (IsLedAstray(unit, id, at)) at = Reach::kOther;
    if (i == 0) {
      all = at;
      pages.of_unit = std::min(pages.count, UnitLevels(unit));
    } else if (at != all) {
      all = Reach::kOther;
    }
  }
  return all;
}

void ExpectTagsApart(const std::array<std::uint64_t, kMaxDevices>& tags, Reach& reach) {
  const Reach walked = reach;
  for (int a = 0; a < machine().device_count; ++a) {
    for (int b = 0; b < a; ++b) {
      const auto i = static_cast<std::size_t>(a), j = static_cast<std::size_t>(b);
      const bool shared = tags[i] != 0 && tags[i] == tags[j] &&
                          walked.device[i] != walked.device[j] && UnitOf(a) == UnitOf(b);
      if (shared) reach.device[i] = reach.device[j] = Reach::kOther;
    }
  }
}

bool IsPreserved(int page) { return machine().preserved.Has(page); }

// The root of the unit's tables, as the unit has latched it.
int RootPage(int unit) {
  const Units& units = *machine().units;
  const bool is_vtd = kBinding.port->hardware == HOLDFAST_VTD;
  return PageOfPhysical((is_vtd ? units.root[unit] : units.registers[unit][16]) & ~0xfffull);
}

std::string Hex(std::uint64_t number) {
  char text[32];
  std::snprintf(text, sizeof(text), "0x%llx", static_cast<unsigned long long>(number));
  return text;
}

// "0x1010002010 of dom1", if it is a target of a domain.
std::string PrintTarget(std::uint64_t address) {
  std::string text = Hex(address);
  for (int d = 0; d < machine().domain_count; ++d) {
    for (std::size_t i = 0; i < std::size(kMappings); ++i) {
      const std::uint64_t target = TargetOf(d, i);
      if (address >= target && address < target + kMappings[i].size)
        return text + " of dom" + std::to_string(d);
    }
  }
  return text;
}

std::string PrintAnswer(const Answer& answer) {
  if (answer.off) return "all memory (the unit is off)";
  if (!answer.mapped) return "nothing";
  return PrintTarget(answer.address) + (answer.writable ? "" : ", read-only");
}

// One request of one id, if it ends elsewhere than at `target` (0: nowhere).
std::string ExplainRequest(int device, std::uint32_t id, std::uint64_t iova, std::uint64_t target,
                           bool writable) {
  TablePages pages{};
  LiveMemory memory(pages);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> log;
  memory.set_log(&log);
  const Answer answer = Ask(memory, UnitOf(device), id, iova);
  const bool gone = memory.TakeGone();
  const bool as_owed = target == 0 ? !answer.mapped && !answer.off
                                   : answer.mapped && !answer.off && answer.address == target &&
                                         answer.writable == writable;
  if (as_owed && !gone) return "";
  const Answer owed = {.mapped = target != 0, .writable = writable, .address = target};
  std::string text = "dev" + std::to_string(device) + " as " + Hex(id);
  if (id != machine().devices[device]->fwspec.ids[0]) text += " (its alias)";
  text +=
      ", address " + Hex(iova) + ": reaches " + PrintAnswer(answer) + ", owed " + PrintAnswer(owed);
  if (gone) text += "; the walk leads to a page that is gone";
  if (!answer.why.empty()) text += "; " + std::string(answer.why);
  if (log.empty()) return text;
  text += "; read";
  for (const auto& [address, word] : log) text += " [" + Hex(address) + "]=" + Hex(word);
  return text;
}

// One id that the walk of memory leads where it should go.
std::string ExplainStale(int device, std::uint32_t id, std::uint8_t owed) {
  std::string how;
  if (!IsLedAstray(UnitOf(device), id, owed, &how)) return "";
  return "dev" + std::to_string(device) + " as " + Hex(id) + ": " + how;
}

}  // namespace

std::vector<std::string> ExplainReach(int device, std::uint8_t owed) {
  std::vector<std::string> lines;
  const DeviceObject& object = *machine().devices[device];
  if (!object.pci.dev.iommu) return lines;
  for (unsigned n = 0; n < object.fwspec.num_ids; ++n) {
    std::string line;
    for (std::size_t i = 0; i < std::size(kMappings) && line.empty(); ++i) {
      const auto& [iova, size, writable] = kMappings[i];
      const std::uint64_t target = owed == Reach::kBlocked ? 0 : TargetOf(owed, i);
      for (const std::uint64_t offset : {std::uint64_t{0x10}, size - 8}) {
        if (line.empty())
          line = ExplainRequest(device, object.fwspec.ids[n], iova + offset,
                                target == 0 ? 0 : target + offset, writable);
      }
    }
    for (const std::uint64_t iova : kUnmapped) {
      if (line.empty()) line = ExplainRequest(device, object.fwspec.ids[n], iova, 0, false);
    }
    if (line.empty()) line = ExplainStale(device, object.fwspec.ids[n], owed);
    if (!line.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

void ResetRegisters(enum holdfast_hardware hardware, std::uint64_t* registers) {
  if (hardware != HOLDFAST_VTD) return;
  // CAP_REG: ND 2 (256 domains), SAGAW 39 and 48 bits, MGAW 48 bits, SLLPS 2 MiB. ECAP_REG: SMTS,
  // SLTS, FLTS, PASID.
  registers[1] = 2ull | 6ull << 8 | 47ull << 16 | 1ull << 34;
  registers[2] = 1ull << 40 | 1ull << 43 | 1ull << 46 | 1ull << 47;
}

void LearnDomain(int domain, int device) {
  Units& units = *machine().units;
  const int unit = UnitOf(device);
  TablePages pages;
  LiveMemory memory(pages);
  const Answer answer =
      Ask(memory, unit, machine().devices[device]->fwspec.ids[0], kMappings[0].iova);
  if (!answer.mapped) return;
  // If another domain had this id before, the id no longer names that domain.
  for (std::uint64_t& id : units.known.id[unit]) {
    if (id == answer.id) id = 0;
  }
  units.known.id[unit][domain] = answer.id;
  for (int i = 0; i < pages.count; ++i) {
    const int page = pages.page[static_cast<std::size_t>(i)];
    if (units.pages.allocated_for[page] != OwnerOfDomain(domain)) continue;
    units.known.top[domain] = PhysicalOfPage(page);
    return;
  }
}

std::uint8_t WalkDevice(int device, PageSet& through) {
  if (!machine().devices[device]->pci.dev.iommu) return Reach::kBlocked;
  TablePages pages;
  std::uint64_t tag = 0;
  const std::uint8_t at = WalkIds(device, pages, tag);
  for (std::size_t i = 0; i < pages.count; ++i) through.Add(pages.page[i]);
  return at;
}

std::optional<hardware::TablesInUse> TablesOfDevice(int device) {
  const int unit = UnitOf(device);
  const std::uint32_t id = machine().devices[device]->fwspec.ids[0];
  const std::uint64_t address = kMappings[0].iova;
  TablePages pages;
  const LiveMemory memory(pages);
  if (kBinding.port->hardware == HOLDFAST_VTD) {
    return hardware::TablesOf(memory, VtdRegisters(unit),
                              {.source_id = static_cast<std::uint16_t>(id), .address = address});
  }
  return hardware::TablesOf(memory, SmmuV3Registers(unit), {.stream_id = id, .address = address});
}

void HardwareObserver::ObserveReach(Reach& reach) {
  const Machine& m = machine();
  const Units& units = *m.units;
  std::array<std::uint64_t, kMaxDevices> tags{};
  reach.walked = true;
  reach.up = units.up;
  reach.iommus = units.taken_iommus;
  reach.domains = units.taken_domains;
  for (int d = 0; d < m.device_count; ++d) {
    const auto index = static_cast<std::size_t>(d);
    TablePages& pages = tables_[index];
    pages.count = pages.of_unit = 0;
    reach.adopted[index] = units.adopted[d];
    reach.device[index] = Reach::kBlocked;
    // Otherwise no driver ever heard of it.
    if (m.devices[d]->pci.dev.iommu) reach.device[index] = WalkIds(d, pages, tags[index]);
  }
  ExpectTagsApart(tags, reach);
}

void HardwareObserver::ObserveTables(const Flb& flb, int reachable, KhoPages& kho) const {
  const Machine& m = machine();
  const PageOwners& owners = m.units->pages;
  KhoPages live;
  for (const HwSlot& slot : flb.iommus) {
    if (!slot.deleted && slot.iommu < kMaxIommus)
      live.iommus |= static_cast<std::uint8_t>(1u << slot.iommu);
  }
  for (const DomainSlot& slot : flb.domains) {
    if (!slot.deleted && slot.domain < kMaxDomains)
      live.domains |= static_cast<std::uint8_t>(1u << slot.domain);
  }
  for (const DeviceSlot& slot : flb.devices) {
    if (!slot.deleted && slot.device < kMaxDevices)
      live.devices |= static_cast<std::uint16_t>(1u << slot.device);
  }
  kho = live;

  PageSet accounted = {};
  for (int unit = 0; unit < m.iommu_count; ++unit) {
    if (!(live.iommus >> unit & 1)) continue;
    const int root = RootPage(unit);
    if (root < kFirstPoolPage || !IsPreserved(root))
      kho.iommus &= static_cast<std::uint8_t>(~(1u << unit));
    if (root >= kFirstPoolPage) accounted.Add(root);
  }
  for (int d = 0; d < m.device_count; ++d) {
    const TablePages& pages = tables_[static_cast<std::size_t>(d)];
    const bool is_live = live.devices >> d & 1;
    const int unit = UnitOf(d);
    for (int i = 0; i < pages.count; ++i) {
      const int page = pages.page[static_cast<std::size_t>(i)];
      if (owners.allocated_for[page] >= kDomainOwner) continue;
      if (i < pages.of_unit) {
        if (live.iommus >> unit & 1) accounted.Add(page);
        if (is_live && !IsPreserved(page)) kho.iommus &= static_cast<std::uint8_t>(~(1u << unit));
      } else if (is_live) {
        accounted.Add(page);
        if (!IsPreserved(page)) kho.devices &= static_cast<std::uint16_t>(~(1u << d));
      }
    }
  }

  const auto is_live = [&live](Owner of) {
    if (of >= kDomainOwner) return (live.domains >> (of - kDomainOwner) & 1) != 0;
    if (of >= kDeviceOwner) return (live.devices >> (of - kDeviceOwner) & 1) != 0;
    return of >= kIommuOwner && (live.iommus >> (of - kIommuOwner) & 1) != 0;
  };
  m.allocated.ForEachOfPool([&](int page) {
    const Owner owner = owners.allocated_for[page];
    if (owner >= kDomainOwner && !IsPreserved(page))
      kho.domains &= static_cast<std::uint8_t>(~(1u << (owner - kDomainOwner)));
  });
  int stray = -reachable;
  m.preserved.ForEachOfPool([&](int page) {
    const Owner owner = owners.allocated_for[page];
    const bool belongs = accounted.Has(page) || (owner >= kDomainOwner && is_live(owner)) ||
                         (owners.of_kho.Has(page) && is_live(owners.preserved_by[page]));
    stray += belongs ? 0 : 1;
  });
  kho.stray = static_cast<std::uint16_t>(stray);
}

}  // namespace holdfast::kernel
