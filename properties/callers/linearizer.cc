#include "properties/callers/linearizer.h"

#include <algorithm>
#include <utility>

#include "model/step.h"
#include "properties/lockstep/state_words.h"

namespace holdfast {
namespace {

constexpr std::uint8_t Bit(int caller) { return static_cast<std::uint8_t>(1u << caller); }

void AppendOutcome(const Outcome& outcome, std::vector<std::uint64_t>& words) {
  words.push_back(static_cast<std::uint64_t>(outcome.kind) |
                  static_cast<std::uint64_t>(outcome.warned) << 8 |
                  static_cast<std::uint64_t>(outcome.fault_fired) << 9 |
                  static_cast<std::uint64_t>(outcome.call_count) << 16 |
                  static_cast<std::uint64_t>(static_cast<std::uint32_t>(outcome.error)) << 32);
  AppendWords(&outcome.out, 1, words);
  AppendWords(&outcome.findings, 1, words);
  AppendWords(outcome.calls.data(), outcome.call_count, words);
}

}  // namespace

bool Linearizer::Explanation::Same(const Explanation& other) const {
  if (done != other.done || !(state == other.state)) return false;
  for (int caller = 0; caller < kMaxCallers; ++caller) {
    const auto at = static_cast<std::size_t>(caller);
    if ((done & Bit(caller)) && !(outcomes[at] == other.outcomes[at])) return false;
  }
  return true;
}

Linearizer::Linearizer(const Topology& topology, const Profile& profile, State initial)
    : topology_(&topology), profile_(&profile) {
  explanations_.emplace_back().state = std::move(initial);
}

void Linearizer::Begin(int caller, const Command& command) {
  under_way_ |= Bit(caller);
  commands_[static_cast<std::size_t>(caller)] = command;
}

void Linearizer::AddNew(std::vector<Explanation>& explanations, Explanation explanation) {
  for (const Explanation& known : explanations) {
    if (known.Same(explanation)) return;
  }
  explanations.push_back(std::move(explanation));
}

// Every sequence of calls under way that ends with the caller's own is tried.
bool Linearizer::End(int caller, const Outcome& outcome) {
  const auto own = static_cast<std::size_t>(caller);
  std::vector<Explanation> open = std::move(explanations_);
  explanations_.clear();
  for (std::size_t i = 0; i < open.size(); ++i) {
    if (open[i].done & Bit(caller)) {
      if (!(open[i].outcomes[own] == outcome)) continue;
      Explanation ended = open[i];
      ended.done &= static_cast<std::uint8_t>(~Bit(caller));
      AddNew(explanations_, std::move(ended));
      continue;
    }
    for (int next = 0; next < kMaxCallers; ++next) {
      if (!(under_way_ & Bit(next)) || (open[i].done & Bit(next))) continue;
      const auto at = static_cast<std::size_t>(next);
      Explanation later = open[i];
      StepInPlace(*topology_, *profile_, later.state, commands_[at], later.outcomes[at]);
      // An outcome that its caller does not see explains nothing. The caller that ends is known.
      if (next == caller && !(later.outcomes[at] == outcome)) continue;
      later.done |= Bit(next);
      later.order.push_back(static_cast<char>('a' + next));
      AddNew(open, std::move(later));
    }
  }
  under_way_ &= static_cast<std::uint8_t>(~Bit(caller));
  return explained();
}

bool Linearizer::Settle(const State& state) {
  std::erase_if(explanations_,
                [&](const Explanation& explanation) { return !(explanation.state == state); });
  return explained();
}

const std::string& Linearizer::order() const {
  static const std::string none;
  return explained() ? explanations_.front().order : none;
}

// The explanations are a set, so their order must not matter.
Fingerprint Linearizer::fingerprint() const {
  Fingerprint sum;
  std::vector<std::uint64_t> words;
  for (const Explanation& explanation : explanations_) {
    words.clear();
    AppendState(explanation.state, words);
    words.push_back(explanation.done);
    for (int caller = 0; caller < kMaxCallers; ++caller) {
      if (explanation.done & Bit(caller))
        AppendOutcome(explanation.outcomes[static_cast<std::size_t>(caller)], words);
    }
    const Fingerprint one = FingerprintOf(words);
    sum.low += one.low;
    sum.high += one.high;
  }
  return sum;
}

}  // namespace holdfast
