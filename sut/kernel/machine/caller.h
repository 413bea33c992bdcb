// One of several callers at once: its call, the locks that it holds, and its stack.
//
// A caller's call runs as every call does: on a context of its own (call.h), with the machine's
// held locks being its own. The machine and g_call are exchanged when a caller runs and when it
// stops. So the environment's code asks "does this call hold the lock?" in one way, and between
// two runs no caller's locks are in the machine.
//
// Sequential calls pass their points too. The cost is one branch each.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_CALLER_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_CALLER_H_

#include <linux/compiler.h>
#include <linux/mutex.h>

#include <cstddef>
#include <vector>

#include "sut/callers.h"
#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/fiber.h"
#include "sut/kernel/machine/machine.h"

namespace holdfast::kernel {

class Caller {
 public:
  // Says whether the lock that a caller waits for can be taken now.
  using Free = bool (*)(const void* lock);

  explicit Caller(std::uint8_t number) : number_(number) {}

  // The call is function(argument). It runs at the first GoOn.
  void Begin(void (*function)(void*), void* argument);
  void GoOn();
  void GiveUp();

  bool under_way() const { return fiber_.suspended(); }
  bool CanGoOn() const { return !awaited_ || free_(awaited_); }
  const Point& at() const { return at_; }
  const Access& next() const { return next_; }  // at a kAccess or a kPlain
  LockSet Holds() const;

  // By the caller's own call, while it runs.
  LockSet HoldsNow() const;
  void StopAt(const Point& point);
  void StopBefore(const Access& access);
  bool OnStack(const void* address) const { return fiber_.Has(address); }
  void Await(const void* lock, Free free);

  // All that is not the machine's, as bytes.
  void Append(std::vector<std::byte>& bytes) const;
  const std::byte* Read(const std::byte* bytes);

 private:
  void Exchange();
  LockSet LocksOf(struct mutex* const* held, int count) const;

  Fiber fiber_;
  CallContext context_;
  Point at_;
  Access next_;
  const void* awaited_ = nullptr;  // a lock
  Free free_ = nullptr;
  std::uint8_t held_locks_ = 0, held_spinlocks_ = 0;
  struct mutex* held_[sizeof(Machine::held) / sizeof(struct mutex*)] = {};
  const std::uint8_t number_;
};

// A point of the running call, if the call stops at its points.
void StopHere(Point::Kind kind, const void* lock);
inline void StopAt(Point::Kind kind, const void* lock = nullptr) {
  if (holdfast_stops_at_points) [[unlikely]]
    StopHere(kind, lock);
}

// What the running call, if it is a caller's, has accessed since it went on (sut/callers.h), and
// where it is to stop. On the process's heap, because the object's own data is saved and restored.
struct AccessLog {
  std::vector<Access> accesses;
  std::uint32_t stop_before = 0, passed = 0;  // plain ones
  const void* marked = nullptr;               // the place of the last READ_ONCE or WRITE_ONCE

  void Begin() {
    accesses.clear();
    stop_before = passed = 0;
  }
};
// Of the code under test, by accesses.cc. Not inline: most runs have no callers at once.
void PassAccess(const void* address, std::size_t size, bool write, const void* code);

// Waits until the lock is free. False: nobody else is there to release the lock. `holder` is the
// number of the call that holds the lock (CallContext).
bool Await(const void* lock, std::uint32_t holder, Caller::Free free);

// Locks without a number of their own are numbered afresh, as they come.
void RenumberLocks();

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_MACHINE_CALLER_H_
