// A stand-in that behaves on purpose: a call that sleeps under a spinlock is a finding.
#ifndef HOLDFAST_LINUX_SPINLOCK_H_
#define HOLDFAST_LINUX_SPINLOCK_H_

#include <linux/cleanup.h>

typedef struct spinlock {
  u32 held;
} spinlock_t;

#define DEFINE_SPINLOCK(name) spinlock_t name = {0}
#define spin_lock_init(lock) ((void)((lock)->held = 0))

HOLDFAST_BEGIN_C
void spin_lock(spinlock_t* lock);
void spin_unlock(spinlock_t* lock);
HOLDFAST_END_C

// No interrupt comes here, so nothing is saved.
#define spin_lock_irqsave(lock, flags) ((flags) = 0, spin_lock(lock))
#define spin_unlock_irqrestore(lock, flags) ((void)(flags), spin_unlock(lock))
#define spin_lock_irq(lock) spin_lock(lock)
#define spin_unlock_irq(lock) spin_unlock(lock)

DEFINE_GUARD(spinlock, spinlock_t*, spin_lock(T), spin_unlock(T))

#endif  // HOLDFAST_LINUX_SPINLOCK_H_
