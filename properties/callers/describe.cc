#include "properties/callers/describe.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "model/text/numbers.h"
#include "model/text/text.h"

namespace holdfast {
namespace {

using Why = TogetherVerdict::Why;

std::string NameOf(int caller) { return std::string(1, static_cast<char>('a' + caller)); }

std::string LockNames(LockSet locks) {
  std::string names;
  for (int lock = 0; lock < kLockCount; ++lock) {
    if (locks & LockBit(lock)) names += (names.empty() ? "" : ", ") + LockName(lock);
  }
  return names.empty() ? "no lock" : names;
}

std::string Sentence(const TogetherVerdict& verdict) {
  switch (verdict.why) {
    case Why::kNoOrder: return "no order of the calls explains their outcomes";
    case Why::kState: return "no order of the calls leaves this state";
    case Why::kDeadlock: return "deadlock: no caller can go on";
    case Why::kLockOrder:
      return "lock order: " + LockNames(verdict.cycle) + " are taken under one another";
    case Why::kRace: return "race: no lock orders two accesses to the same memory";
    case Why::kEnded: return "a call has ended its process: " + verdict.ending;
  }
  return "";
}

// A caller's moves in a row, up to the end of a call.
struct Turn {
  const CallSeen* call;
  bool begins;
  std::size_t last;  // its last move
};

std::vector<Turn> TurnsOf(const Race& race) {
  std::vector<Turn> turns;
  const auto call_at = [&](int caller, std::size_t move) {
    const CallSeen* found = nullptr;
    for (const CallSeen& call : race.verdict.calls) {
      if (call.caller == caller && call.began <= move) found = &call;
    }
    return found;
  };
  for (std::size_t move = 0; move < race.verdict.stops.size(); ++move) {
    const Move& made = race.schedule.moves[move];
    const CallSeen* call = call_at(made.caller, move);
    if (made.begins || turns.empty() || turns.back().call != call) {
      turns.push_back({call, made.begins.has_value(), move});
    } else {
      turns.back().last = move;
    }
  }
  return turns;
}

std::string PrintTurn(const Turn& turn, const Race& race) {
  std::string text = NameOf(turn.call->caller) + "  " + PrintCommand(turn.call->command) +
                     (turn.begins ? ": begins, and " : ": goes on, and ");
  if (turn.call->ended == turn.last) return text + "ends = " + PrintOutcome(turn.call->outcome);
  return text + "stops " + PrintPoint(race.verdict.stops[turn.last]);
}

// "  a's plain write of 8 bytes, drivers/iommu/liveupdate.c:310, with no lock".
std::string PrintRacing(const RacingAccess& side) {
  const Access& access = side.access;
  return "  " + NameOf(side.caller) + "'s " + (access.marked ? "marked " : "plain ") +
         (access.write ? "write" : "read") + " of " + Count(access.size, "byte") +
         (side.line.empty() ? "" : ", " + side.line) + ", with " + LockNames(access.locks) + "\n";
}

std::string InColumn(std::string text) {
  text.resize(std::max<std::size_t>(text.size() + 1, 56), ' ');
  return text;
}

}  // namespace

std::string LockName(int lock) {
  if (lock < kMaxDevices) return "the lock of dev" + std::to_string(lock) + "'s group";
  if (lock == kFlbLock) return "flb.lock";
  if (lock == kLuoLock) return "LUO's lock";
  return "lock#" + std::to_string(lock - kOtherLock);
}

std::string PrintPoint(const Point& point) {
  using Kind = Point::Kind;
  switch (point.kind) {
    case Kind::kNone: return "at rest";
    case Kind::kLock: return "before lock of " + LockName(point.lock);
    case Kind::kTryLock: return "before trylock of " + LockName(point.lock);
    case Kind::kUnlocked: return "after unlock of " + LockName(point.lock);
    case Kind::kAccess: return "before a single access";
    case Kind::kAllocate: return "before memory is allocated or freed";
    case Kind::kKho: return "before a call of KHO";
    case Kind::kOp: return "before an op of the driver";
    case Kind::kPlain: return "before a plain access";
  }
  return "";
}

std::string Describe(const Race& race) {
  const TogetherVerdict& verdict = race.verdict;
  std::string text;
  for (const Command& command : race.schedule.setup) text += PrintCommand(command) + "\n";
  for (const CallSeen& call : verdict.calls) {
    text += InColumn("caller " + NameOf(call.caller) + ": " + PrintCommand(call.command)) +
            (call.ended                   ? "= " + PrintOutcome(call.outcome)
             : verdict.why == Why::kEnded ? "= ?"
                                          : "under way") +
            "\n";
    if (call.ended && call.outcome.findings)
      text += "    found: " + PrintFindings(call.outcome.findings) + "\n";
  }
  text += "\n";
  for (const Turn& turn : TurnsOf(race)) text += PrintTurn(turn, race) + "\n";
  text += Sentence(verdict) + ": " + std::string(InfoOf(verdict.rule).id) + " " +
          std::string(InfoOf(verdict.rule).name) + "\n";
  for (int caller = 0; caller < kMaxCallers; ++caller) {
    const CallerSeen& seen = verdict.callers[static_cast<std::size_t>(caller)];
    if (verdict.why != Why::kDeadlock || seen.at.kind == Point::Kind::kNone) continue;
    text += "  " + NameOf(caller) + " waits for " + LockName(seen.at.lock) + " and holds " +
            LockNames(seen.holds) + "\n";
  }
  if (verdict.why == Why::kRace) {
    for (const RacingAccess& side : verdict.racing) text += PrintRacing(side);
  }
  if (verdict.at_rest)
    text += "  the state at rest: " + PrintState(verdict.state, race.schedule.topology) + "\n";
  return text;
}

}  // namespace holdfast
