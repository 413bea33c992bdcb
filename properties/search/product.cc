#include "properties/search/product.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/explore/canonical.h"
#include "model/rules/contract.h"
#include "model/step.h"
#include "properties/lockstep/fingerprint.h"
#include "properties/search/product_part.h"
#include "properties/lockstep/state_words.h"
#include "sut/processes.h"

namespace holdfast {
namespace {

// Edges between two calls of the progress callback.
constexpr std::uint64_t kBatch = 8192;

// Where an edge goes that ends nowhere; and one of which only the whole can say where it goes.
constexpr std::uint32_t kCrash = 0xffffffff, kCut = 0xfffffffe, kUndecided = 0xfffffffd;

// A part of a level has at least so many states, or the fork for it costs more than it saves; and
// at most so many, as it is in memory three times while it goes from one process to the other.
constexpr std::size_t kFewestInAPart = 64, kMostInAPart = 65'536;

// No two snapshots that came from another process have one number, and none of them one that a Sut
// has given.
std::uint64_t travelled = std::uint64_t{1} << 63;

// Mixes an edge into 64 bits that add up to the digest. (The finalizer of MurmurHash3, twice.)
std::uint64_t DigestOf(std::uint32_t from, std::size_t command, std::uint32_t to) {
  const auto mix = [](std::uint64_t x) {
    x = (x ^ x >> 33) * 0xff51'afd7'ed55'8ccdull;
    x = (x ^ x >> 33) * 0xc4ce'b9fe'1a85'ec53ull;
    return x ^ x >> 33;
  };
  return mix(mix(static_cast<std::uint64_t>(from) << 32 | to) + command);
}

// Deeper than any op of a driver port goes.
constexpr int kMaxDepth = 64;

// Of a driver port, each fault of an op at each depth too, and those of a take-over. What is deeper
// than the driver goes is not run.
std::vector<Command> AlphabetOf(const World& world, const Sut& sut) {
  std::vector<Command> alphabet = Alphabet(world);
  if (!sut.contract_only() || !world.Has(Aspect::kFaults)) return alphabet;
  const std::vector<Command> shallow = alphabet;
  for (Command command : shallow) {
    const bool takes_over = !command.fault.armed() &&
                            (command.verb == Verb::kRetrieve || command.verb == Verb::kFinish);
    if (takes_over) command = WithFault(command, FaultSite::kTakeOver);
    for (int depth = 1; HasDepth(command.fault.site) && depth <= kMaxDepth; ++depth) {
      command.fault.depth = static_cast<std::uint8_t>(depth);
      alphabet.push_back(command);
    }
  }
  return alphabet;
}

class Walk {
 public:
  Walk(Sut& sut, const ProductOptions& options)
      : sut_(sut),
        options_(options),
        alphabet_(AlphabetOf(options.world, sut)),
        faulted_(alphabet_.size()),
        passed_(alphabet_.size()),
        lockstep_(sut) {
    lockstep_.set_hardened(options.hardened);
    lockstep_.set_recorder(options.recorder);
    for (std::size_t i = 0; i < alphabet_.size(); ++i) {
      for (std::size_t j = i + 1; j < alphabet_.size() && !alphabet_[i].fault.armed(); ++j) {
        Command without = alphabet_[j];
        without.fault = {};
        if (without == alphabet_[i]) faulted_[i].push_back(j);
      }
    }
    result_.scenario.profile = options.profile;
    result_.scenario.topology = options.world.topology;
  }

  ProductResult Run() {
    lockstep_.Begin(options_.world.topology, options_.profile);
    if (lockstep_.divergence()) return Diverged();
    profile_ = options_.profile.config_enabled ? WithLayout(options_.profile, sut_.layout())
                                               : options_.profile;
    const auto room = [&](std::uint32_t record) {
      const int capacity = static_cast<int>(profile_.layout.Capacity(record)) - 1;
      return static_cast<std::size_t>(options_.slots > 0 ? std::min(options_.slots, capacity)
                                                         : capacity);
    };
    room_ = {room(profile_.layout.hw), room(profile_.layout.domain), room(profile_.layout.device)};
    if (!sut_.Canonicalize(options_.past, memory_)) {
      result_.ending = ProductResult::Ending::kBlackBox;
      return std::move(result_);
    }
    Visit(0, 0);
    for (; !ended_ && !next_.empty(); ++result_.depth) {
      level_.swap(next_);
      next_.clear();
      if (!ExpandInParts()) {
        for (std::size_t at = 0; at < level_.size() && Expand(level_[at]); ++at) level_[at] = {};
      }
      EndLevel();
    }
    EndLevel();
    if (result_.ending == ProductResult::Ending::kDiverged) return Diverged();
    --result_.depth;  // the last level led nowhere new
    if (lockstep_.divergence()) return Diverged();
    return Finish();
  }

  // Then a divergence is known to be there, and not what it is.
  bool used_parts() const { return used_parts_; }

 private:
  // A state that was found and is to be expanded.
  struct Pending {
    std::uint32_t number = 0;
    bool owned = true;  // by this shard
    Breaches breaches = 0;
    Ledger ledger;
    Snapshot memory;
    // Where a part found it there is no snapshot of it yet, and it was not torn down: the command
    // leads there from the state before.
    std::shared_ptr<const ExpandedState> before;
    std::uint16_t command = 0;
    std::size_t place = 0;  // in noted_before_, for what is seen when it is torn down
  };

  // Hazards, in the order in which they are to be seen.
  struct Noted {
    std::uint32_t from = 0;
    std::uint16_t command = 0;
    bool after_teardown = false;
    Seen hazards;
    std::uint64_t times = 1;
  };

  ProductResult Finish() {
    result_.tally = lockstep_.tally();
    result_.tally.Add(tally_of_parts_);
    result_.tally.Subtract(walked_again_);
    result_.states = states_.size();
    result_.model_states = model_states_.size();
    result_.known_states = known_.size();
    return std::move(result_);
  }

  ProductResult Diverged() {
    result_.ending = ProductResult::Ending::kDiverged;
    result_.divergence = lockstep_.divergence();
    return Finish();
  }

  // Comes back to the state. What was observed there is the model's state.
  void Resume(const Pending& pending) {
    if (!pending.before) {
      LookAt(pending.memory, pending.ledger, pending.breaches, here_);
      lockstep_.Restore(here_);
      return;
    }
    if (before_ != pending.before) {
      before_ = pending.before;
      LookAt(before_->memory, before_->ledger, before_->breaches, there_);
    }
    there_.sut.number = ++travelled;  // a memory that is left at once is not worth a mirror
    lockstep_.Restore(there_);
    const Tally tally = lockstep_.tally();
    lockstep_.Run(alphabet_[pending.command]);  // which conforms: it is known
    AddDifference(tally, walked_again_);
    lockstep_.Save(here_);
    here_.step = static_cast<std::size_t>(result_.depth);
    lockstep_.Restore(here_);
  }

  void LookAt(const Snapshot& memory, const Ledger& ledger, Breaches breaches,
              Checkpoint& checkpoint) {
    sut_.Restore(memory);
    sut_.Observe(observation_);
    checkpoint.model = observation_.state;
    checkpoint.ledger = ledger;
    checkpoint.breaches = breaches;
    checkpoint.sut = memory;
    checkpoint.step = static_cast<std::size_t>(result_.depth);
  }

  // What was counted since the tally was as it is given.
  void AddDifference(const Tally& since, Tally& to) {
    to.Add(lockstep_.tally());
    to.Subtract(since);
  }

  // The way to the state, into the recorder; what follows it is the lockstep's to write down.
  void NotePath(std::uint32_t state) {
    if (!options_.recorder || state == 0) return;
    const Scenario path = ScenarioTo(parents_[state], commands_[state]);
    for (std::size_t step = 0; step < path.commands.size(); ++step)
      options_.recorder->Add(step, path.commands[step]);
  }

  // False ends the search.
  bool Expand(const Pending& pending) {
    Resume(pending);
    NotePath(pending.number);
    if (!BeginState(pending)) return false;
    for (std::size_t i = 0; i < alphabet_.size(); ++i) {
      const Command& command = alphabet_[i];
      if (options_.world.allowed != kHostile && !Calls(options_.world, here_.model, command))
        continue;
      if (!pending.owned && !LeadsTheModelOn(command)) continue;
      if (command.fault.armed() && !passed_[i] &&
          (command.fault.depth != 0 || !FiresInTheModel(command))) {
        ++result_.unfired;
        continue;
      }
      torn_down_ = false;
      if (!Follow(pending, i)) return false;
      torn_down_ ? lockstep_.Restore(here_) : lockstep_.TakeBack(here_);
    }
    ++expanded_;
    if (part_ && leads_on_) part_->states.back().memory = here_.sut;
    return part_ || !IsFull() || GiveUp();
  }

  bool IsFull() const {
    return (options_.max_edges != 0 && result_.edges >= options_.max_edges) ||
           (options_.max_states != 0 && states_.size() >= options_.max_states);
  }

  // What a state is owed when it is expanded, and one that this process found has had. False ends
  // the search.
  bool BeginState(const Pending& pending) {
    leads_on_ = false;
    if (!part_ && !pending.before) return true;
    ExpandedState state = {.model = FingerprintOfCanonical(here_.model),
                           .known = FingerprintOfModel(here_.model, here_.breaches),
                           .breaches = here_.breaches,
                           .ledger = here_.ledger,
                           .hazards = {},
                           .memory = {}};
    if (pending.before) {
      state.hazards = TearDown();
      if (lockstep_.divergence()) return Stop();
      lockstep_.Restore(here_);
    }
    if (part_) {
      part_->states.push_back(std::move(state));
    } else {
      EndState(pending, state);
    }
    return true;
  }

  // What the whole makes of it.
  void EndState(const Pending& pending, const ExpandedState& state) {
    if (!pending.before) return;
    model_states_.Insert(state.model);
    known_.Insert(state.known);
    noted_before_[pending.place].hazards = state.hazards;
  }

  // The level, by other processes. False where that is not to be had, or is not worth it.
  bool ExpandInParts() {
    const auto jobs = static_cast<std::size_t>(options_.jobs);
    const std::size_t states =
        std::clamp((level_.size() + jobs - 1) / jobs, kFewestInAPart, kMostInAPart);
    const std::size_t parts = (level_.size() + states - 1) / states;
    if (jobs < 2 || parts < 2 || options_.recorder || options_.rule || options_.shard.count > 1 ||
        options_.past == Past::kWhole || !sut_.SnapshotsTravel()) {
      return false;
    }
    used_parts_ = true;
    std::vector<std::optional<std::string>> ended(parts);
    std::size_t next = 0;  // to be put into the whole
    RunInProcesses(
        parts, options_.jobs,
        [&](std::size_t part) {
          return ExpandPart(part * states, std::min(level_.size(), (part + 1) * states));
        },
        [&](std::size_t part, std::optional<std::string> text) {
          ended[part] = text ? std::move(*text) : std::string();  // empty: it died
          for (; !ended_ && next < parts && ended[next]; ++next) {
            if (ended[next]->empty()) {
              Stop();
            } else {
              PutIn(UnpackPart(*ended[next]), next * states);
            }
            ended[next] = std::string();
          }
        });
    return true;
  }

  // In a process of its own.
  std::string ExpandPart(std::size_t first, std::size_t end) {
    ProductPart part;
    part_ = &part;
    static_cast<ProductCounts&>(result_) = {};
    result_.coverage = {};
    walked_again_ = {};
    first_noted_.clear();
    lockstep_.set_recorder(nullptr);  // and counts from 0
    for (std::size_t at = first; at < end && !part.stopped; ++at)
      part.stopped = !Expand(level_[at]);
    part.counts = result_;
    part.coverage = result_.coverage;
    part.tally = lockstep_.tally();
    part.tally.Subtract(walked_again_);
    return Pack(part);
  }

  void PutIn(ProductPart part, std::size_t first) {
    if (part.stopped) return static_cast<void>(Stop());
    result_.Add(part.counts);
    result_.coverage.Add(part.coverage);
    tally_of_parts_.Add(part.tally);
    expanded_ += part.states.size();
    std::vector<std::shared_ptr<const ExpandedState>> states;
    for (std::size_t i = 0; i < part.states.size(); ++i) {
      part.states[i].memory.number = ++travelled;
      EndState(level_[first + i], part.states[i]);
      states.push_back(std::make_shared<const ExpandedState>(std::move(part.states[i])));
    }
    for (const NotedEdge& edge : part.edges) {
      const std::uint32_t from = level_[first + edge.from].number;
      if (edge.hazards.rules != 0)
        NoteOnEdge(noted_, {from, edge.command, false, edge.hazards, edge.times});
      if (!edge.leads_on) continue;
      const auto [number, is_new] = states_.Insert(edge.memory);
      result_.digest += DigestOf(from, edge.command, number);
      if (!is_new) continue;
      parents_.push_back(from);
      commands_.push_back(edge.command);
      next_.push_back({.number = number,
                       .ledger = {},
                       .memory = {},
                       .before = states[edge.from],
                       .command = edge.command,
                       .place = noted_.size()});
      noted_.push_back({from, edge.command, true, {}});
    }
    for (std::size_t i = 0; i < states.size(); ++i) level_[first + i] = {};
    if (IsFull() ||
        (options_.progress && !options_.progress({states_.size(), expanded_, result_.edges})))
      GiveUp();
  }

  // A part has met a divergence, or died: to be looked into by one process alone.
  bool Stop() {
    result_.ending = ProductResult::Ending::kDiverged;
    ended_ = true;
    return false;
  }

  bool GiveUp() {
    result_.ending = ProductResult::Ending::kUnfinished;
    ended_ = true;
    return false;
  }

  // Of the model alone, for a state that falls to another shard.
  bool LeadsTheModelOn(const Command& command) {
    model_ = here_.model;
    const Breaches breaches = here_.breaches | BreachesOf(options_.world.topology, model_, command);
    StepInPlace(options_.world.topology, profile_, model_, command, outcome_);
    if (model_.crashed || Duplicates(command, outcome_.fault_fired)) return false;
    return Within(options_.world, model_) && HasRoom(model_.flb) &&
           !known_.Has(FingerprintOfModel(model_, breaches));
  }

  // With the fault armed the implementation, having passed the site too seldom without, does the
  // same: nothing to run.
  bool FiresInTheModel(const Command& command) {
    model_ = here_.model;
    StepInPlace(options_.world.topology, profile_, model_, command, outcome_);
    return outcome_.fault_fired;
  }

  // One edge, or a command that is none. False ends the search.
  bool Follow(const Pending& from, std::size_t i) {
    const Command& command = alphabet_[i];
    bool agree = false;
    try {
      agree = lockstep_.Run(command);
    } catch (const Exhausted&) {
      return CutByMemory(from);
    }
    for (const std::size_t faulted : faulted_[i]) {
      const Fault& fault = alphabet_[faulted].fault;
      passed_[faulted] = sut_.Passes(fault.site, fault.nth) &&
                         (fault.depth == 0 || fault.depth <= sut_.Requests(fault.site));
    }
    if (!agree) return Wanted(from.number, i);
    if (Duplicates(command, lockstep_.outcome().fault_fired)) {
      ++result_.unfired;
      return true;
    }
    if (from.owned) {
      ++result_.edges;
      result_.faults += command.fault.armed();
      result_.coverage.Add(command, lockstep_.outcome());
      if (!part_ && result_.edges % kBatch == 0 && options_.progress &&
          !options_.progress({states_.size(), expanded_, result_.edges})) {
        return GiveUp();
      }
    }
    if (from.owned && lockstep_.hazards() != 0) NoteEdge(from.number, i);
    std::uint32_t to = 0;
    if (lockstep_.state().crashed) {
      result_.crashes += from.owned;
      to = kCrash;
    } else if (!Within(options_.world, lockstep_.state())) {
      result_.cuts += from.owned;
      to = kCut;
    } else if (!HasRoom(lockstep_.state().flb)) {
      result_.slot_cuts += from.owned;
      to = kCut;
    } else if ((lockstep_.breaches() != 0) == (here_.breaches != 0) && !sut_.Changed()) {
      to = from.number;
    } else {
      to = Visit(from.number, i);
      if (lockstep_.divergence()) return Wanted(from.number, i);
    }
    if (from.owned && to != kUndecided) result_.digest += DigestOf(from.number, i, to);
    return true;
  }

  // The harness's limit, and no edge.
  bool CutByMemory(const Pending& from) {
    result_.memory_cuts += from.owned;
    torn_down_ = true;  // what stands in lockstep is no step
    return true;
  }

  // The two sides differ: false if that ends the search, with the divergence as it stands.
  bool Wanted(std::uint32_t from, std::size_t i) {
    if (options_.rule && lockstep_.divergence()->rule != *options_.rule) {
      ++result_.others;
      return true;
    }
    result_.scenario = ScenarioTo(from, i);
    ended_ = true;
    return false;
  }

  bool HasRoom(const Flb& flb) const {
    return flb.iommus.size() <= room_[0] && flb.domains.size() <= room_[1] &&
           flb.devices.size() <= room_[2];
  }

  // The number of the state that the sides are in. A new one is kept for the next level, and torn
  // down.
  std::uint32_t Visit(std::uint32_t from, std::size_t command) {
    const Fingerprint memory = FingerprintOfMemory(options_.past);
    if (part_) return VisitInPart(command, memory);
    const auto [number, found] = states_.Insert(memory);
    if (options_.past == Past::kWhole) Compare(from, command, number, found);
    if (!found) return number;
    parents_.push_back(from);
    commands_.push_back(static_cast<std::uint16_t>(command));

    model_states_.Insert(FingerprintOfCanonical(lockstep_.state()));
    const bool leads_the_model_on =
        known_.Insert(FingerprintOfModel(lockstep_.state(), lockstep_.breaches())).second;

    Pending& pending = next_.emplace_back();
    pending.number = number;
    pending.owned = !leads_the_model_on || number % options_.shard.count == options_.shard.index;
    pending.breaches = lockstep_.breaches();
    pending.ledger = lockstep_.ledger();
    sut_.Save(pending.memory);
    pending.memory.bytes.shrink_to_fit();
    if (!pending.owned || number == 0) return number;
    if (const Seen hazards = TearDown(); hazards.rules != 0) {
      noted_.push_back({from, static_cast<std::uint16_t>(command), true, hazards});
    }
    return number;
  }

  std::uint32_t VisitInPart(std::size_t command, const Fingerprint& memory) {
    if (const std::optional<std::uint32_t> number = states_.NumberOf(memory)) return *number;
    leads_on_ = true;
    part_->edges.push_back({.from = static_cast<std::uint32_t>(part_->states.size() - 1),
                            .command = static_cast<std::uint16_t>(command),
                            .hazards = {},
                            .leads_on = true,
                            .memory = memory});
    return kUndecided;
  }

  Seen TearDown() {
    torn_down_ = true;
    try {
      if (lockstep_.TearDown()) return {lockstep_.hazards(), lockstep_.breaches()};
    } catch (const Exhausted&) {
      ++result_.memory_cuts;
    }
    return {};
  }

  Fingerprint FingerprintOfCanonical(const State& state) {
    words_.clear();
    AppendState(Canonical(state), words_);
    return FingerprintOf(words_);
  }

  Fingerprint FingerprintOfMemory(Past past) {
    sut_.Canonicalize(past, memory_);
    memory_.words.push_back(lockstep_.breaches() != 0);
    return FingerprintOf(memory_.words);
  }

  Fingerprint FingerprintOfModel(const State& state, Breaches breaches) {
    words_.clear();
    AppendPast(state, options_.past, words_);
    words_.push_back(breaches != 0);
    return FingerprintOf(words_);
  }

  // Holds kForgotten against kWhole: states that it takes for one must go on, by every command, to
  // states that it takes for one.
  void Compare(std::uint32_t from, std::size_t command, std::uint32_t to, bool found) {
    const std::uint32_t merged = merged_states_.Insert(FingerprintOfMemory(Past::kForgotten)).first;
    if (found) merged_.push_back(merged);
    if (to == 0 && found) return;
    const std::uint64_t edge =
        static_cast<std::uint64_t>(merged_[from]) * alphabet_.size() + command;
    if (merged_edges_.try_emplace(edge, merged).first->second == merged || result_.conflict) return;
    result_.conflict = ScenarioTo(from, command);
  }

  // What the last command has shown.
  void NoteEdge(std::uint32_t from, std::size_t command) {
    const Seen hazards = {lockstep_.hazards(), lockstep_.breaches()};
    const auto number = static_cast<std::uint16_t>(command);
    if (!part_) return NoteOnEdge(noted_, {from, number, false, hazards});
    NoteOnEdge(part_->edges, {.from = static_cast<std::uint32_t>(part_->states.size() - 1),
                              .command = number,
                              .hazards = hazards,
                              .memory = {}});
  }

  // Of one level and one kind the first counts, and how many there are: hostile callers see
  // millions.
  template <typename Edge>
  void NoteOnEdge(std::vector<Edge>& edges, const Edge& edge) {
    const auto [at, is_first] =
        first_noted_.try_emplace({edge.hazards.rules, edge.hazards.clauses}, edges.size());
    if (is_first) {
      edges.push_back(edge);
    } else {
      edges[at->second].times += edge.times;
    }
  }

  // What the level before found has been torn down by now.
  void EndLevel() {
    for (const Noted& noted : noted_before_) {
      if (noted.hazards.rules == 0) continue;
      const Scenario scenario = ScenarioTo(noted.from, noted.command);
      result_.hazards.Add(noted.hazards.rules, noted.hazards.clauses, scenario,
                          scenario.commands.size(), noted.after_teardown, noted.times);
    }
    first_noted_.clear();
    noted_before_ = std::exchange(noted_, {});
  }

  // A shortest sequence to a state, and one command more.
  Scenario ScenarioTo(std::uint32_t state, std::size_t command) const {
    Scenario scenario = result_.scenario;
    scenario.commands = {alphabet_[command]};
    for (; state != 0; state = parents_[state])
      scenario.commands.push_back(alphabet_[commands_[state]]);
    std::reverse(scenario.commands.begin(), scenario.commands.end());
    return scenario;
  }

  Sut& sut_;
  const ProductOptions& options_;
  const std::vector<Command> alphabet_;
  std::vector<std::vector<std::size_t>> faulted_;  // by command without a fault: the same with one
  // by command with a fault: whether it was passed without being armed
  std::vector<std::uint8_t> passed_;
  Lockstep lockstep_;
  Profile profile_;  // with the layout in force
  std::array<std::size_t, 3> room_{};
  Checkpoint here_;  // the state that is being expanded
  // the state that it was found from, if it is to be found again,
  std::shared_ptr<const ExpandedState> before_;
  Checkpoint there_;        // and that one
  bool torn_down_ = false;  // since the last command of the search
  std::uint64_t expanded_ = 0;
  bool ended_ = false;
  bool used_parts_ = false;
  // in a process that expands a part of a level; else this is the whole
  ProductPart* part_ = nullptr;
  // some edge of the state, to a memory that the part does not know
  bool leads_on_ = false;
  Tally tally_of_parts_;
  Tally walked_again_;  // by Resume(): no commands of the search
  // of the level before the one that is expanded, and of that
  std::vector<Noted> noted_before_, noted_;
  // on an edge of that level: its place
  std::map<std::pair<RuleSet, Breaches>, std::size_t> first_noted_;
  FingerprintSet states_, known_;  // known_: states of the model, with as much of their past
  FingerprintSet model_states_;
  FingerprintSet merged_states_;       // kWhole: what kForgotten makes of the states
  std::vector<std::uint32_t> merged_;  // by state
  std::unordered_map<std::uint64_t, std::uint32_t> merged_edges_;
  std::vector<std::uint32_t> parents_;   // by state
  std::vector<std::uint16_t> commands_;  // by state: the one that leads to it from its parent
  std::vector<Pending> level_, next_;
  Observation observation_;
  State model_;
  Outcome outcome_;
  CanonicalMemory memory_;
  std::vector<std::uint64_t> words_;
  ProductResult result_;
};

}  // namespace

void ProductCounts::Add(const ProductCounts& other) {
  edges += other.edges;
  faults += other.faults;
  crashes += other.crashes;
  cuts += other.cuts;
  slot_cuts += other.slot_cuts;
  memory_cuts += other.memory_cuts;
  unfired += other.unfired;
  others += other.others;
  digest += other.digest;
}

ProductResult ExploreProduct(Sut& sut, const ProductOptions& options) {
  Walk walk(sut, options);
  ProductResult result = walk.Run();
  if (result.ending != ProductResult::Ending::kDiverged || !walk.used_parts()) return result;
  ProductOptions alone = options;
  alone.jobs = 1;
  return Walk(sut, alone).Run();
}

}  // namespace holdfast
