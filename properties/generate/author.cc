#include "properties/generate/author.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "model/rules/contract.h"
#include "model/step.h"
#include "properties/generate/generate_topology.h"
#include "properties/generate/length.h"
#include "properties/generate/repetition.h"

namespace holdfast {
namespace {

std::uint8_t& WeightOf(VerbWeights& weights, Verb verb) {
  return weights[static_cast<std::size_t>(verb)];
}

// The sites that a fault of a verb can strike, with repetition as weight. A site is drawn from this
// list nearly always, and from all sites now and then.
std::span<const FaultSite> SitesOf(Verb verb) {
  using enum FaultSite;
  static constexpr std::array kFile = {kFlbPreserve, kKzalloc, kKhoAlloc};
  static constexpr std::array kDomain = {kPtPreserve, kPtPreserve, kKhoAlloc, kFlbGetOutgoing};
  static constexpr std::array kDevice = {kIommuPreserve,       kIommuPreserve, kIommuPreserveDevice,
                                         kIommuPreserveDevice, kKhoAlloc,      kFlbGetOutgoing};
  static constexpr std::array kUnpreserve = {kFlbGetOutgoing};
  static constexpr std::array kIncoming = {kFlbRetrieve, kKzalloc, kKhoRestore};
  static constexpr std::array kProbe = {kFlbGetIncoming, kFlbGetIncoming, kFlbRetrieve, kKzalloc,
                                        kKhoRestore};
  static constexpr std::array kRestore = {kFlbGetIncoming, kPagingDomainAlloc, kPtRestore};
  switch (verb) {
    case Verb::kPreserveFile: return kFile;
    case Verb::kPreserveDomain: return kDomain;
    case Verb::kPreserveDevice: return kDevice;
    case Verb::kUnpreserveDomain:
    case Verb::kUnpreserveDevice: return kUnpreserve;
    case Verb::kRetrieve:
    case Verb::kFinish: return kIncoming;
    case Verb::kProbeDevice: return kProbe;
    case Verb::kRestoreDomain: return kRestore;
    default: return {};
  }
}

// A device without a trait that keeps it from being preserved.
bool IsSound(const Device& device) {
  return device.is_pci() && device.probed && device.group != kNone;
}

// The first object from `index` on, and around, that `fits`. `index` stays if no object fits.
template <typename Fit>
void Seek(std::uint8_t& index, std::size_t count, Fit fits) {
  std::uint8_t candidate = index;
  for (std::size_t i = 0; i < count; ++i) {
    if (fits(candidate)) {
      index = candidate;
      return;
    }
    if (++candidate == count) candidate = 0;
  }
}

bool Holds(std::uint32_t bits, std::uint8_t object) { return (bits >> object & 1) != 0; }

}  // namespace

Author::Author(const Profile& profile, Mode mode, const Ideas& ideas, Dice dice, Unseen& unseen)
    : mode_(mode),
      ideas_(ideas),
      dice_(dice),
      unseen_(unseen),
      scenario_{.profile = profile, .topology = {}, .commands = {}},
      page_(profile.layout) {
  looks_for_unseen_ = ideas_.unseen && dice_.Percent(25);
  scenario_.topology = GenerateTopology(dice_);
  if (looks_for_unseen_) {
    Topology other = GenerateTopology(dice_);
    if (TimesOfRarest(unseen_, other) < TimesOfRarest(unseen_, scenario_.topology))
      scenario_.topology = std::move(other);
    CountTraits(unseen_, scenario_.topology);
  }
  state_ = InitialState(scenario_.topology);
}

Scenario Author::Write(int size) {
  swarm_ = ideas_.swarm ? DrawSwarm(scenario_.topology, dice_) : Everything();
  careless_percent_ = mode_ == Mode::kContract ? 5 : dice_.Percent(50) ? 15 : 60;
  constexpr std::array<std::uint8_t, 3> kRepeatPercents = {0, 4, 20}, kOften = {45, 40, 15};
  if (ideas_.repetition) repeat_percent_ = kRepeatPercents[dice_.Weighted(kOften)];
  const std::size_t moves = ideas_.lengths ? DrawLength(size, dice_) : MiddlingLength(size, dice_);
  scenario_.commands.reserve(moves + 16);

  if (dice_.Percent(35)) {
    Generations(moves);
  } else {
    Moves(moves);
  }
  // A crash ends a scenario. Now and then a case goes on, to see that the crash stays.
  if (state_.crashed && dice_.Percent(20)) Add(Propose());
  return std::move(scenario_);
}

// The number of refused proposals is bounded: a state may leave a contract caller nothing to do.
void Author::Moves(std::size_t moves) {
  for (std::size_t tries = 3 * moves; moves > 0 && tries > 0 && !IsOver(); --tries) moves -= Move();
}

// Kernel after kernel, each with a session and a handover.
void Author::Generations(std::size_t moves) {
  constexpr std::array<std::uint8_t, 4> kOften = {70, 18, 8, 4};
  const std::size_t kernels = 1 + dice_.Weighted(kOften);
  for (std::size_t kernel = 0; kernel < kernels && !IsOver(); ++kernel) {
    Session();
    Moves(moves / kernels);
    if (kernel + 1 < kernels || dice_.Percent(60)) HandOver();
  }
  Moves(2);
}

// The beginning of an orderly session: the file, the domains, the devices with their owners and
// their domains.
void Author::Session() {
  const Topology& topology = scenario_.topology;
  const bool moves_devices = dice_.Percent(30);
  Add(PreserveFile());
  for (std::uint8_t domain = 0; domain < topology.domains.size(); ++domain)
    Add(PreserveDomain(domain));
  for (std::uint8_t device = 0; device < topology.devices.size() && !IsOver(); ++device) {
    if (!IsSound(topology.devices[device]) || !Holds(swarm_.devices, device) || !dice_.Percent(75))
      continue;
    if (state_.owner_claims[topology.devices[device].group] == 0) Add(ClaimDmaOwner(device));
    if (state_.attached[device] == kNone || moves_devices) Add(Attach(Domain(), device));
    Command command = PreserveDevice(0, device);
    FillIn(command);
    if (dice_.Percent(swarm_.fault_percent)) Arm(command);
    Add(command);
  }
}

// The end of an orderly session, and the first calls of the next kernel. Now and then another call
// comes between.
void Author::HandOver() {
  const std::uint32_t retrieves = dice_.Below(4), finishes = dice_.Below(4);
  const auto add = [&](Command command) {
    if (dice_.Percent(10)) Move();
    if (dice_.Percent(swarm_.fault_percent)) Arm(command);
    if (!IsOver()) Add(command);
  };
  add(Freeze());
  add(Kexec());
  // the first call that retrieves may be a probe
  const bool probes_first = dice_.Percent(50);
  if (probes_first) TakeOver();
  for (std::uint32_t i = 0; i < retrieves; ++i) add(Retrieve());
  if (!probes_first) TakeOver();
  for (std::uint32_t i = 0; i < finishes; ++i) add(Finish());
}

// The next kernel probes its devices, and takes over those that came with a record.
void Author::TakeOver() {
  if (!scenario_.profile.restores || dice_.Percent(30)) return;
  const auto add = [&](Command command) {
    if (dice_.Percent(10)) Move();
    if (dice_.Percent(swarm_.fault_percent)) Arm(command);
    if (!IsOver()) Add(command);
  };
  for (std::uint8_t device = 0; device < scenario_.topology.devices.size(); ++device) {
    if (!dice_.Percent(80)) continue;
    add(ProbeDevice(device));
    if (state_.restored_ser[device] >= 0 && dice_.Percent(80)) add(RestoreDomain(device));
  }
}

bool Author::Allowed(const Command& command) const {
  return Fits(command, scenario_.topology) &&
         (mode_ == Mode::kHostile || BreachesOf(scenario_.topology, state_, command) == 0);
}

// Appends the command if the mode allows it.
bool Author::Add(const Command& command) {
  if (!Allowed(command)) return false;
  scenario_.commands.push_back(command);
  StepInPlace(scenario_.topology, scenario_.profile, state_, command, outcome_);
  if (command.verb == Verb::kKexec) kexeced_ = true;
  return true;
}

// False if the mode refused it.
bool Author::Move() {
  if (repeat_percent_ == 0 || !dice_.Percent(repeat_percent_)) return Add(Choose());
  Repeat();
  return true;
}

void Author::Repeat() {
  const Motif motif = DrawMotif(dice_);
  if (motif == Motif::kFill) return FillPage();
  std::array<Command, 12> turn;
  std::size_t length = 1;
  if (motif == Motif::kLoop) {
    const std::vector<Command>& past = scenario_.commands;
    if (past.empty()) return;
    length = 1 + dice_.Below(std::min(past.size(), turn.size()));
    std::copy(past.end() - static_cast<std::ptrdiff_t>(length), past.end(), turn.begin());
  } else {
    turn[0] = Choose();
    if (!Fits(turn[0], scenario_.topology)) return;
    if (swarm_.fault_percent != 0 && !turn[0].fault.armed() && dice_.Percent(30)) Arm(turn[0]);
    const std::optional<Command> inverse =
        motif == Motif::kPair ? InverseOf(state_, turn[0]) : std::nullopt;
    if (inverse) turn[length++] = *inverse;
  }
  for (std::size_t turns = DrawTurns(dice_); turns > 0 && Add(std::span(turn).first(length));
       --turns) {
  }
}

// Appends the calls that the mode allows. False if the mode allows none, or if the case is full.
bool Author::Add(std::span<const Command> calls) {
  bool added = false;
  for (const Command& call : calls) {
    if (IsOver()) return false;
    added |= Add(call);
  }
  return added;
}

// Slots are spent by calls that fail, or by preserve and unpreserve in turn.
void Author::FillPage() {
  const bool devices = dice_.Percent(65);
  Command turn[2] = {{.verb = devices ? Verb::kPreserveDevice : Verb::kPreserveDomain}, {}};
  FillIn(turn[0]);
  if (!Fits(turn[0], scenario_.topology)) return;
  turn[1] = *InverseOf(state_, turn[0]);
  if (swarm_.fault_percent != 0 && dice_.Percent(65)) {
    turn[0] =
        WithFault(turn[0], devices ? FaultSite::kIommuPreserve : FaultSite::kPtPreserve, -EIO);
  }
  if (state_.files == 0) Add(PreserveFile());
  if (devices && state_.preserved_state[turn[0].domain] == kNull)
    Add(PreserveDomain(turn[0].domain));
  for (std::size_t ends = DrawPageEnds(dice_); ends > 0;) {
    const ChainLengths before = LengthsOf(state_.flb);
    if (!Add(turn)) return;
    const ChainLengths after = LengthsOf(state_.flb);
    if (after == before) return;
    ends -= CameToPageEnd(page_, before, after);
  }
  if (dice_.Percent(50)) Knock(turn[0]);
  if (dice_.Percent(25)) HandOver();
}

// At the end of a page: the call that needs the next page is denied the page, perhaps several
// times, and is made again.
void Author::Knock(const Command& call) {
  if (swarm_.fault_percent == 0) return;
  const std::uint32_t times = 1 + dice_.Below(3);
  for (std::uint32_t i = 0; i < times && !state_.crashed; ++i)
    Add(WithFault(call, FaultSite::kKhoAlloc));
  Command again = call;
  again.fault = {};
  if (!state_.crashed) Add(again);
}

// In a case that looks for the unseen: of two proposals, the proposal that was made less often in
// such a state.
Command Author::Choose() {
  const Command command = Propose();
  if (!looks_for_unseen_) return command;
  const Command other = Propose();
  const std::uint64_t state_class = StateClass(page_, state_);
  const auto times = [&](const Command& each) {
    return Fits(each, scenario_.topology)
               ? &unseen_.Times(state_class, CommandClass(scenario_.topology, each))
               : nullptr;
  };
  std::uint8_t* const of_command = times(command);
  std::uint8_t* const of_other = times(other);
  const bool takes_other =
      of_other != nullptr && (of_command == nullptr || *of_other < *of_command);
  Unseen::Count(takes_other ? of_other : of_command);
  return takes_other ? other : command;
}

VerbWeights Author::WeightsNow() const {
  VerbWeights weights = swarm_.weights;
  if (state_.files == 0) WeightOf(weights, Verb::kPreserveFile) = 30;
  if (state_.incoming.files > 0) {
    WeightOf(weights, Verb::kRetrieve) *= 12;
    WeightOf(weights, Verb::kFinish) *= 12;
    WeightOf(weights, Verb::kProbeDevice) *= 16;
    WeightOf(weights, Verb::kRestoreDomain) *= 16;
  }
  if (!scenario_.profile.restores) {
    for (const Verb verb : {Verb::kProbeDevice, Verb::kRestoreDomain, Verb::kReleaseDevice})
      WeightOf(weights, verb) = 0;
  }
  if (kexeced_) {  // the next kernel's owners and attachments are still to come
    WeightOf(weights, Verb::kClaimDmaOwner) = 10;
    WeightOf(weights, Verb::kAttach) = 12;
  }
  if (state_.frozen && mode_ == Mode::kContract) WeightOf(weights, Verb::kKexec) = 60;
  WeightOf(weights, Verb::kForEachDev) =
      std::max<std::uint8_t>(WeightOf(weights, Verb::kForEachDev), 1);
  return weights;
}

Verb Author::DrawVerb() {
  const std::uint32_t now = 1u | (state_.files == 0) << 1 | (state_.incoming.files > 0) << 2 |
                            kexeced_ << 3 | state_.frozen << 4;
  if (now != weighed_) weights_ = WeightsNow();
  weighed_ = now;
  return static_cast<Verb>(dice_.Weighted(weights_));
}

Command Author::Propose() {
  Command command = {.verb = DrawVerb()};
  FillIn(command);
  if (dice_.Percent(FaultPercent())) Arm(command);
  return command;
}

// A full page is rare.
std::uint32_t Author::FaultPercent() const {
  if (swarm_.fault_percent == 0 || !AtPageEnd(page_, LengthsOf(state_.flb)))
    return swarm_.fault_percent;
  return std::max<std::uint32_t>(swarm_.fault_percent, 40);
}

// 0 where there is no object: such a command does not fit and is dropped.
std::uint8_t Author::Device() {
  const std::size_t count = scenario_.topology.devices.size();
  std::uint8_t device = count == 0 ? 0 : static_cast<std::uint8_t>(dice_.Below(count));
  Seek(device, count, [&](std::uint8_t d) { return Holds(swarm_.devices, d); });
  return device;
}

std::uint8_t Author::Domain() {
  const std::size_t count = scenario_.topology.domains.size();
  std::uint8_t domain = count == 0 ? 0 : static_cast<std::uint8_t>(dice_.Below(count));
  Seek(domain, count, [&](std::uint8_t d) { return Holds(swarm_.domains, d); });
  return domain;
}

// Operands that make sense in this state, and sometimes careless operands.
void Author::FillIn(Command& command) {
  const Topology& topology = scenario_.topology;
  const Operands operands = OperandsOf(command.verb);
  const bool careless = dice_.Percent(careless_percent_);
  if (operands.iommu)
    command.iommu = static_cast<std::uint8_t>(dice_.Below(topology.iommus.size()));
  if (operands.domain) command.domain = Domain();
  if (operands.device) command.device = Device();
  if (command.verb == Verb::kForEachDev && dice_.Percent(40))
    command.stop = static_cast<std::uint8_t>(1 + dice_.Below(4));
  if (careless) return;
  if (command.verb == Verb::kPreserveDomain) {
    Seek(command.domain, topology.domains.size(), [&](std::uint8_t d) {
      return state_.preserved_state[d] == kNull && Holds(swarm_.domains, d);
    });
  } else if (command.verb == Verb::kUnpreserveDomain) {
    Seek(command.domain, topology.domains.size(),
         [&](std::uint8_t d) { return state_.preserved_state[d] >= 0; });
  } else if (command.verb == Verb::kPreserveDevice) {
    Seek(command.device, topology.devices.size(), [&](std::uint8_t d) {
      return state_.device_ser[d] == kNull && IsSound(topology.devices[d]) &&
             Holds(swarm_.devices, d);
    });
  } else if (command.verb == Verb::kUnpreserveDevice || command.verb == Verb::kReleaseDmaOwner) {
    const bool preserved = command.verb == Verb::kUnpreserveDevice;
    Seek(command.device, topology.devices.size(),
         [&](std::uint8_t d) { return (state_.device_ser[d] >= 0) == preserved; });
  } else if (command.verb == Verb::kRestoreDomain) {
    Seek(command.device, topology.devices.size(),
         [&](std::uint8_t d) { return state_.restored_ser[d] >= 0; });
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

// Whether a fault there is likely to strike.
bool Author::Passes(const Command& command, FaultSite site) const {
  switch (site) {
    case FaultSite::kFlbPreserve:
    case FaultSite::kKzalloc: return command.verb != Verb::kPreserveFile || state_.files == 0;
    case FaultSite::kKhoAlloc:
      return command.verb == Verb::kPreserveFile ? state_.files == 0
                                                 : AtPageEnd(page_, LengthsOf(state_.flb));
    case FaultSite::kIommuPreserve:
      return command.device < scenario_.topology.devices.size() &&
             state_.outgoing_preserved_state[scenario_.topology.devices[command.device].iommu] ==
                 kNull;
    default: return true;
  }
}

void Author::Arm(Command& command) {
  const std::span<const FaultSite> sites = SitesOf(command.verb);
  FaultSite site = static_cast<FaultSite>(1 + dice_.Below(kFaultSiteCount - 1));
  if (site == FaultSite::kTakeOver) return;  // DeepenFaults
  if (!sites.empty() && !dice_.Percent(8)) {
    site = sites[dice_.Below(sites.size())];
    // A site that the call does not pass is drawn again.
    for (int i = 0; i < 3 && !Passes(command, site); ++i) site = sites[dice_.Below(sites.size())];
  }
  if (!Holds(swarm_.sites, static_cast<std::uint8_t>(site))) return;
  std::uint32_t nth = 1;
  if (dice_.Percent(site == FaultSite::kKhoAlloc || site == FaultSite::kKhoRestore ? 50 : 10))
    nth += dice_.Below(4);
  const std::array errors = {ENOMEM, EIO, ENOSPC, EAGAIN};
  int error = -errors[dice_.Below(errors.size())];
  if (ReturnsNull(site)) error = -ENOMEM;
  command = WithFault(command, site, error, static_cast<int>(nth));
}

}  // namespace holdfast
