#include "properties/shrink/breadth_first.h"

#include <algorithm>
#include <compare>
#include <span>
#include <string>
#include <tuple>
#include <utility>

#include "model/explore/world.h"
#include "model/rules/contract.h"
#include "model/text/text.h"
#include "properties/lockstep/fingerprint.h"
#include "properties/lockstep/half_done.h"
#include "properties/lockstep/lockstep.h"
#include "properties/shrink/simplify.h"

namespace holdfast {
namespace {

// Up to this length no two pasts are taken for one.
constexpr std::size_t kWholePast = 3;

// True of calls that are the core's affair alone: a port is not called, and what they leave behind
// is told apart by the core only (claims and files are counted without end).
bool ConcernsNoPort(const Topology& topology, const State& state, const Command& command) {
  switch (command.verb) {
    case Verb::kForEachDev:
    case Verb::kReleaseDmaOwner: return true;
    case Verb::kClaimDmaOwner: {
      const std::uint8_t group = topology.devices[command.device].group;
      return group == kNone || state.owner_claims[group] != 0;
    }
    case Verb::kPreserveFile: return state.files != 0;
    default: return false;
  }
}

// True of calls of the restoring side in a kernel to which nothing came over, on a device that this
// kernel has not preserved. The first call of all answers for each of them.
bool IsIdle(const State& state, const Command& command) {
  return IsOfRestoring(command.verb) && state.incoming.files == 0 &&
         state.incoming.status == Incoming::Status::kNone &&
         state.device_ser[command.device] == kNull && state.restored_ser[command.device] == kNull;
}

// Of a sequence: its part in a scenario's Complexity(), and then its text. That of a longer one is
// the sum.
struct Cost {
  std::uint64_t faults = 0, names = 0;
  std::string text;

  auto operator<=>(const Cost&) const = default;
  Cost& operator+=(const Cost& other) {
    faults += other.faults;
    names += other.names;
    text += other.text;
    return *this;
  }
};

Cost CostOf(const std::vector<Command>& commands) {
  const std::vector<std::uint64_t> complexity =
      Complexity({.profile = {}, .topology = {}, .commands = commands});
  std::string text;
  for (const Command& command : commands) text += PrintCommand(command) + "\n";
  return {complexity[3], complexity[4], text};
}

}  // namespace

std::vector<Command> AllCommands(const Topology& topology, bool of_port) {
  // How far a driver gets at the most before it is denied a request: shallower than kMostRequests,
  // so that a search comes far.
  constexpr Depths kDeepest = {.op = 4, .take_over = 24};
  Aspects aspects = kAllAspects;
  if (of_port) aspects &= static_cast<Aspects>(~AspectBit(Aspect::kRestore));  // the core's affair
  std::vector<Command> commands =
      Alphabet({.topology = topology, .aspects = aspects, .allowed = kHostile, .bounds = {}});
  const std::vector<Command> plain = commands;
  for (const Command& command : plain) {
    if (of_port) {  // which depth it is, is all the same to the core
      AddHalfDone(command, kDeepest, commands);
    } else if (command.fault.armed() && !ReturnsNull(command.fault.site)) {
      commands.push_back(command);
      commands.back().fault.error = -EIO;  // an error that is not the usual one
    }
  }
  return commands;
}

namespace {

// From one start, one kind of caller.
class Search {
 public:
  Search(Sut& sut, const ShortestOptions& options, Caller caller, std::optional<Rule> rule,
         const Start& start, Purse& purse)
      : sut_(sut),
        caller_(caller),
        rule_(rule),
        counts_(options.counts),
        prefix_(start.prefix),
        purse_(purse),
        lockstep_(sut),
        alphabet_(AllCommands(start.topology, sut.contract_only())) {
    for (const Command& command : alphabet_) costs_.push_back(CostOf({command}));
    lockstep_.set_hardened(options.hardened);
    scenario_.profile = options.profile;
    scenario_.topology = start.topology;
  }

  // Sequences of up to `limit` commands behind the prefix; false: out of edges or time before that,
  // and best() is of those seen.
  bool Run(std::size_t limit) {
    lockstep_.Begin(scenario_.topology, scenario_.profile);
    if (lockstep_.divergence()) return Found(), true;
    for (const Command& command : prefix_) {
      scenario_.commands.push_back(command);
      if (!purse_.Take()) return false;
      if (!lockstep_.Run(command)) return Found(), true;
    }
    level_.assign(1, Node());
    level_[0].commands = prefix_;
    level_[0].cost = CostOf(prefix_);
    lockstep_.Save(level_[0].checkpoint);
    whole_ = !prefix_.empty() || limit <= kWholePast;
    seen_ = FingerprintSet();
    seen_.Insert(Key());
    for (std::size_t length = 1; length <= limit && !level_.empty(); ++length) {
      if (!Deepen()) return false;
      if (best_) return true;
    }
    return true;
  }

  const std::optional<Counterexample>& best() const { return best_; }

 private:
  struct Node {
    std::vector<Command> commands;
    Cost cost;
    Fingerprint key;
    Checkpoint checkpoint;
  };

  // All sequences that are one command longer.
  bool Deepen() {
    std::vector<Node> next;
    FingerprintSet found;  // numbers next
    for (const Node& node : level_) {
      bool is_there = false;  // but for one command
      for (std::size_t i = 0; i < alphabet_.size(); ++i) {
        const Command& command = alphabet_[i];
        if (caller_ == Caller::kKeepsTheContract &&
            BreachesOf(scenario_.topology, node.checkpoint.model, command) != 0)
          continue;
        if (sut_.contract_only() &&
            ConcernsNoPort(scenario_.topology, node.checkpoint.model, command))
          continue;
        if (!node.commands.empty() && IsIdle(node.checkpoint.model, command)) continue;
        if (!purse_.Take()) return false;
        is_there ? lockstep_.TakeBack(node.checkpoint) : lockstep_.Restore(node.checkpoint);
        is_there = true;
        scenario_.commands = node.commands;
        scenario_.commands.push_back(command);
        if (!lockstep_.Run(command)) {
          Found();
          continue;
        }
        if (lockstep_.state().crashed || Duplicates(command, lockstep_.outcome().fault_fired))
          continue;
        const Fingerprint key = Key();
        if (seen_.Has(key)) continue;
        Cost cost = node.cost;
        cost += costs_[i];
        const auto [at, is_new] = found.Insert(key);
        if (!is_new && next[at].cost <= cost) continue;
        if (is_new) next.emplace_back();
        Node& child = next[at];
        child.key = key;
        child.commands = scenario_.commands;
        child.cost = std::move(cost);
        lockstep_.Save(child.checkpoint);
      }
    }
    for (const Node& node : next) {
      if (purse_.IsOutOfTime()) return false;
      lockstep_.Restore(node.checkpoint);
      scenario_.commands = node.commands;
      if (!lockstep_.TearDown()) Found();
    }
    for (const Node& node : next) seen_.Insert(node.key);
    std::sort(next.begin(), next.end(),
              [](const Node& a, const Node& b) { return a.cost < b.cost; });
    level_ = std::move(next);
    return true;
  }

  void Found() {
    const Divergence& divergence = *lockstep_.divergence();
    if (rule_ && divergence.rule != *rule_) return;
    if (counts_ && !counts_(scenario_, divergence)) return;
    // An implementation that does not crash where the profile promises a crash is no worse for it.
    // The exception is a page that cannot be restored: the kernel must stop.
    const bool next_kernel = MayRetrieve(divergence.command.verb);
    if (divergence.model_outcome.crashed() && !next_kernel) return;
    // Nor is a WARN, while there is worse to find.
    const bool quieter = divergence.rule == Rule::kQuiet && divergence.model_outcome.warned &&
                         !divergence.sut_outcome.crashed() && divergence.ending.empty();
    if (quieter && caller_ == Caller::kKeepsTheContract) return;
    if (best_ && !IsSimpler(scenario_, divergence.rule)) return;
    best_ = Counterexample{scenario_, divergence};
  }

  // Than the best one: of the same cost, the more telling rule first.
  bool IsSimpler(const Scenario& scenario, Rule rule) const {
    const auto& [best, divergence] = *best_;
    const Cost cost = CostOf(scenario.commands), best_cost = CostOf(best.commands);
    const bool more_telling =
        rule != divergence.rule && Headline(RuleBit(rule) | RuleBit(divergence.rule)) == rule;
    return std::tuple(cost.faults, cost.names,
                      rule == divergence.rule ? 1
                      : more_telling          ? 0
                                              : 2,
                      cost.text) < std::tuple(best_cost.faults, best_cost.names, 1, best_cost.text);
  }

  // All that the next verdicts depend on; the model's state follows from the implementation's, as
  // they agree. What DELETED records may hide is followed in short sequences and near the end of a
  // page, where they count; else a long one would never come back to a state.
  Fingerprint Key() {
    key_.assign(1, static_cast<char>(lockstep_.breaches() != 0));
    const auto append = [this](const void* bytes, std::size_t size) {
      key_.append(static_cast<const char*>(bytes), size);
    };
    append(&lockstep_.ledger(), sizeof(Ledger));
    bool has_canonical_state = false;
    AskSut([&] {
      has_canonical_state = sut_.Canonicalize(whole_ ? Past::kWhole : Past::kForgotten, memory_);
      if (!has_canonical_state) sut_.Save(snapshot_);
    });
    if (has_canonical_state) {
      append(memory_.words.data(), memory_.words.size() * sizeof(memory_.words[0]));
    } else {
      append(snapshot_.bytes.data(), snapshot_.bytes.size());
    }
    return FingerprintOf(std::as_bytes(std::span(key_)));
  }

  Sut& sut_;
  const Caller caller_;
  const std::optional<Rule> rule_;
  const Counts& counts_;
  const std::vector<Command> prefix_;
  Purse& purse_;
  Lockstep lockstep_;
  const std::vector<Command> alphabet_;
  std::vector<Cost> costs_;  // of the alphabet's
  Scenario scenario_;        // the sequence at hand
  bool whole_ = true;
  std::vector<Node> level_;
  FingerprintSet seen_;
  std::string key_;  // scratch
  CanonicalMemory memory_;
  Snapshot snapshot_;
  std::optional<Counterexample> best_;
};

}  // namespace

FromStart SearchFrom(Sut& sut, const ShortestOptions& options, Caller caller,
                     std::optional<Rule> rule, const Start& start, std::size_t limit,
                     Purse& purse) {
  Search search(sut, options, caller, rule, start, purse);
  const bool finished = search.Run(limit);
  return {search.best(), finished};
}

}  // namespace holdfast
