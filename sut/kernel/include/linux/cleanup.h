// A stand-in: guard(name)(argument) takes a lock until the end of the block, by the cleanup
// attribute in C and by a destructor in C++. A crash runs neither. The code that ends the call
// forgets the lock.
#ifndef HOLDFAST_LINUX_CLEANUP_H_
#define HOLDFAST_LINUX_CLEANUP_H_

#include <linux/compiler.h>

#define HOLDFAST_JOIN_(a, b) a##b
#define HOLDFAST_JOIN(a, b) HOLDFAST_JOIN_(a, b)

#ifdef __cplusplus
#define guard(name) HOLDFAST_JOIN(holdfast_guard_, name) HOLDFAST_JOIN(holdfast_scope_, __COUNTER__)
#define DEFINE_GUARD(name, type, lock, unlock)                                                   \
  class HOLDFAST_JOIN(holdfast_guard_, name) {                                                   \
   public:                                                                                       \
    explicit HOLDFAST_JOIN(holdfast_guard_, name)(type T) : held_(T) { lock; }                   \
    ~HOLDFAST_JOIN(holdfast_guard_, name)() {                                                    \
      type T = held_;                                                                            \
      unlock;                                                                                    \
    }                                                                                            \
    HOLDFAST_JOIN(holdfast_guard_, name)(const HOLDFAST_JOIN(holdfast_guard_, name) &) = delete; \
                                                                                                 \
   private:                                                                                      \
    type held_;                                                                                  \
  };
#else
#define guard(name)                                                                               \
  __attribute__((__cleanup__(HOLDFAST_JOIN(holdfast_release_, name)), __unused__)) HOLDFAST_JOIN( \
      holdfast_held_, name) HOLDFAST_JOIN(holdfast_scope_, __COUNTER__) =                         \
      HOLDFAST_JOIN(holdfast_take_, name)
#define DEFINE_GUARD(name, type, lock, unlock)                                              \
  typedef type HOLDFAST_JOIN(holdfast_held_, name);                                         \
  static inline __maybe_unused type HOLDFAST_JOIN(holdfast_take_, name)(type T) {           \
    lock;                                                                                   \
    return T;                                                                               \
  }                                                                                         \
  static inline __maybe_unused void HOLDFAST_JOIN(holdfast_release_, name)(type * holder) { \
    type T = *holder;                                                                       \
    unlock;                                                                                 \
  }
#endif

#endif  // HOLDFAST_LINUX_CLEANUP_H_
