#include "properties/generate/turn.h"

#include <cstdint>

#include "model/step.h"

namespace holdfast {
namespace {

bool TakesBack(Verb verb) {
  return verb == Verb::kUnpreserveFile || verb == Verb::kUnpreserveDomain ||
         verb == Verb::kUnpreserveDevice || verb == Verb::kReleaseDmaOwner;
}

class Turn {
 public:
  Turn(const World& world, const Profile& profile, State& state)
      : world_(world), profile_(profile), state_(state) {
    world_.allowed = 0;
  }

  std::vector<Command> Make() {
    const std::vector<Command> alphabet = Alphabet(world_);
    for (const Command& command : alphabet) {
      if (command.fault.armed() || TakesBack(command.verb)) continue;
      for (const Command& faulted : alphabet) {
        Command without = faulted;
        without.fault = {};
        if (faulted.fault.armed() && without == command) Try(faulted);
      }
      Try(command);
    }
    for (const Command& command : alphabet) {
      if (!command.fault.armed()) Try(command);
    }
    Unpreserve();
    return std::move(commands_);
  }

 private:
  void Unpreserve() {
    const Topology& topology = world_.topology;
    for (std::uint8_t device = 0; device < topology.devices.size(); ++device) {
      for (std::uint8_t domain = 0; domain < topology.domains.size(); ++domain) {
        if (state_.device_ser[device] >= 0) Try(UnpreserveDevice(domain, device));
      }
    }
    for (std::uint8_t domain = 0; domain < topology.domains.size(); ++domain) {
      if (state_.preserved_state[domain] >= 0) Try(UnpreserveDomain(domain));
    }
    while (state_.files > 0 && Try(UnpreserveFile())) continue;
  }

  bool Try(const Command& command) {
    if (command.verb == Verb::kFreeze || command.verb == Verb::kKexec) return false;
    if (!Calls(world_, state_, command)) return false;
    State next = state_;
    Outcome outcome;
    StepInPlace(world_.topology, profile_, next, command, outcome);
    if (next.crashed || !Within(world_, next) || Duplicates(command, outcome.fault_fired))
      return false;
    state_ = next;
    commands_.push_back(command);
    return true;
  }

  World world_;
  const Profile& profile_;
  State& state_;
  std::vector<Command> commands_;
};

}  // namespace

std::vector<Command> MakeTurn(const World& world, const Profile& profile, State& state) {
  return Turn(world, profile, state).Make();
}

}  // namespace holdfast
