#include "traces/as_code.h"

#include <cctype>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "model/text/text.h"

namespace holdfast {
namespace {

// "IommuPreserveDevice" of "iommu.preserve_device".
std::string CamelCase(std::string_view name) {
  std::string text;
  bool begins = true;
  for (const char c : name) {
    const bool letter = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (letter) text += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    begins = !letter;
  }
  return text;
}

std::string Bits(std::uint8_t missing_ops) {
  std::string text;
  for (int op = 0; op < kOpCount; ++op) {
    if ((missing_ops & OpBit(static_cast<Op>(op))) == 0) continue;
    text += fmt::format("{}OpBit(Op::k{})", text.empty() ? "" : " | ",
                        CamelCase(OpName(static_cast<Op>(op))));
  }
  return text;
}

// "{.iommu = 1, .group = 1}": the fields that are given.
using Fields = std::vector<std::pair<std::string, std::string>>;
std::string Braces(const Fields& fields) {
  std::string text;
  for (const auto& [field, value] : fields)
    text += fmt::format("{}.{} = {}", text.empty() ? "" : ", ", field, value);
  return "{" + text + "}";
}

std::string AsCode(const Iommu& iommu) {
  return iommu.missing_ops == 0 ? "{}" : Braces({{"missing_ops", Bits(iommu.missing_ops)}});
}
std::string AsCode(const Domain& domain) {
  return domain.missing_ops == 0 ? "{}" : Braces({{"missing_ops", Bits(domain.missing_ops)}});
}
std::string AsCode(const Device& device) {
  constexpr const char* kBuses[kBusCount] = {"kPlatform", "kPci",    "kAmba",
                                             "kFslMc",    "kHost1x", "kCdx"};
  Fields fields = {{"iommu", std::to_string(device.iommu)},
                   {"group", device.group == kNone ? "kNone" : std::to_string(device.group)}};
  if (!device.is_pci())
    fields.emplace_back("bus",
                        fmt::format("Bus::{}", kBuses[static_cast<std::size_t>(device.bus)]));
  if (!device.probed) fields.emplace_back("probed", "false");
  return Braces(fields);
}

template <typename T>
std::string List(const std::vector<T>& objects) {
  std::string text;
  for (const T& object : objects) text += (text.empty() ? "" : ", ") + AsCode(object);
  return "{" + text + "}";
}

template <typename Slot>
Fields CommonFields(const Slot& slot, std::uint8_t object, const char* name) {
  Fields fields;
  if (slot.deleted) fields.emplace_back("deleted", "true");
  if (slot.incoming) fields.emplace_back("incoming", "true");
  if (object != kNone) fields.emplace_back(name, std::to_string(object));
  return fields;
}
}  // namespace

std::string ErrnoAsCode(int error) {
  const std::string_view name = ErrnoName(-error);
  return error == 0 || name.empty() ? std::to_string(error) : fmt::format("-{}", name);
}

std::string PointerAsCode(SlotRef slot) {
  if (slot == kNull) return "kNull";
  if (slot == kStale) return "kStale";
  return slot == kWild ? "kWild" : std::to_string(slot);
}

std::string ReachAsCode(std::uint8_t device) {
  switch (device) {
    case Reach::kBlocked: return "Reach::kBlocked";
    case Reach::kOff: return "Reach::kOff";
    case Reach::kGone: return "Reach::kGone";
    case Reach::kOther: return "Reach::kOther";
    default: return std::to_string(device);  // a domain
  }
}

std::string AsCode(Luo luo) {
  return luo == Luo::kOff ? "Luo::kOff" : fmt::format("Luo::kStage{}", LuoName(luo));
}

std::string AsCode(const Topology& topology) {
  return fmt::format("{{\n      .iommus = {},\n      .devices = {},\n      .domains = {}}}",
                     List(topology.iommus), List(topology.devices), List(topology.domains));
}

std::string AsCode(const Command& command) {
  const Operands operands = OperandsOf(command.verb);
  std::string arguments;
  const auto add = [&](int argument) {
    arguments += fmt::format("{}{}", arguments.empty() ? "" : ", ", argument);
  };
  if (operands.domain) add(command.domain);
  if (operands.device) add(command.device);
  if (operands.iommu) add(command.iommu);
  if (command.stop != 0) add(command.stop);
  const std::string call = fmt::format("{}({})", CamelCase(VerbName(command.verb)), arguments);
  const Fault& fault = command.fault;
  if (!fault.armed()) return call;
  const std::string site = "FaultSite::k" + CamelCase(FaultSiteName(fault.site));
  if (fault.depth == 0) {
    const std::string nth = fault.nth == 1 ? "" : fmt::format(", {}", fault.nth);
    return fmt::format("WithFault({}, {}, {}{})", call, site, ErrnoAsCode(fault.error), nth);
  }
  Fields fields = {{"verb", "Verb::k" + CamelCase(VerbName(command.verb))}};
  if (operands.device) fields.emplace_back("device", std::to_string(command.device));
  if (operands.domain) fields.emplace_back("domain", std::to_string(command.domain));
  fields.emplace_back("fault", Braces({{"site", site},
                                       {"nth", std::to_string(fault.nth)},
                                       {"depth", std::to_string(fault.depth)},
                                       {"error", ErrnoAsCode(fault.error)}}));
  return Braces(fields);
}

std::string AsCode(const HwSlot& slot) {
  if (slot == Deleted<HwSlot>()) return "Deleted<HwSlot>()";
  Fields fields = CommonFields(slot, slot.iommu, "iommu");
  fields.emplace_back("ref_count", std::to_string(slot.ref_count));
  return "HwSlot" + Braces(fields);
}
std::string AsCode(const DomainSlot& slot) {
  if (slot == Deleted<DomainSlot>()) return "Deleted<DomainSlot>()";
  Fields fields = CommonFields(slot, slot.domain, "domain");
  fields.emplace_back("ref_count", std::to_string(slot.ref_count));
  return "DomainSlot" + Braces(fields);
}
std::string AsCode(const DeviceSlot& slot) {
  if (slot == Deleted<DeviceSlot>()) return "Deleted<DeviceSlot>()";
  Fields fields = CommonFields(slot, slot.device, "device");
  if (slot.attachment != kNone) fields.emplace_back("attachment", std::to_string(slot.attachment));
  fields.emplace_back("ref_count", std::to_string(slot.ref_count));
  fields.emplace_back("domain", PointerAsCode(slot.domain));
  fields.emplace_back("hw", PointerAsCode(slot.hw));
  if (slot.dma_owner_token != 0)
    fields.emplace_back("dma_owner_token", fmt::format("{:#x}", slot.dma_owner_token));
  return "DeviceSlot" + Braces(fields);
}

std::string AsCode(const DriverCall& call) {
  return fmt::format("{{Op::k{}, {}, {}, {}}}", CamelCase(OpName(call.op)), call.object,
                     PointerAsCode(call.slot), ErrnoAsCode(call.result));
}

}  // namespace holdfast
