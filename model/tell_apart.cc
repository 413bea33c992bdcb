#include "model/tell_apart.h"

#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>

#include "model/canonical.h"
#include "model/step.h"
#include "model/text.h"

namespace holdfast {
namespace {

constexpr std::size_t kMaxStates = 1'000'000;

World HostileWorld(const char* topology, Aspects aspects) {
  World world = MakeWorld({1, 1, 1}, aspects, kHostile);
  world.topology = std::get<Topology>(ParseTopology(topology));
  return world;
}

const World& OneDevice() {
  static const World world = HostileWorld("iommu0(dev0) dom0", 0);
  return world;
}

}  // namespace

ComparedProfiles TellApart(const World& world, const Profile& a, const Profile& b) {
  struct Node {
    State state;
    std::size_t parent;
    Command command;
  };
  ComparedProfiles result;
  const std::vector<Command> alphabet = Alphabet(world);
  std::vector<Node> nodes = {{Canonical(InitialState(world.topology)), 0, Command()}};
  std::map<std::string, bool> seen = {{PrintState(nodes.front().state, world.topology), true}};
  for (std::size_t at = 0; at < nodes.size(); ++at) {
    if (nodes[at].state.crashed) continue;
    ++result.states;
    for (const Command& command : alphabet) {
      const State& before = nodes[at].state;
      if (!Calls(world, before, command)) continue;
      const StepResult in_a = Step(world.topology, a, before, command), in_b = Step(world.topology, b, before, command);
      const State after = Canonical(in_a.state);
      if (in_a.outcome != in_b.outcome || after != Canonical(in_b.state)) {
        ToldApart told = {.commands = {command}, .a = in_a.outcome, .b = in_b.outcome, .state_a = in_a.state, .state_b = in_b.state};
        for (std::size_t i = at; i != 0; i = nodes[i].parent) told.commands.insert(told.commands.begin(), nodes[i].command);
        result.difference = std::move(told);
        return result;
      }
      if (Duplicates(command, in_a.outcome.fault_fired) || (!after.crashed && !Within(world, after))) continue;
      if (!seen.emplace(PrintState(after, world.topology), true).second) continue;
      if (nodes.size() == kMaxStates) throw std::length_error("a world of more than a million states");
      nodes.push_back({after, at, command});
    }
  }
  return result;
}

std::span<const ProfileQuestion> ProfileQuestions() {
  static const ProfileQuestion kQuestions[] = {
      {"CONFIG_IOMMU_LIVEUPDATE", OneDevice(), [](Profile& a, const Profile& b) { a.config_enabled = b.config_enabled; }},
      {"device preserved twice", OneDevice(), [](Profile& a, const Profile& b) { a.double_device = b.double_device; }},
      {"domain preserved twice", OneDevice(), [](Profile& a, const Profile& b) { a.double_domain = b.double_domain; }},
      {"FLB reference", OneDevice(), [](Profile& a, const Profile& b) { a.puts_flb = b.puts_flb; }},
      {"no FLB object", OneDevice(), [](Profile& a, const Profile& b) { a.luo = b.luo; }},
      {"last argument", OneDevice(), [](Profile& a, const Profile& b) { a.stores_owner_token = b.stores_owner_token; }},
      {"group with more than one device", HostileWorld("iommu0(dev0 dev1:group=dev0) dom0", 0),
       [](Profile& a, const Profile& b) { a.needs_singleton_group = b.needs_singleton_group; }},
      {"unpreserve of a device that is not preserved", OneDevice()},
      {"unpreserve of a domain that devices still name", OneDevice()},
      {"owner released before unpreserve", HostileWorld("iommu0(dev0) dom0", AspectBit(Aspect::kOwners))},
      {"top record's version", OneDevice(), [](Profile& a, const Profile& b) { a.layout = b.layout; }},
  };
  return kQuestions;
}

}  // namespace holdfast
