#include "properties/product.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/canonical.h"
#include "model/contract.h"
#include "model/step.h"
#include "properties/fingerprint.h"
#include "properties/state_words.h"

namespace holdfast {
namespace {

// Edges between two calls of the progress callback.
constexpr std::uint64_t kBatch = 8192;

// Where an edge goes that ends nowhere.
constexpr std::uint32_t kCrash = 0xffffffff, kCut = 0xfffffffe;

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

// Of a driver port, each fault of an op at each depth too, and those of a take-over. What is deeper than the driver goes is not run.
std::vector<Command> AlphabetOf(const World& world, const Sut& sut) {
  std::vector<Command> alphabet = Alphabet(world);
  if (!sut.contract_only() || !world.Has(Aspect::kFaults)) return alphabet;
  const std::vector<Command> shallow = alphabet;
  for (Command command : shallow) {
    const bool takes_over = !command.fault.armed() && (command.verb == Verb::kRetrieve || command.verb == Verb::kFinish);
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
    profile_ = options_.profile.config_enabled ? WithLayout(options_.profile, sut_.layout()) : options_.profile;
    const auto room = [&](std::uint32_t record) {
      const int capacity = static_cast<int>(profile_.layout.Capacity(record)) - 1;
      return static_cast<std::size_t>(options_.slots > 0 ? std::min(options_.slots, capacity) : capacity);
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
      for (Pending& pending : level_) {
        if (!Expand(pending)) break;
        pending = {};
      }
    }
    --result_.depth;  // the last level led nowhere new
    if (lockstep_.divergence()) return Diverged();
    return Finish();
  }

 private:
  // A state that was found and is to be expanded.
  struct Pending {
    std::uint32_t number = 0;
    bool owned = true;  // by this shard
    Breaches breaches = 0;
    Ledger ledger;
    Snapshot memory;
  };

  ProductResult Finish() {
    result_.tally = lockstep_.tally();
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
    sut_.Restore(pending.memory);
    sut_.Observe(observation_);
    here_.model = observation_.state;
    here_.ledger = pending.ledger;
    here_.breaches = pending.breaches;
    here_.sut = pending.memory;
    here_.step = static_cast<std::size_t>(result_.depth);
    lockstep_.Restore(here_);
  }

  // The way to the state, into the recorder; what follows it is the lockstep's to write down.
  void NotePath(std::uint32_t state) {
    if (!options_.recorder || state == 0) return;
    const Scenario path = ScenarioTo(parents_[state], commands_[state]);
    for (std::size_t step = 0; step < path.commands.size(); ++step) options_.recorder->Add(step, path.commands[step]);
  }

  // False ends the search.
  bool Expand(const Pending& pending) {
    Resume(pending);
    NotePath(pending.number);
    for (std::size_t i = 0; i < alphabet_.size(); ++i) {
      const Command& command = alphabet_[i];
      if (options_.world.allowed != kHostile && !Calls(options_.world, here_.model, command)) continue;
      if (!pending.owned && !LeadsTheModelOn(command)) continue;
      if (command.fault.armed() && !passed_[i] && (command.fault.depth != 0 || !FiresInTheModel(command))) {
        ++result_.unfired;
        continue;
      }
      torn_down_ = false;
      if (!Follow(pending, i)) return false;
      torn_down_ ? lockstep_.Restore(here_) : lockstep_.TakeBack(here_);
    }
    ++expanded_;
    const bool full = (options_.max_edges != 0 && result_.edges >= options_.max_edges) ||
                      (options_.max_states != 0 && states_.size() >= options_.max_states);
    return !full || GiveUp();
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
    return Within(options_.world, model_) && HasRoom(model_.flb) && !known_.Has(FingerprintOfModel(model_, breaches));
  }

  // With the fault armed the implementation, having passed the site too seldom without, does the same: nothing to run.
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
      passed_[faulted] = sut_.Passes(fault.site, fault.nth) && (fault.depth == 0 || fault.depth <= sut_.Requests(fault.site));
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
      if (result_.edges % kBatch == 0 && options_.progress && !options_.progress({states_.size(), expanded_, result_.edges})) {
        return GiveUp();
      }
    }
    if (from.owned && lockstep_.hazards() != 0) Witness(from.number, i, false);
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
    } else if ((lockstep_.breaches() != 0) == (from.breaches != 0) && !sut_.Changed()) {
      to = from.number;
    } else {
      to = Visit(from.number, i);
      if (lockstep_.divergence()) return Wanted(from.number, i);
    }
    if (from.owned) result_.digest += DigestOf(from.number, i, to);
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
    return flb.iommus.size() <= room_[0] && flb.domains.size() <= room_[1] && flb.devices.size() <= room_[2];
  }

  // The number of the state that the sides are in. A new one is kept for the next level, and torn down.
  std::uint32_t Visit(std::uint32_t from, std::size_t command) {
    const auto [number, found] = states_.Insert(FingerprintOfMemory(options_.past));
    if (options_.past == Past::kWhole) Compare(from, command, number, found);
    if (!found) return number;
    parents_.push_back(from);
    commands_.push_back(static_cast<std::uint16_t>(command));

    words_.clear();
    AppendState(Canonical(lockstep_.state()), words_);
    model_states_.Insert(FingerprintOf(words_));
    const bool leads_the_model_on = known_.Insert(FingerprintOfModel(lockstep_.state(), lockstep_.breaches())).second;

    Pending& pending = next_.emplace_back();
    pending.number = number;
    pending.owned = !leads_the_model_on || number % options_.shard.count == options_.shard.index;
    pending.breaches = lockstep_.breaches();
    pending.ledger = lockstep_.ledger();
    sut_.Save(pending.memory);
    pending.memory.bytes.shrink_to_fit();
    if (!pending.owned || number == 0) return number;
    torn_down_ = true;
    try {
      if (lockstep_.TearDown() && lockstep_.hazards() != 0) Witness(from, command, true);
    } catch (const Exhausted&) {
      ++result_.memory_cuts;
    }
    return number;
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

  // Holds kForgotten against kWhole: states that it takes for one must go on, by every command, to states that it takes for
  // one.
  void Compare(std::uint32_t from, std::size_t command, std::uint32_t to, bool found) {
    const std::uint32_t merged = merged_states_.Insert(FingerprintOfMemory(Past::kForgotten)).first;
    if (found) merged_.push_back(merged);
    if (to == 0 && found) return;
    const std::uint64_t edge = static_cast<std::uint64_t>(merged_[from]) * alphabet_.size() + command;
    if (merged_edges_.try_emplace(edge, merged).first->second == merged || result_.conflict) return;
    result_.conflict = ScenarioTo(from, command);
  }

  void Witness(std::uint32_t from, std::size_t command, bool after_teardown) {
    const Scenario scenario = ScenarioTo(from, command);
    result_.hazards.Add(lockstep_.hazards(), lockstep_.breaches(), scenario, scenario.commands.size(), after_teardown);
  }

  // A shortest sequence to a state, and one command more.
  Scenario ScenarioTo(std::uint32_t state, std::size_t command) const {
    Scenario scenario = result_.scenario;
    scenario.commands = {alphabet_[command]};
    for (; state != 0; state = parents_[state]) scenario.commands.push_back(alphabet_[commands_[state]]);
    std::reverse(scenario.commands.begin(), scenario.commands.end());
    return scenario;
  }

  Sut& sut_;
  const ProductOptions& options_;
  const std::vector<Command> alphabet_;
  std::vector<std::vector<std::size_t>> faulted_;  // by command without a fault: the same with one
  std::vector<std::uint8_t> passed_;               // by command with a fault: whether it was passed without being armed
  Lockstep lockstep_;
  Profile profile_;  // with the layout in force
  std::array<std::size_t, 3> room_{};
  Checkpoint here_;         // the state that is being expanded
  bool torn_down_ = false;  // since the last command of the search
  std::uint64_t expanded_ = 0;
  bool ended_ = false;
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

ProductResult ExploreProduct(Sut& sut, const ProductOptions& options) { return Walk(sut, options).Run(); }

}  // namespace holdfast
