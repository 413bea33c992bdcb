#include "properties/callers/linearizer.h"

#include <algorithm>
#include <span>
#include <utility>

#include "model/step.h"

namespace holdfast {
namespace {

constexpr std::uint8_t Bit(int caller) { return static_cast<std::uint8_t>(1u << caller); }

template <typename T>
void Append(std::vector<std::byte>& bytes, const T* first, std::size_t count) {
  static_assert(std::has_unique_object_representations_v<T>, "equal values are equal bytes");
  const auto added = std::as_bytes(std::span(first, count));
  bytes.insert(bytes.end(), added.begin(), added.end());
}
template <typename T>
void Append(std::vector<std::byte>& bytes, const T& value) {
  Append(bytes, &value, 1);
}

void Append(std::vector<std::byte>& bytes, const Flb& flb) {
  Append(bytes, static_cast<std::uint8_t>(flb.present));
  Append(bytes, flb.damage);
  const auto chain = [&bytes](const auto& slots) {
    Append(bytes, slots.size());
    Append(bytes, slots.data(), slots.size());
  };
  chain(flb.iommus);
  chain(flb.domains);
  chain(flb.devices);
}

void Append(std::vector<std::byte>& bytes, const State& state) {
  Append(bytes, static_cast<const KernelState&>(state));
  Append(bytes, state.flb);
  Append(bytes, state.incoming.status);
  Append(bytes, static_cast<std::uint8_t>(state.incoming.lost));
  Append(bytes, state.incoming.error);
  Append(bytes, state.incoming.files);
  Append(bytes, state.incoming.flb);
}

void Append(std::vector<std::byte>& bytes, const Outcome& outcome) {
  Append(bytes, outcome.kind);
  Append(bytes, static_cast<std::uint8_t>(outcome.warned | outcome.fault_fired << 1));
  Append(bytes, outcome.error);
  Append(bytes, outcome.out);
  Append(bytes, outcome.findings);
  Append(bytes, outcome.call_count);
  Append(bytes, outcome.calls.data(), outcome.call_count);
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
  std::vector<std::byte> bytes;
  for (const Explanation& explanation : explanations_) {
    bytes.clear();
    Append(bytes, explanation.state);
    Append(bytes, explanation.done);
    for (int caller = 0; caller < kMaxCallers; ++caller) {
      if (explanation.done & Bit(caller))
        Append(bytes, explanation.outcomes[static_cast<std::size_t>(caller)]);
    }
    const Fingerprint one = FingerprintOf(bytes);
    sum.low += one.low;
    sum.high += one.high;
  }
  return sum;
}

}  // namespace holdfast
