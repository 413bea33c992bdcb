#include "model/explore/world.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

namespace holdfast {
namespace {

constexpr Fault At(FaultSite site, int nth = 1) {
  return {.site = site, .nth = static_cast<std::uint8_t>(nth)};
}

// The first file makes the FLB: its object, its record and the first page of each chain.
constexpr std::array kFileFaults = {At(FaultSite::kFlbPreserve), At(FaultSite::kKzalloc),
                                    At(FaultSite::kKhoAlloc, 1), At(FaultSite::kKhoAlloc, 2),
                                    At(FaultSite::kKhoAlloc, 3), At(FaultSite::kKhoAlloc, 4)};
// kho_alloc only where the chain's page is full: a canonical state never has that many slots, an
// implementation's memory may.
constexpr std::array kPreserveDomainFaults = {At(FaultSite::kFlbGetOutgoing),
                                              At(FaultSite::kKhoAlloc), At(FaultSite::kPtPreserve)};
constexpr std::array kPreserveDeviceFaults = {
    At(FaultSite::kFlbGetOutgoing), At(FaultSite::kKhoAlloc, 1), At(FaultSite::kKhoAlloc, 2),
    At(FaultSite::kIommuPreserve), At(FaultSite::kIommuPreserveDevice)};
constexpr std::array kUnpreserveFaults = {At(FaultSite::kFlbGetOutgoing)};
// The FLB's record and one page of each chain are restored.
constexpr std::array kIncomingFaults = {
    At(FaultSite::kFlbRetrieve),   At(FaultSite::kKzalloc),       At(FaultSite::kKhoRestore, 1),
    At(FaultSite::kKhoRestore, 2), At(FaultSite::kKhoRestore, 3), At(FaultSite::kKhoRestore, 4)};

// A look-up of the restoring side can be the first that retrieves.
constexpr std::array kProbeFaults = {At(FaultSite::kFlbGetIncoming), At(FaultSite::kFlbRetrieve),
                                     At(FaultSite::kKzalloc),        At(FaultSite::kKhoRestore, 1),
                                     At(FaultSite::kKhoRestore, 2),  At(FaultSite::kKhoRestore, 3),
                                     At(FaultSite::kKhoRestore, 4)};
constexpr std::array kRestoreFaults = {
    At(FaultSite::kFlbGetIncoming), At(FaultSite::kPagingDomainAlloc), At(FaultSite::kPtRestore)};

constexpr std::array<std::string_view, kAspectCount> kAspectNames = {
    "attach", "faults", "owners", "walk", "handover", "restore"};

std::vector<Command> WithoutFaults(const World& world) {
  const auto devices = static_cast<std::uint8_t>(world.topology.devices.size());
  const auto domains = static_cast<std::uint8_t>(world.topology.domains.size());
  const auto iommus = static_cast<std::uint8_t>(world.topology.iommus.size());
  std::vector<Command> calls = {PreserveFile(), UnpreserveFile()};
  for (std::uint8_t domain = 0; domain < domains; ++domain) calls.push_back(PreserveDomain(domain));
  for (std::uint8_t domain = 0; domain < domains; ++domain)
    calls.push_back(UnpreserveDomain(domain));
  // The caller may name any domain to unpreserve_device too, which has no use for it.
  const auto for_pairs = [&](Command (*make)(std::uint8_t, std::uint8_t)) {
    for (std::uint8_t device = 0; device < devices; ++device) {
      for (std::uint8_t domain = 0; domain < domains; ++domain)
        calls.push_back(make(domain, device));
    }
  };
  for_pairs(PreserveDevice);
  for_pairs(UnpreserveDevice);
  if (world.Has(Aspect::kAttach)) for_pairs(Attach);
  if (world.Has(Aspect::kOwners)) {
    for (std::uint8_t device = 0; device < devices; ++device)
      calls.push_back(ClaimDmaOwner(device));
    for (std::uint8_t device = 0; device < devices; ++device)
      calls.push_back(ReleaseDmaOwner(device));
  }
  if (world.Has(Aspect::kWalk)) {
    for (std::uint8_t iommu = 0; iommu < iommus; ++iommu) {
      const auto visits = std::count_if(
          world.topology.devices.begin(), world.topology.devices.end(),
          [&](const Device& device) { return device.probed && device.iommu == iommu; });
      for (std::uint8_t stop = 0; stop <= visits; ++stop) calls.push_back(ForEachDev(iommu, stop));
    }
  }
  if (world.Has(Aspect::kHandover))
    calls.insert(calls.end(), {Freeze(), Kexec(), Retrieve(), Finish()});
  if (world.Has(Aspect::kRestore)) {
    for (Command (*make)(std::uint8_t) : {ProbeDevice, RestoreDomain, ReleaseDevice}) {
      for (std::uint8_t device = 0; device < devices; ++device) calls.push_back(make(device));
    }
  }
  return calls;
}

template <typename Slot>
int LiveRecords(const std::vector<Slot>& chain, std::uint8_t object) {
  return static_cast<int>(std::count_if(chain.begin(), chain.end(), [&](const Slot& slot) {
    return !slot.deleted && ObjectOf(slot) == object;
  }));
}

// The items of "a,b,c"; an empty text has one empty item.
std::vector<std::string_view> Split(std::string_view text) {
  std::vector<std::string_view> items;
  for (;;) {
    const std::size_t comma = text.find(',');
    items.push_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return items;
    text.remove_prefix(comma + 1);
  }
}

std::string Join(const std::vector<std::string_view>& items) {
  std::string text;
  for (const std::string_view item : items) text += (text.empty() ? "" : ",") + std::string(item);
  return text;
}

}  // namespace

World MakeWorld(const WorldSize& size, Aspects aspects, Breaches allowed) {
  World world = {.topology = MakeTopology(size.iommus, size.devices, size.domains),
                 .aspects = aspects,
                 .allowed = allowed,
                 .bounds = {}};
  if (allowed & BreachBit(Clause::kC2))
    world.bounds.device_records = world.bounds.domain_records = 2;
  return world;
}

std::span<const Fault> FaultsOf(Verb verb) {
  switch (verb) {
    case Verb::kPreserveFile: return kFileFaults;
    case Verb::kPreserveDomain: return kPreserveDomainFaults;
    case Verb::kPreserveDevice: return kPreserveDeviceFaults;
    case Verb::kUnpreserveDomain:
    case Verb::kUnpreserveDevice: return kUnpreserveFaults;
    case Verb::kRetrieve:
    case Verb::kFinish: return kIncomingFaults;
    case Verb::kProbeDevice: return kProbeFaults;
    case Verb::kRestoreDomain: return kRestoreFaults;
    case Verb::kUnpreserveFile:
    case Verb::kForEachDev:
    case Verb::kClaimDmaOwner:
    case Verb::kReleaseDmaOwner:
    case Verb::kAttach:
    case Verb::kFreeze:
    case Verb::kKexec:
    case Verb::kReleaseDevice: return {};
  }
  return {};
}

std::vector<Command> Alphabet(const World& world) {
  std::vector<Command> alphabet = WithoutFaults(world);
  if (!world.Has(Aspect::kFaults)) return alphabet;
  const std::vector<Command> calls = alphabet;
  for (const Command& call : calls) {
    for (const Fault& fault : FaultsOf(call.verb)) {
      alphabet.push_back(call);
      alphabet.back().fault = fault;
    }
  }
  return alphabet;
}

bool Calls(const World& world, const State& state, const Command& command) {
  return (BreachesOf(world.topology, state, command) & ~world.allowed) == 0;
}

bool Within(const World& world, const State& state) {
  const Bounds& bounds = world.bounds;
  if (state.files > bounds.files || state.flb_refs > bounds.files + bounds.leaked_refs)
    return false;
  for (const std::uint8_t claims : state.owner_claims) {
    if (claims > bounds.claims) return false;
  }
  for (std::uint8_t i = 0; i < world.topology.devices.size(); ++i) {
    if (LiveRecords(state.flb.devices, i) > bounds.device_records) return false;
  }
  for (std::uint8_t i = 0; i < world.topology.domains.size(); ++i) {
    if (LiveRecords(state.flb.domains, i) > bounds.domain_records) return false;
  }
  return true;
}

std::variant<WorldSize, Expected> ParseWorldSize(std::string_view text) {
  const std::string what = "D,I,M: 1 to " + std::to_string(kMaxDevices) + " devices, 1 to " +
                           std::to_string(kMaxIommus) + " IOMMUs and 0 to " +
                           std::to_string(kMaxDomains) + " domains, such as 4,2,3";
  const std::vector<std::string_view> items = Split(text);
  std::array<int, 3> numbers{};
  if (items.size() != numbers.size()) return Expected{what};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const char* end = items[i].data() + items[i].size();
    const auto [parsed_to, error] = std::from_chars(items[i].data(), end, numbers[i]);
    if (error != std::errc() || parsed_to != end) return Expected{what};
  }
  const auto [devices, iommus, domains] = numbers;
  const bool fits = devices >= 1 && devices <= kMaxDevices && iommus >= 1 && iommus <= kMaxIommus &&
                    domains >= 0 && domains <= kMaxDomains;
  if (!fits) return Expected{what};
  return WorldSize{.devices = devices, .iommus = iommus, .domains = domains};
}

std::variant<Aspects, Expected> ParseAspects(std::string_view text) {
  if (text == "none") return Aspects{0};
  if (text == "all") return kAllAspects;
  Aspects aspects = 0;
  for (const std::string_view item : Split(text)) {
    const auto found = std::find(kAspectNames.begin(), kAspectNames.end(), item);
    if (found == kAspectNames.end()) {
      return Expected{"all, none, or some of " + Join({kAspectNames.begin(), kAspectNames.end()}) +
                      ", and not \"" + std::string(item) + "\""};
    }
    aspects |= AspectBit(static_cast<Aspect>(found - kAspectNames.begin()));
  }
  return aspects;
}

std::variant<Breaches, Expected> ParseCallers(std::string_view text) {
  if (text == "contract") return Breaches{0};
  if (text == "hostile") return kHostile;
  Breaches allowed = 0;
  for (const std::string_view item : Split(text)) {
    Breaches bit = 0;
    for (int i = 1; i <= kClauseCount; ++i) {
      if (const auto clause = static_cast<Clause>(i); item == ClauseName(clause))
        bit = BreachBit(clause);
    }
    if (bit == 0) {
      return Expected{
          "contract, hostile, or the clauses that may be broken, some of "
          "C1,C2,C3,C4,C5,C6,C7,C8, and not \"" +
          std::string(item) + "\""};
    }
    allowed |= bit;
  }
  return allowed;
}

std::string PrintAspects(Aspects aspects) {
  if (aspects == 0) return "none";
  std::vector<std::string_view> names;
  for (int i = 0; i < kAspectCount; ++i) {
    if (aspects >> i & 1) names.push_back(kAspectNames[static_cast<std::size_t>(i)]);
  }
  return Join(names);
}

std::string PrintCallers(Breaches allowed) {
  if (allowed == 0) return "contract";
  if (allowed == kHostile) return "hostile";
  std::vector<std::string_view> names;
  for (int i = 1; i <= kClauseCount; ++i) {
    if (allowed >> i & 1) names.push_back(ClauseName(static_cast<Clause>(i)));
  }
  return Join(names);
}

std::string PrintBounds(const World& world) {
  const Bounds& bounds = world.bounds;
  const auto count = [](int number, const std::string& noun) {
    return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
  };
  std::string text = "at most " + count(bounds.files, "file");
  if (world.Has(Aspect::kOwners)) text += ", " + count(bounds.claims, "claim") + " of a group";
  text += ", " + count(bounds.device_records, "live record") + " of a device and " +
          std::to_string(bounds.domain_records) + " of a domain";
  if (bounds.leaked_refs != 0)
    text += ", " + count(bounds.leaked_refs, "leaked reference") + " on the FLB";
  return text;
}

}  // namespace holdfast
