#include "properties/callers/together.h"

#include <algorithm>
#include <functional>
#include <span>
#include <utility>

#include "model/step.h"
#include "sut/child.h"
#include "sut/source_line.h"

namespace holdfast {

bool Together::Begin(const Schedule& schedule) {
  schedule_ = &schedule;
  profile_ = InForce(schedule.profile, sut_.layout());
  last_ = -1;
  preemptions_ = 0;
  stops_.clear();
  calls_.clear();
  under_way_ = 0;
  crashed_ = false;
  verdict_.reset();
  order_ = {};
  sut_.Reset(schedule.topology, schedule.profile.luo);
  State state = InitialState(schedule.topology);
  Outcome models, suts;
  for (const Command& command : schedule.setup) {
    StepInPlace(schedule.topology, profile_, state, command, models);
    sut_.Run(command, suts);
    if (!(models == suts)) return false;
  }
  sut_.Observe(observation_);
  if (!(observation_.state == state)) return false;
  begins_with_ = state;
  linearizer_ = std::make_shared<Linearizer>(schedule.topology, profile_, std::move(state));
  explains_ = linearizer_->fingerprint();
  return true;
}

bool Together::Can(const Move& move) const {
  if (crashed_ || verdict_) return false;
  if (move.begins) return !under_way(move.caller);
  return under_way(move.caller) && callers_.CanGoOn(move.caller);
}

bool Together::Preempts(const Move& move) const {
  return last_ >= 0 && move.caller != last_ && under_way(last_) && callers_.CanGoOn(last_);
}

bool Together::Run(const Move& move) {
  const int caller = move.caller;
  if (Preempts(move)) ++preemptions_;
  last_ = caller;
  const Point from = callers_.At(caller);
  const LockSet held = callers_.Holds(caller);
  if (move.begins) {
    auto begun = std::make_shared<Linearizer>(*linearizer_);
    begun->Begin(caller, *move.begins);
    linearizer_ = std::move(begun);
    call_of_[move.caller] = calls_.size();
    calls_.push_back({.caller = move.caller, .command = *move.begins, .began = stops_.size()});
    under_way_ |= static_cast<std::uint8_t>(1u << caller);
  }
  {
    const WatchedCall watched;
    if (move.stops_before != 0) callers_.StopBefore(move.stops_before);
    if (move.begins) {
      callers_.Begin(caller, *move.begins);
    } else {
      callers_.GoOn(caller);
    }
  }
  stops_.push_back(callers_.At(caller));
  if (!NoteAccesses(caller)) return false;
  if (callers_.CanGoOn(caller) && !NoteLock(from, held)) return false;
  if (stops_.back().kind == Point::Kind::kNone && !EndCall(caller)) return false;
  if (crashed_) return true;
  if (!any_under_way()) return SettleState();
  for (int other = 0; other < kMaxCallers; ++other) {
    if (under_way(other) && callers_.CanGoOn(other)) return true;
  }
  return Judge(TogetherVerdict::Why::kDeadlock);
}

// A call has taken the lock that it stood before. A trylock never waits. A call that still waits
// has taken nothing: that is a matter of deadlocks.
bool Together::NoteLock(const Point& from, LockSet held) {
  constexpr int kShared = kLockCount - 1;  // the number of several locks (callers.h)
  if (from.kind != Point::Kind::kLock || from.lock == kShared) return true;
  bool is_new = false;
  for (std::size_t lock = 0; lock < kShared; ++lock) {
    if (!(held >> lock & 1) || (order_[lock] & LockBit(from.lock))) continue;
    order_[lock] |= LockBit(from.lock);
    is_new = true;
  }
  return !is_new || CycleOf(order_) == 0 || Judge(TogetherVerdict::Why::kLockOrder);
}

bool Together::NoteAccesses(int caller) {
  for (int other = 0; other < kMaxCallers; ++other) {
    const Point::Kind kind = callers_.At(other).kind;
    if (other == caller || (kind != Point::Kind::kAccess && kind != Point::Kind::kPlain)) continue;
    for (const Access& access : callers_.Accesses()) {
      if (!Conflict(callers_.Next(other), access)) continue;
      racing_ = {RacingAccess{other, callers_.Next(other), ""}, RacingAccess{caller, access, ""}};
      return Judge(TogetherVerdict::Why::kRace);
    }
  }
  return true;
}

bool Together::EndCall(int caller) {
  CallSeen& call = calls_[call_of_[static_cast<std::size_t>(caller)]];
  call.ended = stops_.size() - 1;
  call.outcome = callers_.OutcomeOf(caller);
  under_way_ &= static_cast<std::uint8_t>(~(1u << caller));
  crashed_ = call.outcome.crashed();
  auto ended = std::make_shared<Linearizer>(*linearizer_);
  const bool explained = ended->End(caller, call.outcome);
  linearizer_ = std::move(ended);
  explains_ = linearizer_->fingerprint();
  return explained || Judge(TogetherVerdict::Why::kNoOrder);
}

bool Together::SettleState() {
  sut_.Observe(observation_);
  auto settled = std::make_shared<Linearizer>(*linearizer_);
  const bool explained = settled->Settle(observation_.state);
  if (settled->explanations() != linearizer_->explanations()) {
    linearizer_ = std::move(settled);
    explains_ = linearizer_->fingerprint();
  }
  return explained || Judge(TogetherVerdict::Why::kState);
}

bool Together::Judge(TogetherVerdict::Why why) {
  TogetherVerdict& verdict = verdict_.emplace();
  verdict.why = why;
  for (int caller = 0; caller < kMaxCallers; ++caller) {
    verdict.callers[static_cast<std::size_t>(caller)] = {
        callers_.At(caller), under_way(caller) && !callers_.CanGoOn(caller),
        callers_.Holds(caller)};
  }
  if (why == TogetherVerdict::Why::kLockOrder) verdict.cycle = CycleOf(order_);
  if (why == TogetherVerdict::Why::kRace) {
    verdict.racing = racing_;
    for (RacingAccess& side : verdict.racing) {
      // The code is an address behind the access.
      side.line = SourceLine({static_cast<const char*>(side.access.code) - 1});
    }
  }
  const bool ends = why == TogetherVerdict::Why::kNoOrder || why == TogetherVerdict::Why::kState;
  verdict.preemptions = preemptions_;
  verdict.calls = calls_;
  verdict.stops = stops_;
  if (ends) {
    RunToRest();
    BlameRules(verdict);
  } else {
    verdict.rules = RuleBit(Rule::kLocks);
  }
  verdict.rule = Headline(verdict.rules);
  return false;
}

// So that the rules can be asked of a state. What the calls see on the way is not judged.
void Together::RunToRest() {
  constexpr std::size_t kMostMoves = 1000;  // a call that waits for another by turns never ends
  for (std::size_t moves = 0; moves < kMostMoves && any_under_way() && !crashed_; ++moves) {
    int next = 0;
    while (next < kMaxCallers && !(under_way(next) && callers_.CanGoOn(next))) ++next;
    if (next == kMaxCallers) return;
    callers_.GoOn(next);
    if (callers_.At(next).kind != Point::Kind::kNone) continue;
    CallSeen& call = calls_[call_of_[static_cast<std::size_t>(next)]];
    call.ended = stops_.size() + moves;
    call.outcome = callers_.OutcomeOf(next);
    under_way_ &= static_cast<std::uint8_t>(~(1u << next));
    crashed_ = call.outcome.crashed();
  }
}

void Together::BlameRules(TogetherVerdict& verdict) {
  const Topology& topology = schedule_->topology;
  const State still = InitialState(topology);
  RuleSet rules = 0;
  for (const CallSeen* call : ByEnd()) {
    if (call->outcome.findings == 0 && !call->outcome.crashed()) continue;
    // What the environment found, and nothing else of the call.
    Outcome found;
    found.findings = call->outcome.findings;
    if (call->outcome.crashed()) found.kind = Outcome::Kind::kCrashed;
    rules |= Ledger().Check({topology, profile_, still, call->command, found, still}).broken;
  }
  if (!any_under_way() && !crashed_) {
    sut_.Observe(observation_);
    verdict.state = observation_.state;
    verdict.at_rest = true;
    rules |= CheckState(topology, profile_, verdict.state).broken & ~BrokenInTurn();
    if (!DriverIsPaired(verdict.state)) rules |= RuleBit(Rule::kPaired);
  }
  verdict.rules = rules != 0 ? rules : RuleBit(Rule::kLocks);
}

// R6 without an order: since the callers began, the driver was told of as many objects as there are
// more records now. Nothing is owed if the FLB has gone or come.
bool Together::DriverIsPaired(const State& now) const {
  if (!begins_with_.flb.present || !now.flb.present) return true;
  std::array<int, kMaxIommus> iommus = {};
  std::array<int, kMaxDevices> devices = {};
  std::array<int, kMaxDomains> domains = {};
  const auto count = [&](const Flb& flb, int sign) {
    const auto live = [sign](const auto& chain, auto& counts) {
      for (const auto& slot : chain) {
        if (!slot.deleted && ObjectOf(slot) < counts.size()) counts[ObjectOf(slot)] += sign;
      }
    };
    live(flb.iommus, iommus);
    live(flb.devices, devices);
    live(flb.domains, domains);
  };
  count(begins_with_.flb, 1);
  count(now.flb, -1);
  for (const CallSeen& call : calls_) {
    for (int i = 0; call.ended && i < call.outcome.call_count; ++i) {
      const DriverCall& made = call.outcome.calls[static_cast<std::size_t>(i)];
      if (made.result != 0) continue;
      switch (made.op) {
        case Op::kIommuPreserve: ++iommus[made.object]; break;
        case Op::kIommuUnpreserve: --iommus[made.object]; break;
        case Op::kIommuPreserveDevice: ++devices[made.object]; break;
        case Op::kIommuUnpreserveDevice: --devices[made.object]; break;
        case Op::kPtPreserve: ++domains[made.object]; break;
        case Op::kPtUnpreserve: --domains[made.object]; break;
        case Op::kPtRestore:
        case Op::kVisit: break;
      }
    }
  }
  const auto none = [](int count) { return count == 0; };
  return std::ranges::all_of(iommus, none) && std::ranges::all_of(devices, none) &&
         std::ranges::all_of(domains, none);
}

// The calls that have ended.
std::vector<const CallSeen*> Together::ByEnd() const {
  std::vector<const CallSeen*> calls;
  for (const CallSeen& call : calls_) {
    if (call.ended) calls.push_back(&call);
  }
  std::ranges::stable_sort(calls, {}, [](const CallSeen* call) { return *call->ended; });
  return calls;
}

// The rules that the profile lets the same callers break, in some order of their calls.
RuleSet Together::BrokenInTurn() const {
  constexpr int kMostOrders = 10'000;
  const std::vector<const CallSeen*> calls = ByEnd();
  RuleSet broken = 0;
  int orders = 0;
  const std::function<void(State, std::uint64_t)> go = [&](State state, std::uint64_t done) {
    bool last = true;
    std::size_t first_end = SIZE_MAX;  // of the calls that are left
    for (std::size_t i = 0; i < calls.size(); ++i) {
      if (!(done >> i & 1)) first_end = std::min(first_end, *calls[i]->ended);
    }
    for (std::size_t i = 0; i < calls.size() && orders < kMostOrders; ++i) {
      if ((done >> i & 1) || calls[i]->began > first_end) continue;
      last = false;
      State next = state;
      Outcome ignored;
      StepInPlace(schedule_->topology, profile_, next, calls[i]->command, ignored);
      go(std::move(next), done | std::uint64_t{1} << i);
    }
    if (!last) return;
    ++orders;
    if (!state.crashed) broken |= CheckState(schedule_->topology, profile_, state).broken;
  };
  if (calls.size() < 64) go(begins_with_, 0);
  return broken;
}

LockSet CycleOf(const LockOrder& order) {
  LockOrder reach = order;
  for (std::size_t via = 0; via < reach.size(); ++via) {
    for (LockSet& from : reach) {
      if (from >> via & 1) from |= reach[via];
    }
  }
  LockSet cycle = 0;
  for (std::size_t lock = 0; lock < reach.size(); ++lock) cycle |= reach[lock] & LockSet{1} << lock;
  return cycle;
}

void Together::Save(Checkpoint& checkpoint) {
  callers_.Save(checkpoint.sut);
  checkpoint.linearizer = linearizer_;
  checkpoint.moves = stops_.size();
  checkpoint.last = last_;
  checkpoint.preemptions = preemptions_;
  checkpoint.calls = calls_.size();
  checkpoint.call_of = call_of_;
  checkpoint.under_way = under_way_;
  checkpoint.explains = explains_;
  checkpoint.order = order_;
}

void Together::Restore(const Checkpoint& checkpoint) {
  callers_.Restore(checkpoint.sut);
  linearizer_ = checkpoint.linearizer;
  explains_ = checkpoint.explains;
  order_ = checkpoint.order;
  last_ = checkpoint.last;
  preemptions_ = checkpoint.preemptions;
  stops_.resize(checkpoint.moves);
  calls_.resize(checkpoint.calls);
  call_of_ = checkpoint.call_of;
  under_way_ = checkpoint.under_way;
  // A call that ended since is under way again; its outcome is written when it ends again.
  for (CallSeen& call : calls_) {
    if (call.ended && *call.ended >= stops_.size()) call.ended.reset();
  }
  crashed_ = false;
  verdict_.reset();
}

Fingerprint Together::FingerprintOfNow(const Checkpoint& checkpoint) const {
  Fingerprint fingerprint = FingerprintOf(checkpoint.sut.bytes);
  const Fingerprint of_order = FingerprintOf(std::as_bytes(std::span(order_)));
  fingerprint.low += explains_.low + of_order.low;
  fingerprint.high += explains_.high + of_order.high;
  return fingerprint;
}

std::optional<TogetherVerdict> RunSchedule(Sut& sut, const Schedule& schedule) {
  Together together(sut);
  if (!together.Begin(schedule)) return std::nullopt;
  for (const Move& move : schedule.moves) {
    if (!together.Can(move) || !together.Run(move)) break;
  }
  return together.verdict();
}

}  // namespace holdfast
