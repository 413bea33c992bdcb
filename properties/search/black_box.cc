#include "properties/search/black_box.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/explore/canonical.h"
#include "model/step.h"
#include "properties/lockstep/lockstep.h"
#include "properties/lockstep/fingerprint.h"
#include "properties/lockstep/state_words.h"

namespace holdfast {
namespace {

constexpr std::uint64_t kBatch = 4096;

using StateNumber = std::uint32_t;
constexpr StateNumber kCrashed = 0xffffffff;

// What a black box shows of an outcome. Slot numbers show the past, which a canonical state has
// not.
std::uint64_t OutputOf(const Outcome& outcome) {
  std::vector<std::uint64_t> words = {
      static_cast<std::uint64_t>(outcome.kind) | outcome.warned << 8 | outcome.fault_fired << 9 |
      (outcome.out != kNull) << 10 |
      static_cast<std::uint64_t>(static_cast<std::uint16_t>(outcome.error)) << 16};
  for (int i = 0; i < outcome.call_count; ++i) {
    const DriverCall& call = outcome.calls[static_cast<std::size_t>(i)];
    words.push_back(static_cast<std::uint64_t>(call.op) |
                    static_cast<std::uint64_t>(call.object) << 8 |
                    static_cast<std::uint64_t>(static_cast<std::uint16_t>(call.result)) << 16);
  }
  return FingerprintOf(words).low;
}

// The model as a machine over canonical states, made as it is asked for.
class Machine {
 public:
  struct Edge {
    std::uint64_t output = 0;
    StateNumber to = kCrashed;
    bool inside = false;   // the world's caller makes this call, and its bounds hold after it
    bool is_input = true;  // the fault, if there is one, fires
  };

  Machine(const World& world, const Profile& profile)
      : world_(world), profile_(profile), inputs_(Alphabet(world)) {
    Number(Canonical(InitialState(world.topology)));
  }

  const std::vector<Command>& inputs() const { return inputs_; }
  std::size_t states() const { return states_.size(); }

  const Edge& Follow(StateNumber from, std::size_t input) {
    std::vector<std::optional<Edge>>& edges = edges_[from];
    if (edges.empty()) edges.resize(inputs_.size());
    if (!edges[input]) {
      const Edge edge = Make(from, input);
      edges_[from][input] = edge;  // `edges` may have moved
    }
    return *edges_[from][input];
  }

  // A shortest sequence of at most kSeparatingCommands inputs to which the two answer differently;
  // empty if there is none.
  std::vector<std::size_t> Separator(StateNumber a, StateNumber b) {
    std::vector<std::size_t> sequence;
    for (int length = 1; length <= kSeparatingCommands; ++length) {
      if (Separate(a, b, length, sequence)) return sequence;
    }
    return {};
  }

 private:
  Edge Make(StateNumber from, std::size_t input) {
    const Command& command = inputs_[input];
    State state = states_[from];
    Edge edge;
    edge.inside = Calls(world_, state, command);
    Outcome outcome;
    StepInPlace(world_.topology, profile_, state, command, outcome);
    edge.output = OutputOf(outcome);
    edge.is_input = !Duplicates(command, outcome.fault_fired);
    if (state.crashed) return edge;
    edge.inside = edge.inside && Within(world_, state);
    edge.to = Number(Canonical(state));
    return edge;
  }

  StateNumber Number(const State& state) {
    words_.clear();
    AppendState(state, words_);
    const auto [number, found] = numbers_.Insert(FingerprintOf(words_));
    if (found) {
      states_.push_back(state);
      edges_.emplace_back();
    }
    return number;
  }

  // On success `sequence` is the separator of exactly that length, from the front.
  bool Separate(StateNumber a, StateNumber b, int length, std::vector<std::size_t>& sequence) {
    // a crash was told apart where it came
    if (a == b || a == kCrashed || b == kCrashed) return false;
    const std::uint64_t pair = (static_cast<std::uint64_t>(std::min(a, b)) << 32 | std::max(a, b));
    if (const auto known = alike_.find(pair); known != alike_.end() && known->second >= length)
      return false;
    for (std::size_t input = 0; input < inputs_.size(); ++input) {
      const Edge from_a = Follow(a, input), from_b = Follow(b, input);
      if (length == 1 ? from_a.output != from_b.output
                      : from_a.output == from_b.output &&
                            Separate(from_a.to, from_b.to, length - 1, sequence)) {
        sequence.insert(sequence.begin(), input);
        return true;
      }
    }
    int& known = alike_[pair];
    known = std::max(known, length);
    return false;
  }

  const World& world_;
  const Profile& profile_;
  const std::vector<Command> inputs_;
  FingerprintSet numbers_;
  std::vector<std::uint64_t> words_;
  std::vector<State> states_;
  std::vector<std::vector<std::optional<Edge>>> edges_;  // by state, by input
  // by pair: no sequence of exactly up to that length separates it
  std::unordered_map<std::uint64_t, int> alike_;
};

// The suite, as a tree: each path from the root to a leaf is a test.
class Suite {
 public:
  explicit Suite(Machine& machine) : machine_(machine), nodes_(1) {}

  using Node = std::size_t;
  StateNumber StateAt(Node node) const { return nodes_[node].state; }

  Node Extend(Node node, std::size_t input) {
    if (const auto child = nodes_[node].children.find(input); child != nodes_[node].children.end())
      return child->second;
    const Node child = nodes_.size();
    nodes_.push_back({machine_.Follow(nodes_[node].state, input).to, {}});
    nodes_[node].children.emplace(input, child);
    return child;
  }

  // The suite will show that an implementation that passes it is in two states behind the two
  // sequences.
  void Separate(Node a, Node b) {
    if (StateAt(a) == StateAt(b) || StateAt(a) == kCrashed || StateAt(b) == kCrashed ||
        AreSeparated(a, b))
      return;
    for (const std::size_t input : machine_.Separator(StateAt(a), StateAt(b))) {
      a = Extend(a, input);
      b = Extend(b, input);
      if (StateAt(a) == kCrashed || StateAt(b) == kCrashed) break;
    }
  }

  // Calls `test` with each test's commands; false ends it.
  template <typename Test>
  bool ForEachTest(Test test) const {
    std::vector<std::size_t> inputs;
    return Walk(0, inputs, test);
  }

 private:
  struct Content {
    StateNumber state = 0;
    std::map<std::size_t, Node> children;  // by input
  };

  bool AreSeparated(Node a, Node b) const {
    for (const auto& [input, after_a] : nodes_[a].children) {
      const auto after_b = nodes_[b].children.find(input);
      if (after_b == nodes_[b].children.end()) continue;
      if (machine_.Follow(nodes_[a].state, input).output !=
          machine_.Follow(nodes_[b].state, input).output)
        return true;
      const bool goes_on = nodes_[after_a].state != kCrashed &&
                           nodes_[after_a].state != nodes_[after_b->second].state;
      if (goes_on && AreSeparated(after_a, after_b->second)) return true;
    }
    return false;
  }

  template <typename Test>
  bool Walk(Node node, std::vector<std::size_t>& inputs, Test& test) const {
    if (nodes_[node].children.empty()) return test(inputs);
    for (const auto& [input, child] : nodes_[node].children) {
      inputs.push_back(input);
      if (!Walk(child, inputs, test)) return false;
      inputs.pop_back();
    }
    return true;
  }

  Machine& machine_;
  std::vector<Content> nodes_;
};

// Builds the suite of the header.
class HMethod {
 public:
  HMethod(Machine& machine, Suite& suite, int extra_states) : machine_(machine), suite_(suite) {
    Cover(result_states_);
    for (std::size_t i = 0; i < cover_.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) suite_.Separate(cover_[j], cover_[i]);
    }
    for (const Suite::Node node : cover_) {
      std::vector<Suite::Node> behind;
      Traverse(node, extra_states + 1, behind);
    }
  }

  std::uint64_t states() const { return result_states_; }
  std::size_t told_apart() const { return cover_.size(); }

 private:
  // Breadth first over the world; a state is in the cover if outcomes tell it from all that are.
  void Cover(std::uint64_t& states) {
    std::vector<Suite::Node> queue = {0};
    std::vector<bool> seen = {true};
    cover_ = {0};
    for (std::size_t i = 0; i < queue.size(); ++i) {
      for (std::size_t input = 0; input < machine_.inputs().size(); ++input) {
        const Machine::Edge edge = machine_.Follow(suite_.StateAt(queue[i]), input);
        if (!edge.inside || !edge.is_input || edge.to == kCrashed) continue;
        seen.resize(std::max(seen.size(), machine_.states()));
        if (seen[edge.to]) continue;
        seen[edge.to] = true;
        const Suite::Node node = suite_.Extend(queue[i], input);
        queue.push_back(node);
        bool apart = true;
        for (const Suite::Node other : cover_)
          apart = apart && !machine_.Separator(suite_.StateAt(other), edge.to).empty();
        if (apart) cover_.push_back(node);
      }
    }
    states = queue.size();
  }

  // Every sequence of the world of up to that length behind `node`, which itself is behind each of
  // `behind`.
  void Traverse(Suite::Node node, int length, std::vector<Suite::Node>& behind) {
    if (length == 0 || suite_.StateAt(node) == kCrashed) return;
    for (std::size_t input = 0; input < machine_.inputs().size(); ++input) {
      const Machine::Edge edge = machine_.Follow(suite_.StateAt(node), input);
      if (!edge.is_input || (!edge.inside && edge.to != kCrashed)) continue;
      const Suite::Node next = suite_.Extend(node, input);
      if (!edge.inside || edge.to == kCrashed) continue;
      for (const Suite::Node other : cover_) suite_.Separate(other, next);
      for (const Suite::Node other : behind) suite_.Separate(other, next);
      behind.push_back(next);
      Traverse(next, length - 1, behind);
      behind.pop_back();
    }
  }

  Machine& machine_;
  Suite& suite_;
  std::uint64_t result_states_ = 0;
  std::vector<Suite::Node> cover_;
};

}  // namespace

BlackBoxResult TestBlackBox(Sut& sut, const BlackBoxOptions& options) {
  Machine machine(options.world, options.profile);
  Suite suite(machine);
  const HMethod method(machine, suite, options.extra_states);
  BlackBoxResult result;
  result.states = method.states();
  result.told_apart = method.told_apart();
  result.inputs = machine.inputs().size();
  suite.ForEachTest([&](const std::vector<std::size_t>& inputs) {
    ++result.tests;
    result.commands += inputs.size();
    return true;
  });

  std::uint64_t done = 0;
  Outcome expected, found;
  result.finished = suite.ForEachTest([&](const std::vector<std::size_t>& inputs) {
    if (options.deadline.passed()) return false;
    State state = InitialState(options.world.topology);
    if (options.recorder) options.recorder->Begin(options.world.topology);
    AskSut([&] { sut.Reset(options.world.topology, options.profile.luo); });
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const Command& command = machine.inputs()[inputs[i]];
      StepInPlace(options.world.topology, options.profile, state, command, expected);
      if (options.recorder) {
        options.recorder->Add(i, command);
        if (state.crashed && options.recorder->skips_crashes()) break;
      }
      AskSut([&] { sut.Run(command, found); });
      if (found == expected) continue;
      Scenario& failing =
          result.failing.emplace(Scenario{options.profile, options.world.topology, {}});
      for (std::size_t j = 0; j <= i; ++j) failing.commands.push_back(machine.inputs()[inputs[j]]);
      return false;
    }
    result.done = ++done;
    return done % kBatch != 0 || !options.progress || options.progress(done, result.tests);
  });
  return result;
}

}  // namespace holdfast
