// Calls of several callers that are under way at once, on one processor that the suite lends out.
//
// A *caller* is one of several threads of a kernel, and has at most one call under way. One caller
// runs at a time. A running call stops at its next *point*: before it takes a lock, a reference, an
// allocation or a single access, before a driver's op, and after it has released a lock. Only there
// another caller can run. So a schedule is a list of callers, and the same list gives the same run.
//
// Between two points a call is not interrupted. That is enough for code whose shared memory is
// guarded by locks, and for most mistakes in guarding it.
//
// While a call is under way, Sut::Run, Reset and Observe are not used. Sut::Restore ends all calls.
#ifndef HOLDFAST_SUT_CALLERS_H_
#define HOLDFAST_SUT_CALLERS_H_

#include <cstdint>

#include "model/command.h"
#include "model/outcome.h"

namespace holdfast {

class Snapshot;

inline constexpr int kMaxCallers = 4;

// A lock by number, in a LockSet too. The lock of a group has the number of the group. The numbers
// of other locks hold until the next Sut::Reset.
using LockNumber = std::uint8_t;
inline constexpr LockNumber kFlbLock = kMaxDevices;        // of the FLB that the records belong to
inline constexpr LockNumber kLuoLock = kMaxDevices + 1;    // of the orchestrator
inline constexpr LockNumber kOtherLock = kMaxDevices + 2;  // the first of the rest, as they come
inline constexpr int kLockCount = 32;  // all that come later share the last number
using LockSet = std::uint32_t;
constexpr LockSet LockBit(int lock) { return LockSet{1} << lock; }

// What a stopped call does next; for kUnlocked, what it has just done.
struct Point {
  enum class Kind : std::uint8_t {
    kNone,      // the caller has no call under way
    kLock,      // takes a lock, and waits until the lock is free
    kTryLock,   // takes a lock if the lock is free
    kUnlocked,  // has released a lock
    kAccess,    // READ_ONCE or WRITE_ONCE
    kAllocate,  // allocates or frees an object or a page
    kKho,       // preserves, unpreserves or restores pages
    kOp,        // calls an op of the driver
  };

  Kind kind = Kind::kNone;
  LockNumber lock = 0;  // kLock, kTryLock, kUnlocked

  bool operator==(const Point&) const = default;
};

class Callers {
 public:
  virtual ~Callers() = default;

  // Runs a new call of a caller that has none under way, up to its first point or its end.
  virtual void Begin(int caller, const Command& command) = 0;
  // Runs the call on, up to its next point or its end. The call must be able to go on.
  virtual void GoOn(int caller) = 0;

  // kNone as soon as the call has ended. A call that waits for a lock is at the point of that lock.
  virtual Point At(int caller) const = 0;
  // False: the call waits for a lock that is held.
  virtual bool CanGoOn(int caller) const = 0;
  // The mutexes that the caller holds, and the orchestrator's lock.
  virtual LockSet Holds(int caller) const = 0;
  // Of the call of the caller that began last. Complete as soon as the call has ended. After a
  // crash the machine has stopped: the calls that are still under way never end.
  virtual const Outcome& OutcomeOf(int caller) const = 0;

  // All of it, calls under way and their stacks too. Equal bytes have equal futures. A snapshot of
  // Sut::Save is none of these.
  virtual void Save(Snapshot& snapshot) = 0;
  virtual void Restore(const Snapshot& snapshot) = 0;
};

}  // namespace holdfast

#endif  // HOLDFAST_SUT_CALLERS_H_
