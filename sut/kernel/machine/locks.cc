// linux/mutex.h, linux/lockdep.h and linux/spinlock.h: the locks that are held, and the errors in
// their use.
#include "linux/mutex.h"
#include "linux/spinlock.h"
#include "sut/kernel/machine/call.h"
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

namespace {

// A lock in freed memory is a finding or a crash of the call. AddressSanitizer must not stop the
// process for it.
bool IsMutex(const struct mutex* lock) {
  struct mutex copy;
  CopyUnchecked(reinterpret_cast<std::byte*>(&copy), reinterpret_cast<const std::byte*>(lock),
                sizeof(copy));
  return copy.magic == HOLDFAST_MUTEX_MAGIC;
}

}  // namespace

extern "C" void mutex_init(struct mutex* lock) { *lock = {HOLDFAST_MUTEX_MAGIC, 0}; }

extern "C" void mutex_destroy(struct mutex* lock) {
  if (lock->held) Find(Finding::kLockLeaked);
  lock->magic = 0;
}

extern "C" void mutex_lock(struct mutex* lock) {
  holdfast_might_sleep();
  if (mutex_trylock(lock)) return;
  if (g_call->in_op) Find(Finding::kLockTakenAgain);
  Crash();  // held by this very call: it would wait for ever
}

extern "C" int mutex_trylock(struct mutex* lock) {
  Machine& m = machine();
  if (reinterpret_cast<std::uintptr_t>(lock) < kPageSize) Crash();  // in a NULL object
  if (!IsMutex(lock)) Crash();                                      // freed, or never initialised
  if (lock->held) return 0;
  if (m.held_locks != 0 && IsGroupLock(lock) && HoldsFlbLock()) Find(Finding::kLockOrder);
  if (m.held_locks == sizeof(m.held) / sizeof(m.held[0])) Crash();
  lock->held = 1;
  m.held[m.held_locks++] = lock;
  return 1;
}

extern "C" void mutex_unlock(struct mutex* lock) {
  Machine& m = machine();
  for (int i = m.held_locks - 1; i >= 0; --i) {
    if (m.held[i] != lock) continue;
    for (int j = i; j + 1 < m.held_locks; ++j) m.held[j] = m.held[j + 1];
    m.held[--m.held_locks] = nullptr;  // a call that only looks leaves the memory as it was
    if (!IsMutex(lock)) return Find(Finding::kLockOrder);  // freed while it was held
    lock->held = 0;
    return;
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
  if (reinterpret_cast<std::uintptr_t>(lock) < kPageSize || lock->held) Crash();
  lock->held = 1;
  ++machine().held_spinlocks;
}

extern "C" void spin_unlock(spinlock_t* lock) {
  if (!lock->held) return Find(Finding::kLockOrder);
  lock->held = 0;
  --machine().held_spinlocks;
}
