#include "properties/search/differ.h"

#include <algorithm>
#include <utility>

#include "model/explore/canonical.h"
#include "properties/lockstep/fingerprint.h"
#include "properties/lockstep/state_words.h"
#include "sut/child.h"

namespace holdfast {
namespace {

// With slots as the canonical state numbers them.
Outcome Seen(const State& before, Verb verb, const Outcome& outcome) {
  Outcome seen = CanonicalOutcome(before, verb, outcome);
  seen.fault_fired = false;
  return seen;
}

bool ShowAlike(const Observation& a, const Observation& b) {
  if (a.state != b.state && Canonical(a.state) != Canonical(b.state)) return false;
  return !a.reach.walked || !b.reach.walked || a.reach == b.reach;
}

// `before_a` and `before_b` are the states in which the two were called.
bool AnswerAlike(Verb verb, const State& before_a, const Answer& a, const State& before_b,
                 const Answer& b) {
  return Seen(before_a, verb, a.outcome) == Seen(before_b, verb, b.outcome) &&
         ShowAlike(a.after, b.after);
}

class Search {
 public:
  Search(std::span<Sut* const> suts, const DifferOptions& options)
      : suts_(suts), options_(options), alphabet_(Alphabet(options.world)), answers_(suts.size()) {}

  DifferResult Run() {
    try {
      result_.ending = Begin() && Levels()  ? DifferResult::Ending::kAgree
                       : result_.difference ? DifferResult::Ending::kDiffer
                                            : DifferResult::Ending::kUnfinished;
    } catch (const OutOfTime&) {
      result_.ending = DifferResult::Ending::kUnfinished;
    }
    result_.states = ways_.size();
    return std::move(result_);
  }

 private:
  // How a state was found first.
  struct Way {
    std::uint32_t from, command;
  };
  struct Waiting {
    std::uint32_t number;
    std::vector<State> states;  // by implementation: slots may have other numbers
    std::vector<Snapshot> memories;
  };

  // False if they differ before any call.
  bool Begin() {
    if (options_.recorder != nullptr) options_.recorder->Begin(options_.world.topology);
    for (std::size_t i = 0; i < suts_.size(); ++i) {
      WatchedOf(i, [&](Sut& sut) {
        sut.Reset(options_.world.topology, options_.luo[i]);
        sut.Observe(answers_[i].after);
      });
    }
    for (const Answer& answer : answers_) {
      if (!ShowAlike(answers_[0].after, answer.after)) {
        result_.difference = {.commands = {}, .answers = answers_};
        return false;
      }
    }
    Enter(Way{0, 0});
    return true;
  }

  bool Levels() {
    while (!next_.empty()) {
      std::vector<Waiting> level = std::exchange(next_, {});
      for (Waiting& waiting : level) {
        if (!Expand(waiting)) return false;
        waiting = {};
      }
      ++result_.depth;
    }
    return true;
  }

  bool Expand(const Waiting& waiting) {
    for (std::size_t i = 0; i < alphabet_.size(); ++i) {
      if (!Calls(options_.world, waiting.states[0], alphabet_[i])) continue;
      if (!Take(waiting, i)) return false;
    }
    return ways_.size() <= options_.max_states;
  }

  // False if they differ.
  bool Take(const Waiting& waiting, std::size_t command) {
    options_.deadline.Check();
    const Command& call = alphabet_[command];
    if (options_.recorder != nullptr) Record(waiting.number, call);
    std::size_t fired = 0;
    for (std::size_t i = 0; i < suts_.size(); ++i) {
      WatchedOf(i, [&](Sut& sut) {
        sut.Restore(waiting.memories[i]);
        sut.Run(call, answers_[i].outcome);
        sut.Observe(answers_[i].after);
      });
      fired += answers_[i].outcome.fault_fired;
    }
    if (Duplicates(call, fired != 0)) return true;
    if (call.fault.depth != 0 && fired != suts_.size()) {
      ++result_.uneven;
      return true;
    }
    ++result_.calls;
    for (std::size_t i = 1; i < suts_.size(); ++i) {
      if (AnswerAlike(call.verb, waiting.states[0], answers_[0], waiting.states[i], answers_[i]))
        continue;
      result_.difference = {.commands = To(waiting.number), .answers = answers_};
      result_.difference->commands.push_back(call);
      return false;
    }
    const State& state = answers_[0].after.state;
    if (!state.crashed && Within(options_.world, state))
      Enter(Way{waiting.number, static_cast<std::uint32_t>(command)});
    return true;
  }

  // The tuple of memories that the implementations are in now, if it is new.
  void Enter(const Way& way) {
    words_.clear();
    for (Sut* sut : suts_) {
      if (!sut->Canonicalize(Past::kForgotten, memory_)) result_.canonical = false;
      words_.push_back(memory_.words.size());
      words_.insert(words_.end(), memory_.words.begin(), memory_.words.end());
    }
    if (!result_.canonical) AppendState(Canonical(answers_[0].after.state), words_);
    const auto [number, is_new] = known_.Insert(FingerprintOf(words_));
    if (!is_new) return;
    ways_.push_back(way);
    Waiting& waiting = next_.emplace_back();
    waiting.number = number;
    for (std::size_t i = 0; i < suts_.size(); ++i) {
      waiting.states.push_back(answers_[i].after.state);
      suts_[i]->Save(waiting.memories.emplace_back());
    }
  }

  template <typename Body>
  void WatchedOf(std::size_t i, const Body& body) {
    if (options_.running != nullptr) *options_.running = i;
    const WatchedCall watched;
    body(*suts_[i]);
  }

  void Record(std::uint32_t number, const Command& call) {
    std::size_t step = 0;
    for (const Command& command : To(number)) options_.recorder->Add(step++, command);
    options_.recorder->Add(step, call);
  }

  std::vector<Command> To(std::uint32_t number) const {
    std::vector<Command> commands;
    for (; number != 0; number = ways_[number].from)
      commands.push_back(alphabet_[ways_[number].command]);
    std::reverse(commands.begin(), commands.end());
    return commands;
  }

  const std::span<Sut* const> suts_;
  const DifferOptions& options_;
  const std::vector<Command> alphabet_;
  std::vector<Answer> answers_;  // of the call under way
  std::vector<Way> ways_;        // by number
  std::vector<Waiting> next_;    // the next level
  FingerprintSet known_;
  CanonicalMemory memory_;
  std::vector<std::uint64_t> words_;
  DifferResult result_;
};

}  // namespace

DifferResult FindDifference(std::span<Sut* const> suts, const DifferOptions& options) {
  return Search(suts, options).Run();
}

}  // namespace holdfast
