#include "properties/shrink/shortest.h"

#include <algorithm>
#include <array>
#include <compare>
#include <cstring>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "model/rules/contract.h"
#include "model/rules/rules.h"
#include "model/text/text.h"
#include "model/explore/world.h"
#include "properties/lockstep/fingerprint.h"
#include "properties/shrink/simplify.h"
#include "properties/shrink/small_topologies.h"

namespace holdfast {
namespace {

enum class Caller : std::uint8_t { kKeepsTheContract, kAny };

// Longest first tried with the shortest, so that most defects are found before any topology is
// searched deep.
constexpr std::array<std::size_t, 6> kLimits = {2, 3, 4, 5, 6, 16};

// Up to this length no two pasts are taken for one.
constexpr std::size_t kWholePast = 3;

// Beyond it topologies with a trait are left out, so that those of many devices are reached. Ports
// have few of them.
constexpr std::size_t kEveryTopology = 4;

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

// How far a driver gets at the most before it is denied a request.
constexpr int kDeepestInOp = 4, kDeepestInTakeOver = 24;

void AddDepths(const Command& command, int deepest, std::vector<Command>& commands) {
  for (int depth = 1; depth <= deepest; ++depth) {
    commands.push_back(command);
    commands.back().fault.depth = static_cast<std::uint8_t>(depth);
  }
}

std::vector<Command> AllCommands(const Topology& topology, bool of_port) {
  std::vector<Command> commands =
      Alphabet({.topology = topology, .aspects = kAllAspects, .allowed = kHostile, .bounds = {}});
  const std::size_t plain = commands.size();
  for (std::size_t i = 0; i < plain; ++i) {
    const Command command = commands[i];
    const FaultSite site = command.fault.site;
    if (!command.fault.armed() || ReturnsNull(site)) continue;
    if (!of_port) {  // an error that is not the usual one
      commands.push_back(command);
      commands.back().fault.error = -EIO;
    } else if (HasDepth(site)) {  // which is all the same to the core
      AddDepths(command, kDeepestInOp, commands);
    }
  }
  for (const Command& command : {Retrieve(), Finish()}) {
    if (of_port) AddDepths(WithFault(command, FaultSite::kTakeOver), kDeepestInTakeOver, commands);
  }
  return commands;
}

// What the searches of one answer spend together.
struct Purse {
  std::uint64_t limit;  // of edges, for the search at hand
  Deadline deadline;
  std::uint64_t edges = 0;
  bool out_of_time = false;

  // One edge; false if it cannot be afforded.
  bool Take() {
    if (edges >= limit || IsOutOfTime()) return false;
    ++edges;
    return true;
  }
  bool IsOutOfTime() { return out_of_time = out_of_time || deadline.passed(); }
};

// Where a search starts from: a topology, and the calls that are made first.
struct Start {
  Topology topology;
  std::vector<Command> prefix = {};
  std::string_view name = {};
};

// A chain's page all but filled, by the calls that spend a slot each and leave nothing else behind:
// no sequence fills it with fewer.
std::vector<Start> FullPages(const Layout& layout) {
  std::vector<Start> starts;
  const auto add = [&](std::vector<Command> prefix, const Command& spend, std::uint32_t slots) {
    for (std::uint32_t i = 0; i + 1 < slots; ++i) prefix.push_back(spend);
    starts.push_back({MakeTopology(1, 1, 1), prefix, "an all but full page"});
  };
  const Command device = WithFault(PreserveDevice(0, 0), FaultSite::kIommuPreserve);
  const Command domain = WithFault(PreserveDomain(0), FaultSite::kPtPreserve);
  add({PreserveFile(), PreserveDomain(0)}, device, layout.hw_capacity());
  add({PreserveFile(), PreserveDomain(0)}, device, layout.device_capacity());
  add({PreserveFile()}, domain, layout.domain_capacity());
  return starts;
}

// A port's second kernel: the first device came over, alone or with a device and a domain to spare;
// or it is preserved there, and another is left, which it shares a group with or does not.
std::vector<Start> NextKernels() {
  const std::vector<Command> handed_over = {PreserveFile(), PreserveDomain(0), PreserveDevice(0, 0),
                                            Freeze(), Kexec()};
  const std::vector<Command> anew = {Kexec(),      PreserveFile(),   PreserveDomain(0),
                                     Attach(0, 0), ClaimDmaOwner(0), PreserveDevice(0, 0)};
  Topology grouped = MakeTopology(1, 3, 1);
  grouped.devices[2].group = 0;
  return {{MakeTopology(1, 1, 1), handed_over, "a device that was handed over"},
          {MakeTopology(1, 2, 2), handed_over, "a device that was handed over"},
          {MakeTopology(1, 3, 1), anew, "a device that is preserved after a kexec"},
          {grouped, anew, "a device that is preserved after a kexec"}};
}

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
    const bool next_kernel =
        divergence.command.verb == Verb::kRetrieve || divergence.command.verb == Verb::kFinish;
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
    if (sut_.Canonicalize(whole_ ? Past::kWhole : Past::kForgotten, memory_)) {
      append(memory_.words.data(), memory_.words.size() * sizeof(memory_.words[0]));
    } else {
      sut_.Save(snapshot_);
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

// Of topologies: fewer objects, then fewer traits, then the names.
std::vector<std::uint64_t> OrderOf(const Topology& topology) {
  return Complexity({.profile = {}, .topology = topology, .commands = {}});
}

struct Answer {
  std::optional<Counterexample> best;
  std::size_t proved = 0;
  std::string_view start = {};
};

enum class Topologies : std::uint8_t { kAll, kPlain, kWithATrait };

bool IsAmong(const Topology& topology, Topologies topologies) {
  const bool plain = OrderOf(topology)[2] == 0;
  return topologies == Topologies::kAll || plain == (topologies == Topologies::kPlain);
}

// The simplest of the shortest in these topologies, of at most `limit` commands.
Answer SearchAll(Sut& sut, const ShortestOptions& options, Caller caller, std::optional<Rule> rule,
                 Topologies topologies, std::size_t limit, Purse& purse) {
  const bool of_port = sut.contract_only();
  const std::size_t every_topology = of_port ? kLimits.back() : kEveryTopology;
  Answer answer;
  for (const std::size_t depth : kLimits) {
    std::size_t at_most = std::min(depth, limit);
    for (const Topology& topology : of_port ? SmallTopologiesForPorts() : SmallTopologies()) {
      if (!IsAmong(topology, topologies)) continue;
      // Of equal length the simpler topology wins.
      const bool simpler =
          answer.best && OrderOf(topology) < OrderOf(answer.best->scenario.topology);
      const std::size_t length = answer.best && !simpler ? at_most - 1 : at_most;
      if (length == 0 || (depth > every_topology && OrderOf(topology)[2] != 0)) continue;
      Search search(sut, options, caller, rule, {topology}, purse);
      const bool finished = search.Run(length);
      if (search.best()) answer.best = search.best();
      if (!finished) return answer;
      if (!search.best()) continue;
      // the layout: it takes no call to show
      if (answer.best->scenario.commands.empty()) return answer;
      at_most = answer.best->scenario.commands.size();
    }
    if (answer.best) --at_most;
    if (depth > every_topology) at_most = std::min(at_most, every_topology);
    answer.proved = at_most;
    if (answer.best || depth >= limit) return answer;
  }
  return answer;
}

// For the caller who keeps the contract. A driver without an op, a device without a group: no
// machine that runs has them, and what goes wrong in one is the lesser defect, however short. A
// port meets no such thing: what its topologies have besides is of every machine.
struct Stage {
  Topologies topologies;
  std::size_t limit;
};
constexpr Stage kStages[] = {{Topologies::kPlain, kEveryTopology},
                             {Topologies::kWithATrait, kEveryTopology},
                             {Topologies::kPlain, kLimits.back()}};
constexpr Stage kStagesOfPorts[] = {{Topologies::kAll, kLimits.back()}};

// The same from far out: few calls are left to make there.
Answer SearchFrom(Sut& sut, const std::vector<Start>& starts, const ShortestOptions& options,
                  Caller caller, Purse& purse) {
  constexpr std::size_t kBehind = 6;
  Answer answer;
  for (const Start& start : starts) {
    std::size_t limit = kBehind;
    if (answer.best) {
      const std::size_t best = answer.best->scenario.commands.size();
      limit = std::min(limit, best - std::min(start.prefix.size() + 1, best));
    }
    purse.limit = purse.edges + options.edges / 12;
    Search search(sut, options, caller, options.rule, start, purse);
    search.Run(limit);
    if (!search.best() || (answer.best && search.best()->scenario.commands.size() >=
                                              answer.best->scenario.commands.size()))
      continue;
    answer.best = search.best();
    answer.start = start.name;
  }
  return answer;
}

}  // namespace

Shortest FindShortest(Sut& sut, const ShortestOptions& options) {
  Shortest result;
  ShortestOptions budget = options;
  budget.profile = WithLayout(options.profile, sut.layout());
  Purse purse = {.limit = options.edges / 2, .deadline = options.deadline};
  Answer answer;
  for (const Stage& stage :
       sut.contract_only() ? std::span<const Stage>(kStagesOfPorts) : kStages) {
    if (answer.best) break;
    answer = SearchAll(sut, budget, Caller::kKeepsTheContract, options.rule, stage.topologies,
                       stage.limit, purse);
  }
  std::vector<Caller> callers = {Caller::kKeepsTheContract};
  result.proved = answer.proved;
  if (!sut.contract_only()) {
    callers.push_back(Caller::kAny);
    const std::optional<Rule> rule = answer.best ? answer.best->divergence.rule : options.rule;
    const std::size_t found =
        answer.best ? answer.best->scenario.commands.size() : kLimits.back() + 1;
    const std::size_t limit = std::max<std::size_t>(found, 1) - 1;
    purse.limit = purse.edges + options.edges / 2;
    Answer any = SearchAll(sut, budget, Caller::kAny, rule, Topologies::kAll, limit, purse);
    result.proved = any.proved;
    if (any.best) answer.best = std::move(any.best);
  }
  for (const Caller caller : callers) {
    if (answer.best) break;
    answer = SearchFrom(sut, sut.contract_only() ? NextKernels() : FullPages(budget.profile.layout),
                        budget, caller, purse);
    result.start = answer.start;
  }
  result.out_of_time = purse.out_of_time;
  result.edges = purse.edges;
  result.found = std::move(answer.best);
  if (result.found) result.found->scenario.profile = options.profile;
  return result;
}

}  // namespace holdfast
