#include "sut/kernel/dma/request.h"

#include <iterator>
#include <variant>

#include "model/reach.h"
#include "sut/kernel/binding.h"
#include "sut/kernel/machine/unit_state.h"
#include "sut/kernel/port.h"
#include "sut/kernel/units.h"

namespace holdfast::kernel {
namespace {

Answer AskVtd(const LiveMemory& memory, int unit, std::uint32_t id, std::uint64_t iova,
              const hardware::Entries& cached) {
  hardware::VtdUnit registers = VtdRegisters(unit);
  if (cached.device.there || cached.space.there) registers.gsts |= 1u << 31;
  const hardware::VtdRequest request = {
      .source_id = static_cast<std::uint16_t>(id), .pasid = {}, .address = iova};
  const hardware::VtdOutcome outcome = hardware::Translate(memory, registers, request, cached);
  const auto* translation = std::get_if<hardware::VtdTranslation>(&outcome);
  if (!translation)
    return {.why = hardware::InfoOf(std::get<hardware::VtdFault>(outcome)).statement};
  return {.mapped = translation->readable,
          .writable = translation->writable,
          .off = !translation->domain_id,
          .address = translation->address,
          .id = translation->domain_id.value_or(0)};
}

Answer AskSmmuV3(const LiveMemory& memory, int unit, std::uint32_t id, std::uint64_t iova) {
  const hardware::SmmuV3Unit registers = SmmuV3Registers(unit);
  const hardware::SmmuV3Transaction transaction = {
      .stream_id = id, .substream_id = {}, .address = iova};
  const hardware::SmmuV3Outcome outcome = hardware::Translate(memory, registers, transaction);
  const auto* translation = std::get_if<hardware::SmmuV3Translation>(&outcome);
  if (!translation)
    return {.why = hardware::NameOf(std::get<hardware::SmmuV3Fault>(outcome).event)};
  return {.mapped = translation->readable,
          .writable = translation->writable,
          .off = (registers.cr0 & 1) == 0,
          .address = translation->address,
          .id = translation->asid ? *translation->asid : translation->vmid.value_or(0)};
}

}  // namespace

std::optional<std::uint64_t> LiveMemory::Read(std::uint64_t address) const {
  const int page = PageOfPhysical(address);
  if (page < kFirstPoolPage || address % 8 != 0 || !machine().allocated.Has(page)) {
    gone_ = true;
    return std::nullopt;
  }
  Note(static_cast<std::int16_t>(page));
  const auto word =
      *reinterpret_cast<const std::uint64_t*>(PageAddress(page) + address % kPageSize);
  if (log_ != nullptr) log_->emplace_back(address, word);
  return word;
}

void LiveMemory::Note(std::int16_t page) const {
  if (noted_.Has(page) || pages_.count == pages_.page.size()) return;
  noted_.Add(page);
  pages_.page[pages_.count++] = page;
}

hardware::VtdUnit VtdRegisters(int unit) {
  const Units& units = *machine().units;
  return {.cap = units.registers[unit][1],
          .ecap = units.registers[unit][2],
          .gsts = static_cast<std::uint32_t>(units.registers[unit][3] >> 32),
          .rtaddr = units.root[unit]};
}

// By their offsets: CR0 0x20, GBPA 0x44, STRTAB_BASE 0x80, STRTAB_BASE_CFG 0x88.
hardware::SmmuV3Unit SmmuV3Registers(int unit) {
  const std::uint64_t* words = machine().units->registers[unit];
  return {.cr0 = static_cast<std::uint32_t>(words[4]),
          .gbpa = static_cast<std::uint32_t>(words[8] >> 32),
          .strtab_base = words[16],
          .strtab_base_cfg = static_cast<std::uint32_t>(words[17])};
}

Answer Ask(const LiveMemory& memory, int unit, std::uint32_t id, std::uint64_t iova,
           const hardware::Entries& cached) {
  switch (kBinding.port->hardware) {
    case HOLDFAST_VTD: return AskVtd(memory, unit, id, iova, cached);
    case HOLDFAST_SMMUV3: return AskSmmuV3(memory, unit, id, iova);
    case HOLDFAST_NO_HARDWARE: break;
  }
  return {};
}

int UnitOf(int device) {
  const struct iommu_device* iommu = machine().devices[device]->data.iommu_dev;
  int unit = 0;
  while (machine().iommus[unit] != iommu) ++unit;
  return unit;
}

std::uint8_t ReachOf(LiveMemory& memory, int unit, std::uint32_t id, std::uint64_t& tag,
                     const hardware::Entries& cached) {
  int domain = -1;
  std::size_t mapped = 0;
  for (std::size_t i = 0; i < std::size(kMappings); ++i) {
    const Mapping& mapping = kMappings[i];
    for (const std::uint64_t offset : {std::uint64_t{0x10}, mapping.size - 8}) {
      const Answer answer = Ask(memory, unit, id, mapping.iova + offset, cached);
      if (memory.TakeGone()) return Reach::kGone;
      if (answer.off) return Reach::kOff;
      if (!answer.mapped) continue;
      ++mapped;
      tag = answer.id;
      if (domain < 0) {
        for (int d = 0; d < machine().domain_count; ++d) {
          if (answer.address == TargetOf(d, i) + offset) domain = d;
        }
      }
      if (domain < 0 || answer.address != TargetOf(domain, i) + offset ||
          answer.writable != mapping.writable)
        return Reach::kOther;
    }
  }
  for (const std::uint64_t iova : kUnmapped) {
    if (Ask(memory, unit, id, iova, cached).mapped) return Reach::kOther;
    if (memory.TakeGone()) return Reach::kGone;
  }
  if (mapped == 0) return Reach::kBlocked;
  return mapped == 2 * std::size(kMappings) ? static_cast<std::uint8_t>(domain) : Reach::kOther;
}

}  // namespace holdfast::kernel
