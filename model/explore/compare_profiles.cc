#include "model/explore/compare_profiles.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include "model/explore/canonical.h"
#include "model/step.h"
#include "model/text/text.h"

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

// The same commands of two profiles, side by side.
class Pair {
 public:
  Pair(const Topology& topology, const Profile& a, const Profile& b)
      : topology_(topology), a_(a), b_(b), state_a_(InitialState(topology)), state_b_(state_a_) {}

  // False if they answer otherwise, or leave other states, which stand then.
  bool Run(const Command& command) {
    StepInPlace(topology_, a_, state_a_, command, outcome_a_);
    StepInPlace(topology_, b_, state_b_, command, outcome_b_);
    return outcome_a_ == outcome_b_ && state_a_ == state_b_;
  }
  const State& state() const { return state_a_; }
  ToldApart Told(std::vector<Command> commands, std::optional<Turns> turns) const {
    return {std::move(commands), outcome_a_, outcome_b_, state_a_, state_b_, std::move(turns)};
  }

 private:
  const Topology& topology_;
  const Profile &a_, &b_;
  State state_a_, state_b_;
  Outcome outcome_a_, outcome_b_;
};

class Comparison {
 public:
  Comparison(const World& world, const Profile& a, const Profile& b)
      : world_(world), a_(a), b_(b), alphabet_(Alphabet(world)), probes_(alphabet_) {
    for (const Command& command : alphabet_) {
      for (const Fault& fault : FaultsOf(command.verb)) {
        if (fault.site != FaultSite::kKhoAlloc || command.fault.armed()) continue;
        probes_.push_back(command);
        probes_.back().fault = fault;
      }
    }
  }

  ComparedProfiles Run() {
    Search();
    if (result_.difference) return std::move(result_);
    for (std::size_t at = 0; at < nodes_.size(); ++at) {
      for (const Command& first : alphabet_) {
        TurnALoop(at, {first});
        for (const Command& second : alphabet_) TurnALoop(at, {first, second});
      }
    }
    return std::move(result_);
  }

 private:
  struct Node {
    State state;
    std::size_t parent;
    Command command;
  };

  // From a canonical state slots have the same numbers on both sides: outcomes are compared as they
  // are.
  void Search() {
    nodes_ = {{Canonical(InitialState(world_.topology)), 0, Command()}};
    std::set<std::string> seen = {PrintState(nodes_.front().state, world_.topology)};
    for (std::size_t at = 0; at < nodes_.size(); ++at) {
      if (nodes_[at].state.crashed) continue;
      ++result_.states;
      for (const Command& command : alphabet_) {
        const State& before = nodes_[at].state;
        if (!Calls(world_, before, command)) continue;
        const StepResult in_a = Step(world_.topology, a_, before, command),
                         in_b = Step(world_.topology, b_, before, command);
        const State after = Canonical(in_a.state);
        if (in_a.outcome != in_b.outcome || after != Canonical(in_b.state)) {
          std::vector<Command> commands = WayTo(at);
          commands.push_back(command);
          result_.difference = {std::move(commands), in_a.outcome, in_b.outcome,
                                in_a.state,          in_b.state,   std::nullopt};
          return;
        }
        if (Duplicates(command, in_a.outcome.fault_fired) ||
            (!after.crashed && !Within(world_, after)))
          continue;
        if (!seen.insert(PrintState(after, world_.topology)).second) continue;
        if (nodes_.size() == kMaxStates)
          throw std::length_error("a world of more than a million states");
        nodes_.push_back({after, at, command});
      }
    }
  }

  std::vector<Command> WayTo(std::size_t node) const {
    std::vector<Command> way;
    for (; node != 0; node = nodes_[node].parent) way.push_back(nodes_[node].command);
    std::reverse(way.begin(), way.end());
    return way;
  }

  bool IsLoop(const State& start, const std::vector<Command>& turn) const {
    State state = start;
    for (const Command& command : turn) {
      if (state.crashed || !Calls(world_, state, command)) return false;
      state = Step(world_.topology, a_, state, command).state;
    }
    return !state.crashed && state.flb.present && Slots(state) > Slots(start) &&
           Canonical(state) == start;
  }

  static std::size_t Slots(const State& state) {
    return state.flb.iommus.size() + state.flb.domains.size() + state.flb.devices.size();
  }

  // A chain that is longer than a page of either profile.
  bool HasFilledPages(const Flb& flb) const {
    const auto filled = [](std::size_t slots, std::uint32_t a, std::uint32_t b) {
      return slots > std::max(a, b);
    };
    return filled(flb.iommus.size(), a_.layout.hw_capacity(), b_.layout.hw_capacity()) ||
           filled(flb.domains.size(), a_.layout.domain_capacity(), b_.layout.domain_capacity()) ||
           filled(flb.devices.size(), a_.layout.device_capacity(), b_.layout.device_capacity());
  }

  void TurnALoop(std::size_t node, const std::vector<Command>& turn) {
    if (nodes_[node].state.crashed || !IsLoop(nodes_[node].state, turn)) return;
    ++result_.loops;
    std::vector<Command> commands = WayTo(node);
    Pair pair(world_.topology, a_, b_);
    // both agree: Search() went that way
    for (const Command& command : commands) pair.Run(command);
    Turns turns = {turn, 0};
    for (; !HasFilledPages(pair.state().flb); ++turns.whole) {
      for (const Command& command : turn) {
        if (Probe(pair, commands, turns)) return;
        commands.push_back(command);
        if (!pair.Run(command)) return Keep(pair, commands, turns);
      }
    }
    Probe(pair, commands, turns);
  }

  // True if some command tells them apart here, or would, but for a sequence as short that is
  // known.
  bool Probe(const Pair& pair, std::vector<Command>& commands, const Turns& turns) {
    if (result_.difference && commands.size() + 1 >= result_.difference->commands.size())
      return true;
    for (const Command& probe : probes_) {
      if (!Calls(world_, pair.state(), probe)) continue;
      Pair probed = pair;
      if (probed.Run(probe)) continue;
      commands.push_back(probe);
      Keep(probed, commands, turns);
      return true;
    }
    return false;
  }

  void Keep(const Pair& pair, const std::vector<Command>& commands, const Turns& turns) {
    if (result_.difference && commands.size() >= result_.difference->commands.size()) return;
    result_.difference = pair.Told(commands, turns);
  }

  const World& world_;
  const Profile &a_, &b_;
  const std::vector<Command> alphabet_;
  std::vector<Command> probes_;
  std::vector<Node> nodes_;
  ComparedProfiles result_;
};

}  // namespace

ComparedProfiles TellApart(const World& world, const Profile& a, const Profile& b) {
  return Comparison(world, a, b).Run();
}

std::span<const ProfileQuestion> ProfileQuestions() {
  static const ProfileQuestion kQuestions[] = {
      {"CONFIG_IOMMU_LIVEUPDATE", OneDevice(),
       [](Profile& a, const Profile& b) { a.config_enabled = b.config_enabled; }},
      {"device preserved twice", OneDevice(),
       [](Profile& a, const Profile& b) { a.double_device = b.double_device; }},
      {"domain preserved twice", OneDevice(),
       [](Profile& a, const Profile& b) { a.double_domain = b.double_domain; }},
      {"FLB reference", OneDevice(), [](Profile& a, const Profile& b) { a.puts_flb = b.puts_flb; }},
      {"no FLB object", OneDevice(), [](Profile& a, const Profile& b) { a.luo = b.luo; }},
      {"last argument", OneDevice(),
       [](Profile& a, const Profile& b) { a.stores_owner_token = b.stores_owner_token; }},
      {"group with more than one device", HostileWorld("iommu0(dev0 dev1:group=dev0) dom0", 0),
       [](Profile& a, const Profile& b) { a.needs_singleton_group = b.needs_singleton_group; }},
      {"unpreserve of a device that is not preserved", OneDevice()},
      {"unpreserve of a domain that devices still name", OneDevice()},
      {"owner released before unpreserve",
       HostileWorld("iommu0(dev0) dom0", AspectBit(Aspect::kOwners))},
      {"restored device that nobody claimed",
       HostileWorld("iommu0(dev0) dom0",
                    AspectBit(Aspect::kHandover) | AspectBit(Aspect::kRestore)),
       [](Profile& a, const Profile& b) { a.releases_restored = b.releases_restored; }},
      {"top record's version", OneDevice(),
       [](Profile& a, const Profile& b) { a.layout = b.layout; }},
  };
  return kQuestions;
}

std::span<const ProfileQuestion> QuestionsBetweenVersions() {
  static const ProfileQuestion kQuestions[] = {
      {"double-device-by-pointer", OneDevice(),
       [](Profile& a, const Profile& b) {
         a.double_device_by_pointer = b.double_device_by_pointer;
       }},
      {"checks-flb", OneDevice(),
       [](Profile& a, const Profile& b) { a.checks_flb = b.checks_flb; }},
      {"checks-group", HostileWorld("iommu0(dev0:no-group) dom0", 0),
       [](Profile& a, const Profile& b) { a.checks_group = b.checks_group; }},
      {"checks-iommu", HostileWorld("iommu0(dev0:unprobed) dom0", 0),
       [](Profile& a, const Profile& b) { a.checks_iommu = b.checks_iommu; }},
      {"quiet-unpreserve-device", OneDevice(),
       [](Profile& a, const Profile& b) { a.quiet_unpreserve_device = b.quiet_unpreserve_device; }},
      {"quiet-unpreserve-domain", OneDevice(),
       [](Profile& a, const Profile& b) { a.quiet_unpreserve_domain = b.quiet_unpreserve_domain; }},
  };
  return kQuestions;
}

}  // namespace holdfast
