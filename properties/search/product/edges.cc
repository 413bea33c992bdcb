#include "properties/search/product/edges.h"

#include <algorithm>

#include "model/explore/canonical.h"
#include "model/step.h"
#include "properties/lockstep/half_done.h"
#include "properties/lockstep/state_words.h"

namespace holdfast {
namespace {

// Where an edge goes that leads to no state.
constexpr std::uint32_t kCrash = 0xffffffff, kCut = 0xfffffffe;

// Snapshots that were given a number here: no Sut counts so far.
constexpr std::uint64_t kGivenHere = std::uint64_t{1} << 63;

// Of a driver port, each fault of an op at each depth too, and those of a take-over. A depth that
// the driver does not reach is not run.
std::vector<Command> AlphabetOf(const World& world, const Sut& sut) {
  std::vector<Command> alphabet = Alphabet(world);
  if (!sut.contract_only() || !world.Has(Aspect::kFaults)) return alphabet;
  const std::vector<Command> shallow = alphabet;
  for (const Command& command : shallow) AddHalfDone(command, kMostRequests, alphabet);
  return alphabet;
}

}  // namespace

// The finalizer of MurmurHash3, twice.
std::uint64_t ProductDigest(std::uint32_t from, std::size_t command, std::uint32_t to) {
  const auto mix = [](std::uint64_t x) {
    x = (x ^ x >> 33) * 0xff51'afd7'ed55'8ccdull;
    x = (x ^ x >> 33) * 0xc4ce'b9fe'1a85'ec53ull;
    return x ^ x >> 33;
  };
  return mix(mix(static_cast<std::uint64_t>(from) << 32 | to) + command);
}

ProductEdges::ProductEdges(Sut& sut, const ProductOptions& options, const Counters& counters)
    : sut_(sut),
      options_(options),
      counters_(counters),
      alphabet_(AlphabetOf(options.world, sut)),
      faulted_(alphabet_.size()),
      passed_(alphabet_.size()),
      lockstep_(sut) {
  lockstep_.set_hardened(options.hardened);
  lockstep_.set_recorder(options.recorder);
  lockstep_.set_deadline(options.deadline);
  memory_.with_places = !counters.empty();
  for (std::size_t i = 0; i < alphabet_.size(); ++i) {
    for (std::size_t j = i + 1; j < alphabet_.size() && !alphabet_[i].fault.armed(); ++j) {
      Command without = alphabet_[j];
      without.fault = {};
      if (without == alphabet_[i]) faulted_[i].push_back(j);
    }
  }
}

bool ProductEdges::Begin() {
  lockstep_.Begin(options_.world.topology, options_.profile);
  profile_ =
      options_.profile.config_enabled ? WithOwedLayout(sut_, options_.profile) : options_.profile;
  profile_ = WithSidesOf(sut_, profile_);
  const auto room = [&](std::uint32_t record) {
    const int capacity = static_cast<int>(profile_.layout.Capacity(record)) - 1;
    return static_cast<std::size_t>(options_.slots > 0 ? std::min(options_.slots, capacity)
                                                       : capacity);
  };
  room_ = {room(profile_.layout.hw), room(profile_.layout.domain), room(profile_.layout.device)};
  return !lockstep_.divergence();
}

void ProductEdges::Enter(const ProductState& state, int depth) {
  LookAt(state, depth, here_);
  lockstep_.Restore(here_);
}

void ProductEdges::EnterBehind(const std::shared_ptr<const ProductState>& before,
                               std::size_t command, int depth) {
  if (before_ != before) {
    before_ = before;
    LookAt(*before, depth - 1, there_);
  }
  // Each time a number of its own: a memory that is left at once is not worth a mirror.
  there_.sut.number = kGivenHere + ++passes_through_;
  lockstep_.Restore(there_);
  const Tally tally = lockstep_.tally();
  lockstep_.Run(alphabet_[command]);
  walked_again_.Add(lockstep_.tally());
  walked_again_.Subtract(tally);
  lockstep_.Save(here_);
  here_.step = static_cast<std::size_t>(depth);
  lockstep_.Restore(here_);
}

// What is observed in the memory is the model's state: both sides had agreed.
void ProductEdges::LookAt(const ProductState& state, int depth, Checkpoint& checkpoint) {
  AskSut([&] {
    sut_.Restore(state.memory);
    sut_.Observe(observation_);
  });
  checkpoint.model = observation_.state;
  checkpoint.ledger = state.ledger;
  checkpoint.breaches = state.breaches;
  checkpoint.sut = state.memory;
  checkpoint.step = static_cast<std::size_t>(depth);
}

bool ProductEdges::Follow(std::uint32_t from, Visitor& visitor, ProductCounts& counts) {
  for (std::size_t i = 0; i < alphabet_.size(); ++i) {
    const Command& command = alphabet_[i];
    if (options_.world.allowed != kHostile && !Calls(options_.world, here_.model, command))
      continue;
    if (!visitor.Admits(i)) continue;
    if (command.fault.armed() && !passed_[i] &&
        (command.fault.depth != 0 || !FiresInTheModel(command))) {
      ++counts.unfired;
      continue;
    }
    torn_down_ = false;
    if (!Take(i, from, visitor, counts)) return false;
    torn_down_ ? lockstep_.Restore(here_) : lockstep_.TakeBack(here_);
  }
  return true;
}

// One edge, or a command that is none.
bool ProductEdges::Take(std::size_t i, std::uint32_t from, Visitor& visitor,
                        ProductCounts& counts) {
  const Command& command = alphabet_[i];
  bool agree = false;
  try {
    agree = lockstep_.Run(command);
  } catch (const Exhausted&) {  // the harness's limit, and no edge
    ++counts.memory_cuts;
    torn_down_ = true;  // what stands in lockstep is no step
    return true;
  }
  for (const std::size_t faulted : faulted_[i]) {
    const Fault& fault = alphabet_[faulted].fault;
    passed_[faulted] = sut_.Passes(fault.site, fault.nth) &&
                       (fault.depth == 0 || fault.depth <= sut_.Requests(fault.site));
  }
  if (!agree) return visitor.Diverge(i);
  if (Duplicates(command, lockstep_.outcome().fault_fired)) {
    ++counts.unfired;
    return true;
  }
  ++counts.edges;
  counts.faults += command.fault.armed();
  counts.coverage.Add(command, lockstep_.outcome());
  if (lockstep_.hazards() != 0) visitor.SeeHazards(i);
  std::uint32_t to = from;
  if (lockstep_.state().crashed) {
    ++counts.crashes;
    to = kCrash;
  } else if (!Within(options_.world, lockstep_.state())) {
    ++counts.cuts;
    to = kCut;
  } else if (!HasRoom(lockstep_.state().flb)) {
    ++counts.slot_cuts;
    to = kCut;
  } else if ((lockstep_.breaches() != 0) != (here_.breaches != 0) || sut_.Changed() ||
             !counters_.empty()) {
    to = visitor.Arrive(i, *MemoryFingerprint(options_.past));
    if (lockstep_.divergence()) return visitor.Diverge(i);
  }
  if (to != kUndecided) counts.digest += ProductDigest(from, i, to);
  return true;
}

void ProductEdges::Save(ProductState& state) {
  state.breaches = lockstep_.breaches();
  state.ledger = lockstep_.ledger();
  AskSut([&] { sut_.Save(state.memory); });
  state.memory.bytes.shrink_to_fit();
}

bool ProductEdges::TearDown(ProductCounts& counts) {
  torn_down_ = true;
  try {
    return lockstep_.TearDown();
  } catch (const Exhausted&) {
    ++counts.memory_cuts;
    return false;
  }
}

Tally ProductEdges::tally() const {
  Tally tally = lockstep_.tally();
  tally.Subtract(walked_again_);
  return tally;
}

void ProductEdges::BeginPart() {
  // An earlier process may have shown that the implementation dies where the model crashes. That
  // still holds.
  if (options_.recorder && options_.recorder->skips_crashes()) {
    crashes_ = std::make_unique<FlightRecorder>();
    crashes_->SkipCrashes();
  }
  lockstep_.set_recorder(crashes_.get());
  walked_again_ = {};
}

std::optional<Fingerprint> ProductEdges::MemoryFingerprint(Past past) {
  bool has_canonical_state = false;
  AskSut([&] { has_canonical_state = sut_.Canonicalize(past, memory_); });
  if (!has_canonical_state) return std::nullopt;
  memory_.words.push_back(lockstep_.breaches() != 0);
  return FingerprintOf(memory_.words);
}

Fingerprint ProductEdges::GroupFingerprint() {
  const std::uint64_t broken = memory_.words.back();
  memory_.words.pop_back();
  counters_.Blank(memory_);
  memory_.words.push_back(broken);
  return FingerprintOf(memory_.words);
}

Fingerprint ProductEdges::CanonicalFingerprint(const State& state) {
  std::vector<std::uint64_t> words;
  AppendState(Canonical(state), words);
  return FingerprintOf(words);
}

Fingerprint ProductEdges::KnownFingerprint(const State& state, Breaches breaches) const {
  std::vector<std::uint64_t> words;
  AppendPast(state, options_.past, words);
  words.push_back(breaches != 0);
  return FingerprintOf(words);
}

std::optional<Fingerprint> ProductEdges::KnownBehind(std::size_t i) {
  const Command& command = alphabet_[i];
  const Breaches breaches =
      here_.breaches | BreachesOf(options_.world.topology, here_.model, command);
  const bool fires = FiresInTheModel(command);
  if (model_.crashed || Duplicates(command, fires) || !Within(options_.world, model_) ||
      !HasRoom(model_.flb)) {
    return std::nullopt;
  }
  return KnownFingerprint(model_, breaches);
}

// Leaves the model's state in model_.
bool ProductEdges::FiresInTheModel(const Command& command) {
  model_ = here_.model;
  StepInPlace(options_.world.topology, profile_, model_, command, outcome_);
  return outcome_.fault_fired;
}

bool ProductEdges::HasRoom(const Flb& flb) const {
  return flb.iommus.size() <= room_[0] && flb.domains.size() <= room_[1] &&
         flb.devices.size() <= room_[2];
}

}  // namespace holdfast
