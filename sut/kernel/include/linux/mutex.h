// A stand-in that behaves on purpose. A lock waits only for another caller that is under way at
// the same time (sut/kernel/machine/caller.h). To take a lock that the caller itself holds, or a
// lock at NULL, is a crash. To release a lock that is not held, or to return with a held lock, is a
// finding.
#ifndef HOLDFAST_LINUX_MUTEX_H_
#define HOLDFAST_LINUX_MUTEX_H_

#include <linux/cleanup.h>
#include <linux/lockdep.h>

struct mutex {
  u32 magic;  // set by mutex_init: freed or zeroed memory is no mutex
  u32 held;   // 0, or the number of the call that holds it
};

#define HOLDFAST_MUTEX_MAGIC 0x6d757478u
#define DEFINE_MUTEX(name) struct mutex name = {HOLDFAST_MUTEX_MAGIC, 0}

HOLDFAST_BEGIN_C
void mutex_init(struct mutex* lock);
void mutex_destroy(struct mutex* lock);
void mutex_lock(struct mutex* lock);
int mutex_trylock(struct mutex* lock);
void mutex_unlock(struct mutex* lock);
HOLDFAST_END_C

#define mutex_is_locked(lock) (READ_ONCE((lock)->held) != 0)

DEFINE_GUARD(mutex, struct mutex*, mutex_lock(T), mutex_unlock(T))

#endif  // HOLDFAST_LINUX_MUTEX_H_
