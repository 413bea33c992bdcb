// The successors of states, from remembered steps (step_memory.h), and the totals of everything
// that was expanded.
//
// Each thread of a search has an expander of its own: two expanders share nothing. An EdgeMaker
// computes what is remembered. The expander decides which remembered step is used again, and checks
// the memory: a write outside of a footprint ends the search, and so does an entry that differs
// when it is computed again.
#ifndef HOLDFAST_MODEL_EXPLORE_EXPANDER_H_
#define HOLDFAST_MODEL_EXPLORE_EXPANDER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "model/explore/edge.h"
#include "model/explore/explore.h"
#include "model/explore/footprint.h"
#include "model/explore/packing.h"
#include "model/explore/search_totals.h"
#include "model/explore/state_set.h"
#include "model/explore/step_memory.h"
#include "model/text/text.h"

namespace holdfast {

// A state that a command leads to.
template <int kWords>
struct Candidate {
  PackedState<kWords> state;
  std::uint64_t hash = 0;
  std::uint32_t parent = 0;
  std::uint16_t command = 0;
  bool fresh = false;  // the search did not know the state; the set of states sets this
};

template <int kWords>
class Expander {
 public:
  using Packed = PackedState<kWords>;

  Expander(const World& world, const Profile& profile, const Packing& packing,
           const ExploreOptions& options)
      : options_(options),
        topology_(world.topology),
        packing_(packing),
        maker_(world, profile, packing),
        alphabet_(Alphabet(world)) {
    std::vector<std::pair<Words, std::vector<std::uint16_t>>> groups;
    for (std::size_t i = 0; i < alphabet_.size(); ++i) {
      const Words mask = FootprintOf(world, profile, packing, alphabet_[i]);
      auto group = std::find_if(groups.begin(), groups.end(),
                                [&](const auto& entry) { return entry.first == mask; });
      if (group == groups.end()) group = groups.insert(group, {mask, {}});
      group->second.push_back(static_cast<std::uint16_t>(i));
    }
    for (auto& [mask, commands] : groups) bundles_.emplace_back(mask, std::move(commands));
    bundles_.emplace_back(FootprintOfRules(packing), std::vector<std::uint16_t>());
  }

  // The successors of `count` states, the first of them number `id`, themselves apart: into `out`,
  // state by state. Each bundle looks up all states before the next one does: these look-ups wait
  // for nothing but memory, and so not for one another.
  void Expand(const Packed* states, std::size_t count, std::uint32_t id, std::uint32_t depth,
              std::vector<Candidate<kWords>>& out) {
    depth_ = depth;
    used_.resize(bundles_.size() * count);
    std::uint32_t* used = used_.data();
    for (Bundle<kWords>& bundle : bundles_) {
      for (std::size_t i = 0; i < count; ++i)
        *used++ = Use(bundle, states[i], id + static_cast<std::uint32_t>(i));
    }
    for (std::size_t i = 0; i < count; ++i) {
      const Packed& state = states[i];
      const std::uint64_t hash = HashOf<kWords>(state);
      for (std::size_t k = 0; k < bundles_.size(); ++k) {
        for (const Successor<kWords>& successor :
             bundles_[k].entries()[used_[k * count + i]].successors) {
          Candidate<kWords>& candidate = out.emplace_back();
          for (int w = 0; w < kWords; ++w)
            candidate.state[w] = successor.change[w] ^ (successor.crash ? 0 : state[w]);
          candidate.hash = successor.hash ^ (successor.crash ? 0 : hash);
          candidate.parent = id + static_cast<std::uint32_t>(i);
          candidate.command = successor.command;
        }
      }
    }
  }

  // Closes the books: no Expand() afterwards.
  Totals Finish() {
    for (const Bundle<kWords>& bundle : bundles_) AddTotals(bundle);
    return std::move(totals_);
  }

 private:
  using Entry = typename Bundle<kWords>::Entry;

  // The position of the state's entry.
  std::uint32_t Use(Bundle<kWords>& bundle, const Packed& state, std::uint32_t id) {
    if (options_.plain) {
      AddTotals(bundle);
      bundle.Forget();
    }
    const auto [position, added] = bundle.At(state);
    Entry& entry = bundle.entries()[position];
    if (added) {
      entry.first_state = id;
      entry.audit_at =
          options_.audit == 0 ? std::numeric_limits<std::uint64_t>::max() : options_.audit;
      Fill(bundle, state, entry);
      Mark(entry);
    } else if (entry.uses == entry.audit_at) {
      entry.audit_at += options_.audit;
      Entry again;
      Fill(bundle, state, again);
      if (again.successors != entry.successors || again.events != entry.events ||
          again.rules != entry.rules) {
        throw std::logic_error("a footprint is too small: " + Name(bundle) +
                               " does not do what was remembered in " +
                               PrintState(packing_.Unpack(state.data()), topology_));
      }
    }
    ++entry.uses;
    return position;
  }

  void Fill(const Bundle<kWords>& bundle, const Packed& state, Entry& entry) {
    const State before = packing_.Unpack(state.data());
    if (before.crashed) return;  // nothing follows
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
      for (int i = 0; i < kWords; ++i)
        successor.change[i] = edge.after[i] ^ (successor.crash ? 0 : state[i]);
      if (!successor.crash && successor.change == Packed{}) continue;
      for (int i = 0; i < kWords && !successor.crash; ++i) {
        if ((successor.change[i] & ~bundle.mask()[i]) == 0) continue;
        throw std::logic_error("a footprint is too small: " + PrintCommand(alphabet_[command]) +
                               " writes outside of it in " + PrintState(before, topology_));
      }
      successor.hash = HashOf<kWords>(successor.change);
      const bool known =
          std::any_of(entry.successors.begin(), entry.successors.end(), [&](const auto& other) {
            return other.change == successor.change && other.crash == successor.crash;
          });
      if (!known) entry.successors.push_back(successor);
    }
  }

  // What is first seen when an entry is made; how often, AddTotals() knows at the end.
  void Mark(const Entry& entry) {
    totals_.checked |= entry.rules.checked;
    if (entry.rules.broken)
      totals_.Break(entry.rules.broken, {depth_, entry.first_state, Place::kItself});
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
    return bundle.commands().empty() ? "a rule"
                                     : PrintCommand(alphabet_[bundle.commands().front()]);
  }

  const ExploreOptions& options_;
  const Topology& topology_;
  const Packing& packing_;
  const EdgeMaker maker_;
  const std::vector<Command> alphabet_;
  // one a footprint, and last the rules of a state, which no command belongs to
  std::vector<Bundle<kWords>> bundles_;
  // by bundle, then by state: positions among the bundle's entries
  std::vector<std::uint32_t> used_;
  std::uint32_t depth_ = 0;  // of the state at hand
  Totals totals_;
};

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_EXPLORE_EXPANDER_H_
