// Calls of several callers that are under way at once, on one processor that the suite lends out.
//
// A *caller* is one of several threads of a kernel, and has at most one call under way. One caller
// runs at a time. A running call stops at its next *point*: before it takes a lock, a reference, an
// allocation or a single access, before a driver's op, and after it has released a lock. Only there
// another caller can run. So a schedule is a list of callers, and the same list gives the same run.
//
// Between two points a call is interrupted only where its next move is told to stop: before a plain
// access to shared memory (StopBefore). The calls hold no plain access back, so which of them come
// between two points depends on the compiler, and the points do not.
//
// While a call is under way, Sut::Run, Reset and Observe are not used. Sut::Restore ends all calls.
#ifndef HOLDFAST_SUT_CALLERS_H_
#define HOLDFAST_SUT_CALLERS_H_

#include <cstddef>
#include <cstdint>
#include <span>

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
    kPlain,     // a plain access, of a move that was told to stop there
  };

  Kind kind = Kind::kNone;
  LockNumber lock = 0;  // kLock, kTryLock, kUnlocked

  bool operator==(const Point&) const = default;
};

// An access of a call to memory that other callers can reach: any but its own stack. Those of the
// environment are not known, and those of code that announces none (kernel/machine/accesses.h).
struct Access {
  const void* address = nullptr;
  const void* code = nullptr;  // behind the access
  std::uint16_t size = 0;
  bool write = false;
  bool marked = false;  // READ_ONCE, WRITE_ONCE
  LockSet locks = 0;    // that its caller held (Callers::Holds)

  bool operator==(const Access&) const = default;
};

// Whether the two must not be unordered. One writes the bytes of the other, and one is plain. A
// plain write of an aligned word does not hurt a marked read: compilers keep such a write whole, as
// the kernel's own detector of races assumes (CONFIG_KCSAN_ASSUME_PLAIN_WRITES_ATOMIC).
inline bool Conflict(const Access& one, const Access& other) {
  const auto begins = [](const Access& access) {
    return reinterpret_cast<std::uintptr_t>(access.address);
  };
  const auto unhurt = [&](const Access& read, const Access& write) {
    return read.marked && !read.write && write.size <= sizeof(void*) &&
           begins(write) % write.size == 0;
  };
  return begins(one) < begins(other) + other.size && begins(other) < begins(one) + one.size &&
         (one.write || other.write) && !(one.marked && other.marked) && !unhurt(one, other) &&
         !unhurt(other, one);
}

class Callers {
 public:
  virtual ~Callers() = default;

  // Runs a new call of a caller that has none under way, up to its first point or its end.
  virtual void Begin(int caller, const Command& command) = 0;
  // Runs the call on, up to its next point or its end. The call must be able to go on.
  virtual void GoOn(int caller) = 0;

  // The next Begin or GoOn, of whichever caller, stops before the n-th plain access that it comes
  // to, from 1, unless it comes to a point before. The access where it began does not count.
  virtual void StopBefore(std::uint32_t n) = 0;
  // The accesses that the last Begin or GoOn made, in their order, at most kMostAccesses.
  static constexpr std::size_t kMostAccesses = 4096;
  virtual std::span<const Access> Accesses() const = 0;
  // The access before which the caller stands, at a kAccess or a kPlain.
  virtual const Access& Next(int caller) const = 0;

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
