#include "properties/study/rc_state.h"

#include <algorithm>
#include <deque>
#include <ostream>
#include <utility>

#include <rapidcheck/state.h>

#include "model/command.h"
#include "model/rules/contract.h"
#include "model/outcome.h"
#include "model/rules/rules.h"
#include "model/state.h"
#include "model/step.h"
#include "model/text/text.h"
#include "model/topology.h"
#include "properties/generate/rapidcheck.h"

namespace holdfast {

void showValue(const Topology& topology, std::ostream& stream) {
  stream << PrintTopology(topology);
}

namespace {

// The part that does not change within a case, so it is not copied with the model.
struct World {
  World(Topology t, const Profile& p) : topology(std::move(t)), profile(p) {}

  Topology topology;
  Profile profile;
};

// The model, a value.
struct Reference {
  const World* world;  // outlives the check
  State state;
};

// The implementation, the past that the rules need, and the model's state after the last command.
// The teardown starts from that state.
struct System {
  Sut& sut;
  const World& world;
  std::uint64_t& commands;  // counts
  State state = InitialState(world.topology);
  Ledger ledger = {};
  Breaches breaches = 0;

  RuleSet owed() const { return breaches == 0 ? ~RuleSet{0} : HardenedRules(world.profile); }
};

// Runs the command on the implementation and holds it against the model.
void RunChecked(const State& before, System& system, const Command& command) {
  const auto& [topology, profile] = system.world;
  State after = before;
  Outcome expected, outcome;
  StepInPlace(topology, profile, after, command, expected);
  ++system.commands;
  system.sut.Run(command, outcome);
  RC_ASSERT(outcome == expected);
  Observation observed;
  system.sut.Observe(observed);
  RC_ASSERT(observed.state == after);
  RC_ASSERT(observed.queries == AnswerQueries(topology, profile, after));
  system.breaches |= BreachesOf(topology, before, command);
  RuleCheck rules = system.ledger.Check({topology, profile, before, command, outcome, after});
  rules |= CheckState(topology, profile, after);
  rules |= CheckQueries(topology, profile, after, observed.queries);
  RC_ASSERT((rules.broken & system.owed()) == 0u);
  system.state = std::move(after);
}

// As Lockstep::TearDown.
void TearDown(System& system) {
  const State& state = system.state;
  const Topology& topology = system.world.topology;
  const auto run = [&](const Command& command) { RunChecked(state, system, command); };
  if (state.frozen) return;
  for (std::uint8_t device = 0; device < topology.devices.size(); ++device) {
    const std::uint8_t group = topology.devices[device].group;
    if (state.device_ser[device] < 0 || group == kNone) continue;
    if (state.owner_claims[group] == 0) run(ClaimDmaOwner(device));
    const std::uint8_t attached = state.attached[device];
    run(UnpreserveDevice(attached < topology.domains.size() ? attached : 0, device));
    if (state.crashed) return;
  }
  for (std::uint8_t domain = 0; domain < topology.domains.size(); ++domain) {
    if (state.preserved_state[domain] >= 0) run(UnpreserveDomain(domain));
    if (state.crashed) return;
  }
  while (state.files > 0 && !state.crashed) run(UnpreserveFile());
  if (state.crashed) return;
  RC_ASSERT((CheckEnd(state).broken & system.owed()) == 0u);
}

// One class a verb. A call draws its operands and its fault when it is made.
template <Verb verb>
class Call : public rc::state::Command<Reference, System> {
 public:
  explicit Call(const Reference& reference) {
    const Topology& topology = reference.world->topology;
    command_.verb = verb;
    constexpr Operands kOperands = OperandsOf(verb);
    if (kOperands.iommu) command_.iommu = Draw(topology.iommus.size());
    if (kOperands.device) command_.device = Draw(topology.devices.size());
    if (kOperands.domain) command_.domain = Draw(topology.domains.size());
    if (verb == Verb::kForEachDev) command_.stop = Draw(5);
    if (*rc::gen::inRange(0, 10) == 0) {
      command_ = WithFault(command_, static_cast<FaultSite>(*rc::gen::inRange(1, kFaultSiteCount)));
    }
  }

  // RapidCheck draws the length beforehand, and would go on after a crash with commands that do
  // nothing. So no crash is generated.
  void checkPreconditions(const Reference& reference) const override {
    RC_PRE(!Step(reference.world->topology, reference.world->profile, reference.state, command_)
                .outcome.crashed());
  }
  void apply(Reference& reference) const override {
    Outcome outcome;
    StepInPlace(reference.world->topology, reference.world->profile, reference.state, command_,
                outcome);
  }
  void run(const Reference& before, System& system) const override {
    RunChecked(before.state, system, command_);
  }
  void show(std::ostream& stream) const override { stream << PrintCommand(command_); }

 private:
  static std::uint8_t Draw(std::size_t count) {
    RC_PRE(count > 0u);  // a topology may have no domain
    return *rc::gen::inRange<std::uint8_t>(0, static_cast<std::uint8_t>(count));
  }

  holdfast::Command command_;
};

const auto any_call = rc::state::gen::execOneOfWithArgs<
    Call<Verb::kPreserveFile>, Call<Verb::kUnpreserveFile>, Call<Verb::kPreserveDomain>,
    Call<Verb::kUnpreserveDomain>, Call<Verb::kPreserveDevice>, Call<Verb::kUnpreserveDevice>,
    Call<Verb::kForEachDev>, Call<Verb::kClaimDmaOwner>, Call<Verb::kReleaseDmaOwner>,
    Call<Verb::kAttach>, Call<Verb::kFreeze>, Call<Verb::kKexec>, Call<Verb::kRetrieve>,
    Call<Verb::kFinish>, Call<Verb::kProbeDevice>, Call<Verb::kRestoreDomain>,
    Call<Verb::kReleaseDevice>>();

// 0 to count - 1, at any size. RapidCheck shrinks to 0.
template <typename T = std::uint8_t>
T Below(int count) {
  return static_cast<T>(*rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, count)));
}
bool OneIn(int count) { return Below<int>(count) == count - 1; }

// Draws as GenerateTopology does, by RapidCheck.
Topology DrawTopology() {
  Topology topology;
  topology.iommus.resize(1 + Below<std::size_t>(4));
  topology.domains.resize(Below<std::size_t>(4));
  const int devices = 1 + Below<int>(8);
  const bool odd = OneIn(2);
  for (int i = 0; i < devices; ++i) {
    Device device = {.iommu = Below(static_cast<int>(topology.iommus.size())),
                     .group = static_cast<std::uint8_t>(i)};
    if (odd && OneIn(8)) device.bus = static_cast<Bus>(Below<int>(kBusCount));
    if (odd && OneIn(12)) device.probed = false;
    if (odd && OneIn(12)) device.group = kNone;
    if (odd && OneIn(4)) {
      const Device& other =
          topology.devices.empty() ? device : topology.devices[Below<std::size_t>(i)];
      if (other.iommu == device.iommu) device.group = other.group;
    }
    topology.devices.push_back(device);
  }
  for (Iommu& iommu : topology.iommus) {
    if (odd && OneIn(7)) iommu.missing_ops = static_cast<std::uint8_t>(1u << Below<int>(4));
  }
  for (Domain& domain : topology.domains) {
    if (odd && OneIn(8)) domain.missing_ops = OpBit(OneIn(2) ? Op::kPtUnpreserve : Op::kPtPreserve);
  }
  return topology;
}

}  // namespace

RcStateResult CheckRcState(Sut& sut, const Profile& profile, std::uint64_t seed) {
  RcStateResult result;
  std::uint64_t shrinking = 0;
  // of all tests: RapidCheck asks for the shrinks of a case after its property is done
  std::deque<World> worlds;
  RcParams params;
  params.seed = seed;
  const auto property = [&] {
    const World& world = worlds.emplace_back(*rc::gen::exec(DrawTopology), profile);
    System system = {sut, world, result.failed ? shrinking : result.commands};
    sut.Reset(world.topology, world.profile.luo);
    try {
      rc::state::check(Reference{&world, system.state}, system, any_call);
      TearDown(system);
    } catch (const RcCaseResult& end) {
      result.failed |= end.type == RcCaseResult::Type::Failure;
      throw;
    }
  };
  const RcResult outcome = CheckProperty(property, params);
  if (!outcome.failed) return result;
  for (const auto& [type, text] : outcome.counterexample) result.text += text + "\n";
  const std::string& calls = outcome.counterexample.back().second;
  result.shrunk = calls.empty()
                      ? 0
                      : static_cast<std::size_t>(std::count(calls.begin(), calls.end(), '\n')) + 1;
  return result;
}

}  // namespace holdfast
