// linux/mutex.h, linux/lockdep.h and linux/spinlock.h: the locks that are held, and the errors in
// their use.
#include "linux/mutex.h"
#include "linux/spinlock.h"
#include "sut/kernel/machine/call.h"
#include "sut/kernel/machine/caller.h"
#include "sut/kernel/machine/locks.h"
#include "sut/kernel/machine/machine.h"
#include "sut/kernel/machine/poison.h"

namespace holdfast::kernel {

bool IsGroupLock(const struct mutex* lock) {
  for (int i = 0; i < machine().device_count; ++i) {
    if (lock == &machine().devices[i]->group.mutex) return true;
  }
  return false;
}

bool HoldsFlbLock() {
  for (int i = 0; i < machine().held_locks; ++i) {
    if (!IsGroupLock(machine().held[i])) return true;
  }
  return false;
}

}  // namespace holdfast::kernel

using namespace holdfast::kernel;
using holdfast::Finding;
using holdfast::Point;

namespace {

// A lock in freed memory is a finding or a crash of the call. AddressSanitizer must not stop the
// process for it.
bool IsMutex(const struct mutex* lock) {
  struct mutex copy;
  CopyUnchecked(reinterpret_cast<std::byte*>(&copy), reinterpret_cast<const std::byte*>(lock),
                sizeof(copy));
  return copy.magic == HOLDFAST_MUTEX_MAGIC;
}

// A mutex that is no mutex any more waits for nobody: to take it is a crash.
bool IsFreeMutex(const void* lock) {
  const auto* mutex = static_cast<const struct mutex*>(lock);
  return !IsMutex(mutex) || mutex->held == 0;
}
bool IsFreeSpinlock(const void* lock) { return static_cast<const spinlock_t*>(lock)->held == 0; }

bool Take(struct mutex* lock) {
  Machine& m = machine();
  if (reinterpret_cast<std::uintptr_t>(lock) < kPageSize) Crash();  // in a NULL object
  if (!IsMutex(lock)) Crash();                                      // freed, or never initialised
  if (lock->held) return false;
  if (m.held_locks != 0 && IsGroupLock(lock) && HoldsFlbLock()) Find(Finding::kLockOrder);
  if (m.held_locks == sizeof(m.held) / sizeof(m.held[0])) Crash();
  lock->held = g_call->number;
  m.held[m.held_locks++] = lock;
  return true;
}

}  // namespace

extern "C" void mutex_init(struct mutex* lock) { *lock = {HOLDFAST_MUTEX_MAGIC, 0}; }

extern "C" void mutex_destroy(struct mutex* lock) {
  if (lock->held) Find(Finding::kLockLeaked);
  lock->magic = 0;
}

extern "C" void mutex_lock(struct mutex* lock) {
  holdfast_might_sleep();
  StopAt(Point::Kind::kLock, lock);
  do {
    if (Take(lock)) return;
  } while (Await(lock, lock->held, IsFreeMutex));
  if (g_call->in_op) Find(Finding::kLockTakenAgain);
  Crash();  // held by this very call: it would wait for ever
}

extern "C" int mutex_trylock(struct mutex* lock) {
  StopAt(Point::Kind::kTryLock, lock);
  return Take(lock);
}

extern "C" void mutex_unlock(struct mutex* lock) {
  Machine& m = machine();
  for (int i = m.held_locks - 1; i >= 0; --i) {
    if (m.held[i] != lock) continue;
    for (int j = i; j + 1 < m.held_locks; ++j) m.held[j] = m.held[j + 1];
    m.held[--m.held_locks] = nullptr;  // a call that only looks leaves the memory as it was
    if (!IsMutex(lock)) return Find(Finding::kLockOrder);  // freed while it was held
    lock->held = 0;
    return StopAt(Point::Kind::kUnlocked, lock);
  }
  Find(Finding::kLockOrder);
}

extern "C" bool holdfast_mutex_is_held(const struct mutex* lock) {
  for (int i = 0; i < machine().held_locks; ++i) {
    if (machine().held[i] == lock) return true;
  }
  return false;
}

extern "C" void holdfast_might_sleep() {
  if (machine().held_spinlocks != 0) Find(Finding::kSleepInAtomic);
}

extern "C" void spin_lock(spinlock_t* lock) {
  if (reinterpret_cast<std::uintptr_t>(lock) < kPageSize) Crash();
  StopAt(Point::Kind::kLock, lock);
  while (lock->held) {
    if (!Await(lock, lock->held, IsFreeSpinlock)) Crash();
  }
  lock->held = g_call->number;
  ++machine().held_spinlocks;
}

extern "C" void spin_unlock(spinlock_t* lock) {
  if (!lock->held) return Find(Finding::kLockOrder);
  lock->held = 0;
  --machine().held_spinlocks;
  StopAt(Point::Kind::kUnlocked, lock);
}
