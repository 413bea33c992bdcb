#include "properties/generate.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <ostream>
#include <span>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include "model/contract.h"
#include "model/step.h"
#include "properties/counterexample.h"
#include "properties/simplify.h"

namespace holdfast {
namespace {

using Weights = std::array<std::uint8_t, kVerbCount>;

std::uint8_t& WeightOf(Weights& weights, Verb verb) { return weights[static_cast<std::size_t>(verb)]; }

// In the order of Verb.
constexpr Weights kBaseWeights = {4, 3, 9, 5, 18, 12, 2, 2, 2, 4, 1, 1, 1, 1};

// What a fault of a verb can strike. A site is drawn from here nearly always, from all now and then.
std::span<const FaultSite> SitesOf(Verb verb) {
  using enum FaultSite;
  static constexpr std::array kFile = {kFlbPreserve, kKzalloc, kKhoAlloc};
  static constexpr std::array kDomain = {kPtPreserve, kPtPreserve, kKhoAlloc, kFlbGetOutgoing};
  static constexpr std::array kDevice = {kIommuPreserve, kIommuPreserve, kIommuPreserveDevice, kIommuPreserveDevice,
                                         kKhoAlloc, kFlbGetOutgoing};
  static constexpr std::array kUnpreserve = {kFlbGetOutgoing};
  static constexpr std::array kIncoming = {kFlbRetrieve, kKzalloc, kKhoRestore};
  switch (verb) {
    case Verb::kPreserveFile: return kFile;
    case Verb::kPreserveDomain: return kDomain;
    case Verb::kPreserveDevice: return kDevice;
    case Verb::kUnpreserveDomain:
    case Verb::kUnpreserveDevice: return kUnpreserve;
    case Verb::kRetrieve:
    case Verb::kFinish: return kIncoming;
    default: return {};
  }
}

// Writes one scenario, with the model beside it to know the state.
class Author {
 public:
  Author(const Profile& profile, Mode mode, Dice dice) : mode_(mode), dice_(dice) {
    scenario_.profile = profile;
    scenario_.topology = GenerateTopology(dice_);
    state_ = InitialState(scenario_.topology);
  }

  Scenario Write(int size) {
    Draw();
    std::size_t length = 4 + dice_.Below(static_cast<std::size_t>(4 + size * 32 / kFullSize));
    if (size > kFullSize / 2 && dice_.Percent(4)) length *= 4;
    scenario_.commands.reserve(length + 8);
    if (size > kFullSize / 4 && dice_.Percent(2)) Pump();
    length += scenario_.commands.size();
    const bool session = dice_.Percent(35);
    if (session) Session();
    // Refused proposals are not repeated for ever: a state may leave a contract caller nothing to do.
    for (std::size_t tries = 0; scenario_.commands.size() < length && tries < 4 * length && !state_.crashed; ++tries) {
      if (session && scenario_.commands.size() + 8 > length) ending_ = true;
      Add(Propose());
    }
    // A crash is the end of a scenario, but that it stays the end is worth a look now and then.
    if (state_.crashed && dice_.Percent(20)) Add(Propose());
    return std::move(scenario_);
  }

 private:
  // What makes this case unlike the others.
  void Draw() {
    const std::array<std::uint8_t, 4> fault_percents = {0, 8, 20, 45};
    const std::array<std::uint8_t, 4> often = {30, 35, 25, 10};
    fault_percent_ = fault_percents[dice_.Weighted(often)];
    weights_ = kBaseWeights;
    for (std::size_t verb = 0; verb < weights_.size(); ++verb) {
      const bool essential = static_cast<Verb>(verb) == Verb::kPreserveFile ||
                             static_cast<Verb>(verb) == Verb::kPreserveDomain ||
                             static_cast<Verb>(verb) == Verb::kPreserveDevice;
      if (dice_.Percent(essential ? 3 : 20)) weights_[verb] = 0;
    }
    careless_percent_ = mode_ == Mode::kContract ? 5 : dice_.Percent(50) ? 15 : 60;
  }

  // Appends the command if the mode allows it.
  bool Add(const Command& command) {
    if (!Fits(command, scenario_.topology)) return false;
    if (mode_ == Mode::kContract && BreachesOf(scenario_.topology, state_, command) != 0) return false;
    scenario_.commands.push_back(command);
    StepInPlace(scenario_.topology, scenario_.profile, state_, command, outcome_);
    return true;
  }

  Command Propose() {
    Weights weights = weights_;
    if (state_.files == 0) WeightOf(weights, Verb::kPreserveFile) = 30;
    if (state_.incoming.files > 0) {
      WeightOf(weights, Verb::kRetrieve) *= 12;
      WeightOf(weights, Verb::kFinish) *= 12;
    }
    if (kexeced_) {  // the next kernel's owners and attachments are still to come
      WeightOf(weights, Verb::kClaimDmaOwner) = 10;
      WeightOf(weights, Verb::kAttach) = 12;
    }
    if (ending_ && !kexeced_) WeightOf(weights, state_.frozen ? Verb::kKexec : Verb::kFreeze) = 60;
    if (state_.frozen && mode_ == Mode::kContract) WeightOf(weights, Verb::kKexec) = 60;
    WeightOf(weights, Verb::kForEachDev) = std::max<std::uint8_t>(WeightOf(weights, Verb::kForEachDev), 1);
    Command command = {.verb = static_cast<Verb>(dice_.Weighted(weights))};
    FillIn(command);
    if (dice_.Percent(fault_percent_)) Arm(command);
    if (command.verb == Verb::kKexec) kexeced_ = true;
    return command;
  }

  // Operands that make sense in this state, but for the careless ones.
  void FillIn(Command& command) {
    const Topology& topology = scenario_.topology;
    const Operands operands = OperandsOf(command.verb);
    const bool careless = dice_.Percent(careless_percent_);
    if (operands.iommu) command.iommu = Index(topology.iommus.size());
    if (operands.domain) command.domain = Index(topology.domains.size());
    if (operands.device) command.device = Index(topology.devices.size());
    if (command.verb == Verb::kForEachDev && dice_.Percent(40)) command.stop = static_cast<std::uint8_t>(1 + dice_.Below(4));
    if (careless) return;
    if (command.verb == Verb::kPreserveDomain) {
      Seek(command.domain, topology.domains.size(), [&](std::uint8_t d) { return state_.preserved_state[d] == kNull; });
    } else if (command.verb == Verb::kUnpreserveDomain) {
      Seek(command.domain, topology.domains.size(), [&](std::uint8_t d) { return state_.preserved_state[d] >= 0; });
    } else if (command.verb == Verb::kPreserveDevice) {
      Seek(command.device, topology.devices.size(), [&](std::uint8_t d) {
        return state_.device_ser[d] == kNull && IsSound(topology.devices[d]);
      });
    } else if (command.verb == Verb::kUnpreserveDevice || command.verb == Verb::kReleaseDmaOwner) {
      const bool preserved = command.verb == Verb::kUnpreserveDevice;
      Seek(command.device, topology.devices.size(), [&](std::uint8_t d) { return (state_.device_ser[d] >= 0) == preserved; });
    } else if (command.verb == Verb::kClaimDmaOwner) {
      Seek(command.device, topology.devices.size(), [&](std::uint8_t d) {
        const std::uint8_t group = topology.devices[d].group;
        return group != kNone && state_.owner_claims[group] == 0;
      });
    }
    if (operands.device && operands.domain && command.verb != Verb::kAttach) {
      const std::uint8_t attached = state_.attached[command.device];
      if (attached < topology.domains.size()) command.domain = attached;
    }
  }

  // A device that nothing about itself keeps from being preserved.
  static bool IsSound(const Device& device) { return device.is_pci() && device.probed && device.group != kNone; }

  // The first object from `index` on, around, that `fits`; `index` as it was if none does.
  template <typename Fit>
  static void Seek(std::uint8_t& index, std::size_t count, Fit fits) {
    std::uint8_t candidate = index;
    for (std::size_t i = 0; i < count; ++i) {
      if (fits(candidate)) {
        index = candidate;
        return;
      }
      if (++candidate == count) candidate = 0;
    }
  }

  // 0 where there is no object: such a command does not fit and is dropped.
  std::uint8_t Index(std::size_t count) { return count == 0 ? 0 : static_cast<std::uint8_t>(dice_.Below(count)); }

  void Arm(Command& command) {
    const std::span<const FaultSite> sites = SitesOf(command.verb);
    FaultSite site = static_cast<FaultSite>(1 + dice_.Below(kFaultSiteCount - 2));  // not kTakeOver: DeepenFaults
    if (!sites.empty() && !dice_.Percent(8)) site = sites[dice_.Below(sites.size())];
    std::uint32_t nth = 1;
    if (dice_.Percent(site == FaultSite::kKhoAlloc || site == FaultSite::kKhoRestore ? 50 : 10)) nth += dice_.Below(4);
    const std::array errors = {ENOMEM, EIO, ENOSPC, EAGAIN};
    int error = -errors[dice_.Below(errors.size())];
    if (site == FaultSite::kKzalloc || site == FaultSite::kKhoRestore) error = -ENOMEM;
    command = WithFault(command, site, error, static_cast<int>(nth));
  }

  // The beginning of an orderly session: the file, the domains, the devices.
  void Session() {
    Add(PreserveFile());
    for (std::uint8_t domain = 0; domain < scenario_.topology.domains.size(); ++domain) Add(PreserveDomain(domain));
    for (std::uint8_t device = 0; device < scenario_.topology.devices.size() && !state_.crashed; ++device) {
      Command command = PreserveDevice(0, device);
      FillIn(command);
      if (dice_.Percent(fault_percent_)) Arm(command);
      if (IsSound(scenario_.topology.devices[device]) && dice_.Percent(75)) Add(command);
    }
  }

  // Fills a page and goes on: slots are spent by calls that fail, or by preserve and unpreserve in turn.
  void Pump() {
    const Layout& layout = scenario_.profile.layout;
    const std::vector<Device>& all = scenario_.topology.devices;
    std::uint8_t device = Index(all.size());
    Seek(device, all.size(), [&](std::uint8_t d) { return IsSound(all[d]); });
    const bool devices = dice_.Percent(80);
    const std::uint32_t capacity = std::max<std::uint32_t>(
        devices ? (dice_.Percent(50) ? layout.hw_capacity() : layout.device_capacity()) : layout.domain_capacity(), 1);
    if (dice_.Percent(5)) return PumpClaims(device);
    Add(PreserveFile());
    if (devices) Add(PreserveDomain(0));
    const bool by_failure = dice_.Percent(60);
    const std::uint32_t cycles = capacity + dice_.Below(6) - 1;
    for (std::uint32_t i = 0; i < cycles && !state_.crashed; ++i) {
      Command command = devices ? PreserveDevice(0, device) : PreserveDomain(0);
      if (dice_.Percent(25)) {
        command = WithFault(command, FaultSite::kKhoAlloc, -ENOMEM, dice_.Percent(70) ? 1 : 2);
      } else if (by_failure) {
        command = WithFault(command, devices ? FaultSite::kIommuPreserve : FaultSite::kPtPreserve, -EIO);
      }
      if (!Add(command)) return;
      if (devices && state_.device_ser[device] >= 0) Add(UnpreserveDevice(0, device));
      if (!devices && state_.preserved_state[0] >= 0) Add(UnpreserveDomain(0));
    }
  }

  // The owner count of a group saturates.
  void PumpClaims(std::uint8_t device) {
    for (int i = 0; i < 256; ++i) Add(ClaimDmaOwner(device));
  }

  Mode mode_;
  Dice dice_;
  Scenario scenario_;
  State state_;
  Outcome outcome_;
  Weights weights_{};
  std::uint32_t fault_percent_ = 0;
  std::uint32_t careless_percent_ = 0;
  bool ending_ = false;
  bool kexeced_ = false;
};

// Cases of neighbouring seeds and indices have nothing in common.
Dice DiceOf(Mode mode, std::uint64_t seed, std::uint64_t index) {
  const std::uint64_t mixed = Dice(seed).Next() + static_cast<std::uint64_t>(mode);
  return Dice(Dice(mixed).Next() ^ index * 0xd1342543de82ef95ull);
}

// Lazily: most edits are never tried.
rc::Shrinkable<Scenario> Shrinking(Scenario scenario, Mode mode) {
  return rc::shrinkable::shrinkRecur(std::move(scenario), [mode](const Scenario& larger) {
    return rc::seq::mapMaybe(rc::seq::fromContainer(EditsOf(larger)), [larger, mode](const Edit& edit) -> rc::Maybe<Scenario> {
      std::optional<Scenario> smaller = Apply(larger, edit);
      if (!smaller || (mode == Mode::kContract && !KeepsContract(*smaller))) return rc::Nothing;
      return std::move(*smaller);
    });
  });
}

}  // namespace

std::string_view ModeName(Mode mode) { return mode == Mode::kContract ? "contract" : "hostile"; }

Scenario GenerateScenario(const Profile& profile, Mode mode, std::uint64_t seed, std::uint64_t index, int size) {
  return Author(profile, mode, DiceOf(mode, seed, index)).Write(std::clamp(size, 0, kFullSize));
}

void DeepenFaults(std::uint64_t seed, std::uint64_t index, Scenario& scenario) {
  Dice dice(Dice(~seed).Next() ^ index * 0xd1342543de82ef95ull);
  for (Command& command : scenario.commands) {
    if (HasDepth(command.fault.site) && dice.Percent(80)) command.fault.depth = static_cast<std::uint8_t>(1 + dice.Below(12));
  }
  for (Command& command : scenario.commands) {
    if ((command.verb != Verb::kRetrieve && command.verb != Verb::kFinish) || command.fault.armed() || !dice.Percent(30)) continue;
    command = WithFault(command, FaultSite::kTakeOver);
    command.fault.depth = static_cast<std::uint8_t>(1 + dice.Below(40));
  }
}

rc::Gen<Scenario> Scenarios(const Profile& profile, Mode mode) {
  return rc::Gen<Scenario>([profile, mode](const rc::Random& random, int size) {
    rc::Random source = random;
    return Shrinking(GenerateScenario(profile, mode, source.next(), 0, size), mode);
  });
}

bool KeepsContract(const Scenario& scenario) {
  State state = InitialState(scenario.topology);
  Outcome outcome;
  for (const Command& command : scenario.commands) {
    if (BreachesOf(scenario.topology, state, command) != 0) return false;
    StepInPlace(scenario.topology, scenario.profile, state, command, outcome);
  }
  return true;
}

void showValue(const Scenario& scenario, std::ostream& stream) { stream << TraceText(scenario); }
void PrintTo(const Scenario& scenario, std::ostream* stream) { *stream << TraceText(scenario); }

}  // namespace holdfast
