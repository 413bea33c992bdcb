#include "model/explore/explore.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

#include "model/explore/canonical.h"
#include "model/explore/expander.h"
#include "model/explore/packing.h"
#include "model/explore/search_totals.h"
#include "model/explore/state_set.h"
#include "model/step.h"
#include "model/explore/symmetry.h"
#include "model/text/text.h"

namespace holdfast {
namespace {

// States between two fork-joins of the threads, and between two calls of the progress callback.
constexpr std::size_t kBlock = std::size_t{1} << 15;

// States that are expanded before the first of their successors is looked up: by then it is there.
constexpr std::size_t kRound = 32;

// Of a state, in 64 bits that add up. (The product's two halves, once a word, as in wyhash.)
template <int kWords>
std::uint64_t DigestOf(const PackedState<kWords>& state) {
  std::uint64_t digest = 0x9e3779b97f4a7c14u;
  for (const std::uint64_t word : state) {
    const auto product = static_cast<unsigned __int128>(digest ^ word) * 0xd6e8feb86659fd93u;
    digest = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  return digest ^ digest >> 32;
}

template <int kWords>
class Search {
 public:
  using Packed = PackedState<kWords>;

  Search(const World& world, const Profile& profile, const Packing& packing,
         const ExploreOptions& options)
      : world_(world), profile_(profile), packing_(packing), options_(options), sets_(Threads()) {
    for (int i = 0; i < Threads(); ++i) {
      expanders_.push_back(std::make_unique<Expander<kWords>>(world, profile, packing, options));
    }
    found_.resize(sets_.size());
    if (options.symmetry) reducer_.emplace(world, packing);
  }

  ExploreResult Run() {
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
          result_.digest += DigestOf<kWords>(level[i]);
          if (options_.visit) options_.visit(packing_.Unpack(level[i].data()));
        }
        ExpandBlock(level.data() + begin, end - begin, first + static_cast<std::uint32_t>(begin),
                    depth);
        Enter(next);
        const std::uint64_t done = first + end;
        go_on = parents_.size() <= options_.max_states &&
                (!options_.progress || options_.progress(parents_.size(), done));
      }
      first += static_cast<std::uint32_t>(level.size());
      level.swap(next);
    }
    result_.finished = go_on;
    Report();
    return std::move(result_);
  }

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

  // Each thread a part of the block; found_[t] is what part t leads to and was not there before the
  // block.
  void ExpandBlock(const Packed* states, std::size_t count, std::uint32_t first,
                   std::uint32_t depth) {
    InThreads([&](std::size_t t) {
      std::vector<Candidate<kWords>> successors;
      found_[t].clear();
      const std::size_t end = count * (t + 1) / sets_.size();
      for (std::size_t i = count * t / sets_.size(); i < end;) {
        successors.clear();
        const std::size_t round = std::min(end - i, options_.plain ? 1 : kRound);
        expanders_[t]->Expand(states + i, round, first + static_cast<std::uint32_t>(i), depth,
                              successors);
        i += round;
        for (Candidate<kWords>& candidate : successors) {
          if (reducer_) {
            reducer_->Reduce(candidate.state.data());
            candidate.hash = HashOf<kWords>(candidate.state);
          }
          SetOf(candidate.hash).Prefetch(candidate.hash);
        }
        for (auto of_one = successors.begin(); of_one != successors.end();)
          of_one = Find(of_one, successors.end(), found_[t]);
      }
    });
    if (Threads() == 1) return;
    // All parts in order, so that of several ways to a state the first one counts. Each thread
    // enters what belongs to its set.
    InThreads([&](std::size_t t) {
      for (std::vector<Candidate<kWords>>& part : found_) {
        for (Candidate<kWords>& candidate : part) {
          StateSet<kWords>& set = SetOf(candidate.hash);
          if (&set == &sets_[t]) candidate.fresh = set.Insert(candidate.state, candidate.hash);
        }
      }
    });
  }

  using Candidates = std::vector<Candidate<kWords>>;

  // Appends to `found` what one state leads to and was not there before, by command; returns where
  // the next state's begin. One thread enters it at once; of several, each state only when it is
  // known which thread's came first.
  typename Candidates::iterator Find(typename Candidates::iterator of_one,
                                     typename Candidates::iterator end, Candidates& found) {
    const auto before = static_cast<std::ptrdiff_t>(found.size());
    for (const std::uint32_t parent = of_one->parent; of_one != end && of_one->parent == parent;
         ++of_one) {
      StateSet<kWords>& set = SetOf(of_one->hash);
      if (Threads() > 1) {
        if (!set.Contains(of_one->state, of_one->hash)) found.push_back(*of_one);
      } else if (set.Insert(of_one->state, of_one->hash)) {
        found.push_back(*of_one);
        found.back().fresh = true;
      } else {
        // Two commands of one state, of different footprints, to one new state: the first one's in
        // the alphabet's order.
        for (auto other = found.begin() + before; other != found.end(); ++other) {
          if (Same<kWords>(other->state, of_one->state))
            other->command = std::min(other->command, of_one->command);
        }
      }
    }
    std::sort(found.begin() + before, found.end(),
              [](const auto& a, const auto& b) { return a.command < b.command; });
    return of_one;
  }

  void Enter(std::vector<Packed>& next) {
    for (const std::vector<Candidate<kWords>>& part : found_) {
      for (const Candidate<kWords>& candidate : part) {
        if (!candidate.fresh) continue;
        if (parents_.size() == std::numeric_limits<std::uint32_t>::max())
          throw std::length_error("more than 2^32 states");
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
    for (std::uint32_t state = place.state; state != 0; state = parents_[state])
      path.push_back(alphabet[commands_[state]]);
    std::reverse(path.begin(), path.end());
    if (reducer_) Unrename(path);
    return path;
  }

  // A path of representatives, each command named as in the representative before it, becomes one
  // of the states that it stands for.
  void Unrename(std::vector<Command>& path) const {
    Packed representative{};
    packing_.Pack(InitialState(world_.topology), representative.data());
    Symmetry names;  // of the real state's objects in the representative
    reducer_->Reduce(representative.data(), &names);
    for (Command& command : path) {
      State after =
          Step(world_.topology, profile_, packing_.Unpack(representative.data()), command).state;
      command = Renamed(names.Inverse(), command);
      // the last one
      if (after.crashed || !packing_.Pack(Canonical(after), representative.data())) return;
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
      Violation violation = {
          .rule = info.rule, .owed = false, .breaches = 0, .path = PathTo(place)};
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
      for (const Command& command : seen.path)
        StepInPlace(world_.topology, profile_, state, command, seen.outcome);
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
  ExploreResult result_;
};

}  // namespace

bool ExploreResult::holds() const {
  return std::none_of(violations.begin(), violations.end(),
                      [](const Violation& violation) { return violation.owed; });
}

// The search is as wide as a packed state needs.
ExploreResult Explore(const World& world, const Profile& profile, const ExploreOptions& options) {
  const Packing packing(world, profile);
  const auto run = [&]<int kWords>(std::integral_constant<int, kWords>) {
    return Search<kWords>(world, profile, packing, options).Run();
  };
  if (packing.words() <= 1) return run(std::integral_constant<int, 1>());
  if (packing.words() <= 2) return run(std::integral_constant<int, 2>());
  if (packing.words() <= 3) return run(std::integral_constant<int, 3>());
  if (packing.words() <= 5) return run(std::integral_constant<int, 5>());
  return run(std::integral_constant<int, kMaxWords>());
}

}  // namespace holdfast
