#include "model/explore.h"

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <utility>

#include "model/canonical.h"
#include "model/edge.h"
#include "model/footprint.h"
#include "model/packing.h"
#include "model/state_set.h"
#include "model/step.h"
#include "model/step_memory.h"
#include "model/symmetry.h"
#include "model/text.h"

namespace holdfast {
namespace {

// States between two fork-joins of the threads, and between two calls of the progress callback.
constexpr std::size_t kBlock = std::size_t{1} << 15;

// Where something first happened: a command in a state, or (kItself) the state itself.
struct Place {
  static constexpr std::uint32_t kItself = std::numeric_limits<std::uint16_t>::max();
  std::uint32_t length = std::numeric_limits<std::uint32_t>::max();  // of the path that shows it
  std::uint32_t state = 0;
  std::uint32_t command = kItself;

  auto operator<=>(const Place&) const = default;
};

using SightingKey = std::tuple<Verb, Outcome::Kind, bool, std::int16_t, FaultSite>;
SightingKey KeyOf(const Command& command, const Outcome& outcome) {
  return {command.verb, outcome.kind, outcome.warned, outcome.error,
          outcome.fault_fired ? command.fault.site : FaultSite::kNone};
}

// The sums of a search, or of one thread's part of it.
struct Totals {
  std::uint64_t edges = 0, cuts = 0, steps = 0;
  RuleSet checked = 0;
  std::array<Place, kRuleCount + 1> broken;  // by rule
  std::map<SightingKey, std::pair<std::uint64_t, Place>> sightings;

  void Break(RuleSet rules, const Place& place) {
    for (const RuleInfo& info : Rules()) {
      Place& first = broken[static_cast<std::size_t>(info.rule)];
      if (rules & RuleBit(info.rule)) first = std::min(first, place);
    }
  }
  void See(const SightingKey& key, std::uint64_t edges_seen, const Place& place) {
    auto& [count, first] = sightings[key];
    count += edges_seen;
    first = std::min(first, place);
  }
  void Add(const Totals& other) {
    edges += other.edges;
    cuts += other.cuts;
    steps += other.steps;
    checked |= other.checked;
    for (std::size_t i = 0; i < broken.size(); ++i) broken[i] = std::min(broken[i], other.broken[i]);
    for (const auto& [key, sighting] : other.sightings) See(key, sighting.first, sighting.second);
  }
};

template <int kWords>
struct Candidate {
  PackedState<kWords> state;
  std::uint64_t hash = 0;
  std::uint32_t parent = 0;
  std::uint16_t command = 0;
  bool fresh = false;
};

// What a thread needs to expand states, with a memory of its own.
template <int kWords>
class Expander {
 public:
  using Packed = PackedState<kWords>;

  Expander(const World& world, const Profile& profile, const Packing& packing, const ExploreOptions& options)
      : options_(options), topology_(world.topology), packing_(packing), maker_(world, profile, packing),
        alphabet_(Alphabet(world)), rules_(FootprintOfRules(packing), {}) {
    std::vector<std::pair<Words, std::vector<std::uint16_t>>> groups;
    for (std::size_t i = 0; i < alphabet_.size(); ++i) {
      const Words mask = FootprintOf(world, profile, packing, alphabet_[i]);
      auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& entry) { return entry.first == mask; });
      if (group == groups.end()) group = groups.insert(group, {mask, {}});
      group->second.push_back(static_cast<std::uint16_t>(i));
    }
    for (auto& [mask, commands] : groups) bundles_.emplace_back(mask, std::move(commands));
    crashed_.fill(0);
    State crashed;
    crashed.crashed = true;
    packing.Pack(crashed, crashed_.data());
  }

  // The successors of a state, itself apart, into `out`: ascending by command, but the same state may come more than once.
  void Expand(const Packed& state, std::uint32_t id, std::uint32_t depth, std::vector<Candidate<kWords>>& out) {
    depth_ = depth;
    if (Same<kWords>(state, crashed_)) return;
    Use(rules_, state, id);
    for (Bundle<kWords>& bundle : bundles_) {
      const Entry& entry = Use(bundle, state, id);
      for (const Successor<kWords>& successor : entry.successors) {
        Candidate<kWords>& candidate = out.emplace_back();
        for (int i = 0; i < kWords; ++i) candidate.state[i] = successor.change[i] ^ (successor.crash ? 0 : state[i]);
        candidate.parent = id;
        candidate.command = successor.command;
      }
    }
  }

  // Closes the books: no Expand() afterwards.
  Totals Finish() {
    for (const Bundle<kWords>& bundle : bundles_) AddTotals(bundle);
    AddTotals(rules_);
    return std::move(totals_);
  }

 private:
  using Entry = typename Bundle<kWords>::Entry;

  Entry& Use(Bundle<kWords>& bundle, const Packed& state, std::uint32_t id) {
    if (options_.plain) {
      AddTotals(bundle);
      bundle.Forget();
    }
    bool added = false;
    Entry& entry = bundle.At(state, &added);
    if (added) {
      entry.first_state = id;
      entry.audit_at = options_.audit == 0 ? std::numeric_limits<std::uint64_t>::max() : options_.audit;
      Fill(bundle, state, entry);
      Mark(entry);
    } else if (entry.uses == entry.audit_at) {
      entry.audit_at += options_.audit;
      Entry again;
      again.key = entry.key;
      Fill(bundle, state, again);
      if (again.successors != entry.successors || again.events.size() != entry.events.size() ||
          again.rules.broken != entry.rules.broken) {
        throw std::logic_error("a footprint is too small: " + Name(bundle) + " does more than was remembered in " +
                               PrintState(packing_.Unpack(state.data()), topology_));
      }
    }
    ++entry.uses;
    return entry;
  }

  void Fill(const Bundle<kWords>& bundle, const Packed& state, Entry& entry) {
    const State before = packing_.Unpack(state.data());
    if (bundle.commands().empty()) {
      entry.rules = maker_.Judge(before);
      return;
    }
    for (const std::uint16_t command : bundle.commands()) {
      const Edge edge = maker_.Make(before, alphabet_[command]);
      if (edge.kind == Edge::Kind::kNone) continue;
      ++totals_.steps;
      const bool cut = edge.kind == Edge::Kind::kCut;
      entry.events.push_back({command, cut, edge.outcome, edge.rules});
      if (cut) continue;
      Successor<kWords> successor = {.command = command, .crash = edge.outcome.crashed()};
      for (int i = 0; i < kWords; ++i) successor.change[i] = edge.after[i] ^ (successor.crash ? 0 : state[i]);
      if (!successor.crash && successor.change == Packed{}) continue;
      for (int i = 0; i < kWords && !successor.crash; ++i) {
        if ((successor.change[i] & ~bundle.mask()[i]) == 0) continue;
        throw std::logic_error("a footprint is too small: " + PrintCommand(alphabet_[command]) + " writes outside of it in " +
                               PrintState(before, topology_));
      }
      const bool known = std::any_of(entry.successors.begin(), entry.successors.end(), [&](const auto& other) {
        return other.change == successor.change && other.crash == successor.crash;
      });
      if (!known) entry.successors.push_back(successor);
    }
  }

  // What is first seen when an entry is made; how often, AddTotals() knows at the end.
  void Mark(const Entry& entry) {
    totals_.checked |= entry.rules.checked;
    if (entry.rules.broken) totals_.Break(entry.rules.broken, {depth_, entry.first_state, Place::kItself});
    for (const Event& event : entry.events) {
      const Place place = {depth_ + 1, entry.first_state, event.command};
      totals_.checked |= event.rules.checked;
      if (event.rules.broken) totals_.Break(event.rules.broken, place);
      totals_.See(KeyOf(alphabet_[event.command], event.outcome), 0, place);
    }
  }

  void AddTotals(const Bundle<kWords>& bundle) {
    for (const Entry& entry : bundle.entries()) {
      for (const Event& event : entry.events) {
        (event.cut ? totals_.cuts : totals_.edges) += entry.uses;
        totals_.See(KeyOf(alphabet_[event.command], event.outcome), entry.uses, Place());
      }
    }
  }

  std::string Name(const Bundle<kWords>& bundle) const {
    return bundle.commands().empty() ? "a rule" : PrintCommand(alphabet_[bundle.commands().front()]);
  }

  const ExploreOptions& options_;
  const Topology& topology_;
  const Packing& packing_;
  const EdgeMaker maker_;
  const std::vector<Command> alphabet_;
  std::vector<Bundle<kWords>> bundles_;
  Bundle<kWords> rules_;
  Packed crashed_{};
  std::uint32_t depth_ = 0;  // of the state at hand
  Totals totals_;
};

template <int kWords>
class Search {
 public:
  using Packed = PackedState<kWords>;

  Search(const World& world, const Profile& profile, const Packing& packing, const ExploreOptions& options)
      : world_(world), profile_(profile), packing_(packing), options_(options), sets_(Threads()) {
    for (int i = 0; i < Threads(); ++i) {
      expanders_.push_back(std::make_unique<Expander<kWords>>(world, profile, packing, options));
    }
    found_.resize(sets_.size());
    if (options.symmetry) reducer_.emplace(world, packing);
  }

  ExploreResult Run(const std::function<bool(const State&)>* wanted = nullptr) {
    Packed initial{};
    const State state = InitialState(world_.topology);
    if (!Within(world_, state) || !packing_.Pack(state, initial.data())) {
      throw std::logic_error("the initial state is outside of the world's bounds");
    }
    std::vector<Packed> level = {initial};
    if (reducer_) reducer_->Reduce(initial.data());
    SetOf(HashOf<kWords>(initial)).Insert(initial, HashOf<kWords>(initial));
    parents_.push_back(0);
    commands_.push_back(0);
    bool go_on = true;
    std::uint32_t first = 0;  // the number of the level's first state
    std::uint32_t depth = 0;
    for (; go_on && !level.empty(); ++depth) {
      result_.depth = static_cast<int>(depth);
      std::vector<Packed> next;
      for (std::size_t begin = 0; go_on && begin < level.size(); begin += kBlock) {
        const std::size_t end = std::min(level.size(), begin + kBlock);
        for (std::size_t i = begin; i < end; ++i) {
          result_.digest += HashOf<kWords>(level[i], 1);
          if (!options_.visit && wanted == nullptr) continue;
          const State here = packing_.Unpack(level[i].data());
          if (options_.visit) options_.visit(here);
          if (wanted != nullptr && (*wanted)(here)) {
            path_ = PathTo(Place{depth, first + static_cast<std::uint32_t>(i), Place::kItself});
            return result_;
          }
        }
        ExpandBlock(level.data() + begin, end - begin, first + static_cast<std::uint32_t>(begin), depth);
        Enter(next);
        const std::uint64_t done = first + end;
        go_on = parents_.size() <= options_.max_states && (!options_.progress || options_.progress(parents_.size(), done));
      }
      first += static_cast<std::uint32_t>(level.size());
      level.swap(next);
    }
    result_.finished = go_on;
    Report();
    return std::move(result_);
  }

  const std::optional<std::vector<Command>>& path() const { return path_; }

 private:
  int Threads() const { return std::max(1, options_.threads); }
  // By the upper half of the hash; the sets themselves use the lower one.
  StateSet<kWords>& SetOf(std::uint64_t hash) { return sets_[(hash >> 32) * sets_.size() >> 32]; }

  // Runs work(thread) in each thread. The first exception of the lowest thread goes on.
  template <typename Work>
  void InThreads(Work work) {
    if (Threads() == 1) return work(std::size_t{0});
    std::vector<std::exception_ptr> failures(sets_.size());
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < sets_.size(); ++t) {
      threads.emplace_back([&, t] {
        try {
          work(t);
        } catch (...) {
          failures[t] = std::current_exception();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::exception_ptr& failure : failures) {
      if (failure) std::rethrow_exception(failure);
    }
  }

  // Each thread a part of the block; found_[t] is what part t leads to and was not there before the block.
  void ExpandBlock(const Packed* states, std::size_t count, std::uint32_t first, std::uint32_t depth) {
    InThreads([&](std::size_t t) {
      std::vector<Candidate<kWords>> successors;
      found_[t].clear();
      const std::size_t end = count * (t + 1) / sets_.size();
      for (std::size_t i = count * t / sets_.size(); i < end; ++i) {
        successors.clear();
        expanders_[t]->Expand(states[i], first + static_cast<std::uint32_t>(i), depth, successors);
        for (Candidate<kWords>& candidate : successors) {
          if (reducer_) reducer_->Reduce(candidate.state.data());
          candidate.hash = HashOf<kWords>(candidate.state);
          SetOf(candidate.hash).Prefetch(candidate.hash);
        }
        const std::size_t before = found_[t].size();
        for (const Candidate<kWords>& candidate : successors) {
          if (!SetOf(candidate.hash).Contains(candidate.state, candidate.hash)) found_[t].push_back(candidate);
        }
        std::sort(found_[t].begin() + static_cast<std::ptrdiff_t>(before), found_[t].end(),
                  [](const auto& a, const auto& b) { return a.command < b.command; });
      }
    });
    // All parts in order, so that of several ways to a state the first one counts. Each thread enters what belongs to its set.
    InThreads([&](std::size_t t) {
      for (std::vector<Candidate<kWords>>& part : found_) {
        for (Candidate<kWords>& candidate : part) {
          StateSet<kWords>& set = SetOf(candidate.hash);
          if (&set == &sets_[t]) candidate.fresh = set.Insert(candidate.state, candidate.hash);
        }
      }
    });
  }

  void Enter(std::vector<Packed>& next) {
    for (const std::vector<Candidate<kWords>>& part : found_) {
      for (const Candidate<kWords>& candidate : part) {
        if (!candidate.fresh) continue;
        if (parents_.size() == std::numeric_limits<std::uint32_t>::max()) throw std::length_error("more than 2^32 states");
        next.push_back(candidate.state);
        parents_.push_back(candidate.parent);
        commands_.push_back(candidate.command);
      }
    }
  }

  std::vector<Command> PathTo(const Place& place) const {
    const std::vector<Command> alphabet = Alphabet(world_);
    std::vector<Command> path;
    if (place.command != Place::kItself) path.push_back(alphabet[place.command]);
    for (std::uint32_t state = place.state; state != 0; state = parents_[state]) path.push_back(alphabet[commands_[state]]);
    std::reverse(path.begin(), path.end());
    if (reducer_) Unrename(path);
    return path;
  }

  // A path of representatives, each command named as in the representative before it, becomes one of the states that it stands for.
  void Unrename(std::vector<Command>& path) const {
    Packed representative{};
    packing_.Pack(InitialState(world_.topology), representative.data());
    Symmetry names;  // of the real state's objects in the representative
    reducer_->Reduce(representative.data(), &names);
    for (Command& command : path) {
      State after = Step(world_.topology, profile_, packing_.Unpack(representative.data()), command).state;
      command = Renamed(names.Inverse(), command);
      if (after.crashed || !packing_.Pack(Canonical(after), representative.data())) return;  // the last one
      Symmetry used;
      reducer_->Reduce(representative.data(), &used);
      names = names.Then(used);
    }
  }

  void Report() {
    Totals totals;
    for (const auto& expander : expanders_) totals.Add(expander->Finish());
    result_.states = parents_.size();
    result_.edges = totals.edges;
    result_.cuts = totals.cuts;
    result_.steps = totals.steps;
    result_.state_bits = packing_.bits();
    result_.rules.checked = totals.checked;
    for (const RuleInfo& info : Rules()) {
      const Place& place = totals.broken[static_cast<std::size_t>(info.rule)];
      if (place == Place()) continue;
      result_.rules.broken |= RuleBit(info.rule);
      Violation violation = {.rule = info.rule, .owed = false, .breaches = 0, .path = PathTo(place)};
      State state = InitialState(world_.topology);
      for (const Command& command : violation.path) {
        violation.breaches |= BreachesOf(world_.topology, state, command);
        state = Step(world_.topology, profile_, std::move(state), command).state;
      }
      violation.owed = violation.breaches == 0 || HardenedRules(profile_) & RuleBit(info.rule);
      result_.violations.push_back(std::move(violation));
    }
    for (const auto& [key, sighting] : totals.sightings) {
      Sighting& seen = result_.sightings.emplace_back();
      seen.edges = sighting.first;
      seen.path = PathTo(sighting.second);
      seen.command = seen.path.back();
      State state = InitialState(world_.topology);
      for (const Command& command : seen.path) StepInPlace(world_.topology, profile_, state, command, seen.outcome);
    }
  }

  const World& world_;
  const Profile& profile_;
  const Packing& packing_;
  const ExploreOptions& options_;
  std::optional<Reducer> reducer_;
  std::vector<StateSet<kWords>> sets_;  // one a thread, by hash
  std::vector<std::unique_ptr<Expander<kWords>>> expanders_;
  std::vector<std::vector<Candidate<kWords>>> found_;  // by thread
  std::vector<std::uint32_t> parents_;  // by number of the state, in the order of the search
  std::vector<std::uint16_t> commands_;
  std::optional<std::vector<Command>> path_;
  ExploreResult result_;
};

// Calls run(search) with a search of the right width.
template <typename Run>
auto WithSearch(const World& world, const Profile& profile, const ExploreOptions& options, Run run) {
  const Packing packing(world, profile);
  const auto at = [&]<int kWords>(std::integral_constant<int, kWords>) {
    return run(Search<kWords>(world, profile, packing, options));
  };
  if (packing.words() <= 1) return at(std::integral_constant<int, 1>());
  if (packing.words() <= 2) return at(std::integral_constant<int, 2>());
  if (packing.words() <= 3) return at(std::integral_constant<int, 3>());
  if (packing.words() <= 5) return at(std::integral_constant<int, 5>());
  return at(std::integral_constant<int, kMaxWords>());
}

}  // namespace

bool ExploreResult::holds() const {
  return std::none_of(violations.begin(), violations.end(), [](const Violation& violation) { return violation.owed; });
}

ExploreResult Explore(const World& world, const Profile& profile, const ExploreOptions& options) {
  return WithSearch(world, profile, options, [](auto search) { return search.Run(); });
}

std::optional<std::vector<Command>> ShortestPathTo(const World& world, const Profile& profile,
                                                   const std::function<bool(const State&)>& wanted) {
  return WithSearch(world, profile, {}, [&](auto search) {
    search.Run(&wanted);
    return search.path();
  });
}

}  // namespace holdfast
