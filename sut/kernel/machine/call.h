// The call that is running in the simulated kernel: its outcome, its armed fault, and its exit.
//
// A crash (BUG, a lock at NULL, a bad access) leaves the call at once, without unwinding: no
// destructor of the frames in between runs. So all state that must be undone is in the machine,
// where a reset undoes it.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_CALL_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_CALL_H_

#include <pthread.h>
#include <setjmp.h>

#include <array>
#include <string>

#include "model/command.h"
#include "model/outcome.h"

namespace holdfast::kernel {

class AccessWatcher;
class Caller;
struct AccessLog;
struct LockNumbers;
struct Rehearsal;

// What a finding is about, as a sentence, and the code that did it; nullptr: no code is known.
struct FindingDetail {
  std::string text;
  const void* code = nullptr;
};

struct CallContext {
  Outcome* outcome = nullptr;
  FaultSite site = FaultSite::kNone;
  std::uint8_t passes_left = 0;
  std::int16_t error = 0;
  std::uint8_t depth = 0;
  // how often the last command passed each site
  std::array<std::uint16_t, kFaultSiteCount> passes{};
  // of each site with a depth: the driver's requests, if none was denied
  std::array<std::uint16_t, kFaultSiteCount> requests_of{};
  bool in_op = false;      // a driver op is running
  bool coming_up = false;  // the kernel's drivers come up
  // The last command asked for memory that a fresh machine has and this machine no longer has.
  bool exhausted = false;

  // Of the op, or of the drivers that come up: the number of requests so far, the request that is
  // denied (0: none) with `error`, whether a request was denied, and whether the denied request was
  // for a thing that the records promise.
  std::uint16_t requests = 0, denied_request = 0;
  bool denied = false, denied_promise = false;
  // The pages that the op has preserved and not released again, oldest first; and whether the op
  // released pages in another order.
  std::int16_t preserved_by_op[48];
  std::uint8_t preserved_by_op_count = 0;
  bool out_of_order = false;

  // References on the incoming FLB, taken and not put. Stage A takes none.
  int incoming_references = 0;

  // The object for which the driver is being called; 0: the driver is not being called. Pages that
  // the driver allocates and preserves belong to this object (page_owners.h).
  std::uint8_t owner = 0;
  // Hears of the writes of the code under test (accesses.h); nullptr: nobody does.
  AccessWatcher* watcher = nullptr;
  // Where a rehearsal keeps the state that it takes back.
  Rehearsal* rehearsal = nullptr;

  // The place where a call writes a record's address, and the function that makes a slot number of
  // the address. The function runs as soon as the call has returned, or before the records go,
  // whichever is first.
  union {
    void* out_pointer;
    unsigned long long out_physical;
  };
  SlotRef (*resolve_out)(const CallContext& call) = nullptr;

  // Where the call first warned, or where the call crashed: addresses of code, innermost first.
  static constexpr int kFaultDepth = 8;
  const void* fault[kFaultDepth];
  int fault_depth = 0;
  const void* frame = nullptr;  // of RunContained: the call's own frames are below it

  // Of callers at once, the caller whose call it is (caller.h), and the numbers of locks. The
  // number is of the caller too, from 1; a lock that is held has the number of its holder.
  Caller* caller = nullptr;
  LockNumbers* lock_numbers = nullptr;
  AccessLog* accesses = nullptr;
  std::uint8_t number = 1;

  volatile bool running = false;
  pthread_t thread{};
  sigjmp_buf exit;
  sigjmp_buf* bug_exit = nullptr;  // of RunUntilBug

  // From here on not of the call alone: a snapshot of a call that stands still leaves it out.
  volatile unsigned long long serial = 0;  // of the call, since this object was loaded
  unsigned long long ticked = 0;  // the call that the last tick of processor time fell into
  int ticks = 0;                  // in a row that fell into it
  FindingDetail detail;           // of the command's first finding that has one
};

// The call of this shared object. The call is outside of the saved state. This pointer is inside,
// and never changes after PowerOn().
extern CallContext* g_call;

// A request that a driver makes in an op: 0, or the error of a denied request. Promised: the
// records of the kernel before name the thing that is asked for.
inline int PassRequest(bool promised = false) {
  CallContext& call = *g_call;
  if (++call.requests != call.denied_request) return 0;
  call.denied = true;
  call.denied_promise = promised;
  return call.error;
}

// The same for a request that other code can make too; outside of a driver no request is denied.
inline int PassRequestOfDriver(bool promised = false) {
  return g_call->in_op || g_call->coming_up ? PassRequest(promised) : 0;
}

// Passes a fault site: 0, or the error to fail with. Inside of a driver the driver's own requests
// count instead.
inline int PassFault(FaultSite site) {
  CallContext& call = *g_call;
  const bool is_request =
      site == FaultSite::kKzalloc || site == FaultSite::kKhoAlloc || site == FaultSite::kKhoRestore;
  if (is_request && (call.in_op || call.coming_up))
    return PassRequest(/*promised=*/site == FaultSite::kKhoRestore);
  ++call.passes[static_cast<std::size_t>(site)];
  if (call.site != site || call.passes_left == 0 || --call.passes_left != 0) return 0;
  call.outcome->fault_fired = true;
  return call.error;
}

// While it lives, the command's fault strikes nothing and nothing is counted: the environment asks
// on its own account.
class Unarmed {
 public:
  Unarmed() { g_call->site = FaultSite::kNone; }
  ~Unarmed() {
    g_call->site = site_;
    g_call->passes = passes_;
  }
  Unarmed(const Unarmed&) = delete;

 private:
  const FaultSite site_ = g_call->site;
  const std::array<std::uint16_t, kFaultSiteCount> passes_ = g_call->passes;
};

inline void Find(Finding finding) {
  if (g_call->running) g_call->outcome->findings |= FindingBit(finding);
}
void Find(Finding finding, std::string text, const void* code = nullptr);
inline void Warn() {
  if (g_call->running) g_call->outcome->warned = true;
}

// Notes the caller of the environment's function that calls NoteFault. The first fault of a call
// stays, except that a crash replaces a WARN.
void NoteFault(const void* return_address, const void* frame, bool crash);

// Leaves the running call as a crash. Outside of a call there is no exit, and the process stops.
[[noreturn]] void Crash();

// Puts the slot number into the outcome, once.
inline void ResolveOut() {
  if (!g_call->resolve_out) return;
  g_call->outcome->out = g_call->resolve_out(*g_call);
  g_call->resolve_out = nullptr;
}

// Runs body(argument) with the fault armed. False if the body crashed.
bool RunContained(const Fault& fault, Outcome& outcome, void (*body)(void*), void* argument);

// Runs body(argument) within a call. False if the body stopped the machine with a BUG. Any other
// crash is one of the call.
bool RunUntilBug(void (*body)(void*), void* argument);

// While an Impatient lives, a call hangs that has used about a thirtieth of a second of processor
// time. For an environment that makes many calls of which each may hang.
class Impatient {
 public:
  Impatient();
  ~Impatient();
  Impatient(const Impatient&) = delete;
};

// Turns the signal of a bad access during a call of this object into a crash of the call. A call
// that has used about a third of a second of processor time crashes too. All other signals go to
// the previous handler.
void CatchSignals();

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_MACHINE_CALL_H_
