#include "properties/shrink/pumped.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "model/explore/world.h"
#include "model/rules/contract.h"
#include "properties/lockstep/keeps_contract.h"
#include "properties/lockstep/lockstep.h"
#include "properties/shrink/breadth_first.h"

namespace holdfast {
namespace {

using Commands = std::vector<Command>;

// The calls once for each device, and then the calls that take them back.
Commands ForAllDevices(const Topology& topology, const Command& command, bool take_back) {
  Commands turn;
  for (const bool back : {false, true}) {
    if (back && !take_back) break;
    for (std::size_t d = 0; d < topology.devices.size(); ++d) {
      turn.push_back(command);
      turn.back().device = static_cast<std::uint8_t>(d);
      if (back) {
        turn.back().verb = *InverseOf(command.verb);
        turn.back().fault = {};
      }
    }
  }
  return turn;
}

std::vector<Commands> TurnsOf(const Topology& topology, bool of_port) {
  std::vector<Commands> turns;
  for (const Command& command : AllCommands(topology, of_port)) {
    if (command.fault.depth > 1) continue;
    const bool has_inverse = InverseOf(command.verb).has_value();
    const bool of_device = OperandsOf(command.verb).device;
    if (of_device && command.device != 0) continue;  // they are all alike
    turns.push_back({command});
    if (has_inverse && !command.fault.armed()) {
      Command back = command;
      back.verb = *InverseOf(command.verb);
      turns.push_back({command, back});
    }
    if (!of_device || command.fault.armed() || topology.devices.size() == 1) continue;
    turns.push_back(ForAllDevices(topology, command, false));
    if (has_inverse) turns.push_back(ForAllDevices(topology, command, true));
  }
  return turns;
}

class TurnSearch {
 public:
  TurnSearch(Sut& sut, const ShortestOptions& options, const Counterexample& found)
      : sut_(sut), options_(options), found_(found), lockstep_(sut) {
    keeps_contract_ = sut.contract_only() || KeepsContract(found.scenario);
    shortest_ = found.scenario.commands.size();
    lockstep_.set_hardened(options.hardened);
    lockstep_.set_deadline(options.deadline);
  }

  Pumped Run() {
    try {
      std::vector<Topology> topologies = {found_.scenario.topology, MakeTopology(1, 1, 1),
                                          MakeTopology(1, kMaxDevices, 1)};
      if (topologies[0] == topologies[1]) topologies.erase(topologies.begin());
      for (const Topology& topology : topologies) {
        for (const Commands& turn : TurnsOf(topology, sut_.contract_only())) {
          for (const Commands& way :
               {Commands{}, Commands{PreserveFile()}, Commands{PreserveFile(), PreserveDomain(0)},
                Commands{PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0)}}) {
            if (!Pump(topology, way, turn)) return std::move(result_);
          }
        }
      }
      result_.finished = true;
    } catch (const OutOfTime&) {
    }
    return std::move(result_);
  }

 private:
  // False: the commands are spent.
  bool Pump(const Topology& topology, const Commands& way, const Commands& turn) {
    scenario_ = {found_.scenario.profile, topology, {}};
    lockstep_.Begin(scenario_.topology, scenario_.profile);
    Commands next = way;
    while (result_.commands < options_.edges) {
      for (const Command& command : next) {
        if (!Call(command)) return true;
      }
      if (!TryTails()) return true;
      if (scenario_.commands.size() + 1 >= shortest_) return true;
      next = turn;
    }
    return false;
  }

  // False: nothing follows.
  bool Call(const Command& command) {
    if (scenario_.commands.size() + 1 >= shortest_ || !Fits(command, scenario_.topology))
      return false;
    if (keeps_contract_ && BreachesOf(scenario_.topology, lockstep_.state(), command) != 0)
      return false;
    ++result_.commands;
    scenario_.commands.push_back(command);
    try {
      if (lockstep_.Run(command)) return !lockstep_.state().crashed;
    } catch (const Exhausted&) {  // the scenario shows nothing
      return false;
    }
    Note();
    return false;
  }

  // The last one, two or three calls of the scenario, and the teardown.
  bool TryTails() {
    lockstep_.Save(here_);
    const std::size_t length = scenario_.commands.size();
    const Commands& calls = found_.scenario.commands;
    for (std::size_t tail = 0; tail <= std::min<std::size_t>(3, calls.size()); ++tail) {
      bool goes_on = true;
      for (std::size_t i = calls.size() - tail; goes_on && i < calls.size(); ++i)
        goes_on = Call(calls[i]);
      if (goes_on && found_.divergence.moment != Divergence::Moment::kCommand &&
          scenario_.commands.size() < shortest_ && !lockstep_.TearDown())
        Note();
      scenario_.commands.resize(length);
      lockstep_.Restore(here_);
    }
    return length < shortest_;
  }

  void Note() {
    const Divergence& divergence = *lockstep_.divergence();
    if (divergence.rule != found_.divergence.rule || scenario_.commands.size() >= shortest_) return;
    if (options_.counts && !options_.counts(scenario_, divergence)) return;
    result_.shorter = {scenario_, divergence};
    shortest_ = scenario_.commands.size();
  }

  Sut& sut_;
  const ShortestOptions& options_;
  const Counterexample& found_;
  Lockstep lockstep_;
  bool keeps_contract_;
  std::size_t shortest_;  // commands of the best so far
  Scenario scenario_;     // the sequence at hand
  Checkpoint here_;
  Pumped result_;
};

}  // namespace

Pumped SearchTurns(Sut& sut, const ShortestOptions& options, const Counterexample& found) {
  return TurnSearch(sut, options, found).Run();
}

}  // namespace holdfast
