// A stand-in that behaves on purpose: a WARN is noted in the outcome of the call; a BUG leaves the
// call without unwinding.
#ifndef HOLDFAST_LINUX_BUG_H_
#define HOLDFAST_LINUX_BUG_H_

#include <linux/compiler.h>

HOLDFAST_BEGIN_C
void holdfast_warn(void);
void holdfast_bug(void) __attribute__((__noreturn__));
HOLDFAST_END_C

#define WARN_ON(condition)                         \
  ({                                               \
    int holdfast_warns = !!(condition);            \
    if (unlikely(holdfast_warns)) holdfast_warn(); \
    unlikely(holdfast_warns);                      \
  })

// Once in the life of a kernel: the flag is in the object's writable data, which a reset and a
// kexec set back.
#define WARN_ON_ONCE(condition)                         \
  ({                                                    \
    static bool holdfast_warned;                        \
    int holdfast_warns = !!(condition);                 \
    if (unlikely(holdfast_warns && !holdfast_warned)) { \
      holdfast_warned = true;                           \
      holdfast_warn();                                  \
    }                                                   \
    unlikely(holdfast_warns);                           \
  })

#define WARN(condition, ...) WARN_ON(condition)
#define WARN_ONCE(condition, ...) WARN_ON_ONCE(condition)
#define BUG() holdfast_bug()
#define BUG_ON(condition)           \
  do {                              \
    if (unlikely(condition)) BUG(); \
  } while (0)
#define panic(...) holdfast_bug()

#endif  // HOLDFAST_LINUX_BUG_H_
