// Lockstep for callers at once: an implementation runs a schedule, and the linearizer says whether
// the model explains it.
//
// After every move five things are judged:
//   - the accesses of the move: none of them conflicts with an access before which another caller
//     stands. The two could have come in either order, and no lock was there to order them.
//   - the call that has ended: some order explains its outcome, with all outcomes before. What the
//     environment found in the call is a part of the outcome, and the model never finds anything.
//   - the state, when no call is under way: it is the state that such an order leaves.
//   - the locks that the run has taken under one another: they have no cycle. A cycle is a deadlock
//     that another schedule can reach, so it is a verdict even if no call waits.
//   - the calls that are under way: one of them can go on. Else they are deadlocked.
// The first that fails is the verdict, and the run is over.
//
// A history that no order explains does not say by itself which rule is broken. So the calls under
// way are run to their end, and the rules are asked of what the environment found, of the driver's
// calls and of the state at rest. A rule that some order of the calls breaks too is excused. If no
// rule is left, the headline is R10: the locks did not keep the calls apart.
//
// The calls of a crash explain nothing of one another: the first crash is the last call.
#ifndef HOLDFAST_PROPERTIES_CALLERS_TOGETHER_H_
#define HOLDFAST_PROPERTIES_CALLERS_TOGETHER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/outcome.h"
#include "model/rules/rules.h"
#include "model/state.h"
#include "properties/callers/linearizer.h"
#include "properties/callers/schedule.h"
#include "sut/callers.h"
#include "sut/sut.h"

namespace holdfast {

// A call as its caller saw it. Times count the moves from 0; a call ends in its last move.
struct CallSeen {
  std::uint8_t caller = 0;
  Command command;
  std::size_t began = 0;
  std::optional<std::size_t> ended = std::nullopt;
  Outcome outcome = {};
};

// What a caller is at when its run is over.
struct CallerSeen {
  Point at;  // kNone: at rest
  bool waits = false;
  LockSet holds = 0;
};

struct RacingAccess {
  int caller = 0;
  Access access;
  std::string line;  // of the implementation's source, if it is known (sut/source_line.h)
};

// By lock: the locks that were taken, with a wait, while a caller held that lock.
using LockOrder = std::array<LockSet, kLockCount>;
// The locks of a cycle in the order, or none.
LockSet CycleOf(const LockOrder& order);

struct TogetherVerdict {
  enum class Why : std::uint8_t {
    kNoOrder,    // no order explains the outcomes
    kState,      // an order explains the outcomes, and none leaves the state
    kDeadlock,   // each call under way waits for a lock
    kLockOrder,  // two locks have been taken in both orders
    kRace,       // two accesses conflict, and nothing orders them
    kEnded,      // a call has ended its process (of a search, never of a Together)
  };

  Why why = Why::kNoOrder;
  Rule rule = Rule::kLocks;  // the headline
  RuleSet rules = 0;
  int preemptions = 0;
  std::vector<CallSeen> calls;  // in the order of their beginnings
  std::vector<Point> stops;     // by move: where its caller stands afterwards
  std::array<CallerSeen, kMaxCallers> callers = {};
  State state;           // at rest, of the implementation; of a deadlock or a crash, none
  bool at_rest = false;  // the state is there
  LockSet cycle = 0;     // kLockOrder
  std::array<RacingAccess, 2> racing = {};  // kRace: of the caller that stood, and of the last move
  std::string ending;                       // kEnded: how (sut/ending.h)
};

class Together {
 public:
  // Where a run stands, to come back to it. Reused, it costs no allocation.
  struct Checkpoint {
    Snapshot sut;
    std::shared_ptr<const Linearizer> linearizer;
    std::size_t moves = 0;
    std::size_t calls = 0;
    int last = -1, preemptions = 0;
    std::array<std::size_t, kMaxCallers> call_of = {};
    std::uint8_t under_way = 0;
    Fingerprint explains;
    LockOrder order = {};
  };

  // The implementation must have callers (Sut::callers).
  explicit Together(Sut& sut) : sut_(sut), callers_(*sut.callers()) {}

  // Runs the setup on both sides. False if they differ already: a sequential run finds the same,
  // and says more. The schedule's moves are not run; the schedule must outlive the run.
  bool Begin(const Schedule& schedule);

  bool under_way(int caller) const { return under_way_ >> caller & 1; }
  bool any_under_way() const { return under_way_ != 0; }
  // The move is one that the run can make: a call begins where none is under way, and goes on where
  // it does not wait.
  bool Can(const Move& move) const;
  // Makes a move that it can make. False: there is a verdict.
  bool Run(const Move& move);
  const std::optional<TogetherVerdict>& verdict() const { return verdict_; }
  // The accesses of the last move (Callers::Accesses).
  std::span<const Access> accesses() const { return callers_.Accesses(); }
  // The caller stands before a plain access.
  bool AtPlainAccess(int caller) const { return callers_.At(caller).kind == Point::Kind::kPlain; }
  // The machine has stopped, as some order says that it must. No move is left.
  bool crashed() const { return crashed_; }
  // One order that explains the calls so far.
  const std::string& order() const { return linearizer_->order(); }

  // A move of another caller while the last one could have gone on with its call.
  bool Preempts(const Move& move) const;
  int preemptions() const { return preemptions_; }
  int last() const { return last_; }  // the caller of the last move; -1: none

  // Restore goes back to a checkpoint of the same run. Neither a verdict nor a crash is part of it.
  void Save(Checkpoint& checkpoint);
  void Restore(const Checkpoint& checkpoint);
  // Equal if all that can follow is equal. For the checkpoint that was saved last.
  Fingerprint FingerprintOfNow(const Checkpoint& checkpoint) const;

 private:
  bool EndCall(int caller);
  bool SettleState();
  bool NoteLock(const Point& from, LockSet held);
  bool NoteAccesses(int caller);
  bool Judge(TogetherVerdict::Why why);
  void BlameRules(TogetherVerdict& verdict);
  bool DriverIsPaired(const State& now) const;
  std::vector<const CallSeen*> ByEnd() const;
  RuleSet BrokenInTurn() const;
  void RunToRest();

  Sut& sut_;
  Callers& callers_;
  const Schedule* schedule_ = nullptr;
  Profile profile_;  // with the layout in force
  State begins_with_;
  std::shared_ptr<const Linearizer> linearizer_;  // shared with checkpoints, so never changed
  Fingerprint explains_;                          // its fingerprint
  int last_ = -1, preemptions_ = 0;
  std::vector<Point> stops_;  // as many as moves
  std::vector<CallSeen> calls_;
  std::array<std::size_t, kMaxCallers> call_of_ = {};  // of a caller with one under way: its number
  std::uint8_t under_way_ = 0;                         // bit c: caller c
  LockOrder order_ = {};
  bool crashed_ = false;
  std::array<RacingAccess, 2> racing_ = {};
  Observation observation_;
  std::optional<TogetherVerdict> verdict_;
};

// Runs the schedule. The verdict, if there is one; a move that cannot be made ends the run.
std::optional<TogetherVerdict> RunSchedule(Sut& sut, const Schedule& schedule);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_CALLERS_TOGETHER_H_
