// The call that is running in the simulated kernel: its outcome, its armed fault, and the way out
// of it.
//
// A crash (BUG, a lock at NULL, a bad access) leaves the call at once, without unwinding: no
// destructor of the frames in between runs. So whatever must be undone is in the machine, where a
// reset undoes it.
#ifndef HOLDFAST_SUT_KERNEL_MACHINE_CALL_H_
#define HOLDFAST_SUT_KERNEL_MACHINE_CALL_H_

#include <pthread.h>
#include <setjmp.h>

#include <array>

#include "model/command.h"
#include "model/outcome.h"

namespace holdfast::kernel {

struct Rehearsal;

struct CallContext {
  Outcome* outcome = nullptr;
  FaultSite site = FaultSite::kNone;
  std::uint8_t passes_left = 0;
  std::int16_t error = 0;
  std::uint8_t depth = 0;
  // of each site, by the command that ran last
  std::array<std::uint16_t, kFaultSiteCount> passes{};
  // and of those with a depth, the driver's requests if none was denied
  std::array<std::uint16_t, kFaultSiteCount> requests_of{};
  bool in_op = false;      // a driver op is running
  bool coming_up = false;  // the kernel's drivers do
  // The command that ran last asked for memory that a fresh machine has and this one has not.
  bool exhausted = false;

  // Of either: how often it asked the environment for something, which of these requests is denied
  // (0: none), with `error`, and whether it was.
  std::uint16_t requests = 0, denied_request = 0;
  bool denied = false;
  // What the op has preserved and not released again, oldest first; and whether it released in
  // another order than that.
  std::int16_t preserved_by_op[48];
  std::uint8_t preserved_by_op_count = 0;
  bool out_of_order = false;

  // On the incoming FLB, taken and not put. Stage A takes none.
  int incoming_references = 0;

  // For whom the driver is being called; what is allocated and preserved is his (page_owners.h). 0:
  // not at all.
  std::uint8_t owner = 0;
  // Where a rehearsal of an op keeps what it takes back.
  Rehearsal* rehearsal = nullptr;

  // The place that a call writes a record's address to, and how to make a slot number of it. That
  // is done as soon as the call has returned, or before the records go, whichever is first.
  union {
    void* out_pointer;
    unsigned long long out_physical;
  };
  SlotRef (*resolve_out)(const CallContext& call) = nullptr;

  // Where the call first warned, or where it crashed: addresses of code, innermost first.
  static constexpr int kFaultDepth = 8;
  const void* fault[kFaultDepth];
  int fault_depth = 0;
  const void* frame = nullptr;  // of RunContained: the call's own frames are below it

  volatile bool running = false;
  volatile unsigned long long serial = 0;  // of the call, since this object was loaded
  unsigned long long ticked = 0;  // the call that the last tick of processor time fell into
  int ticks = 0;                  // in a row that fell into it
  pthread_t thread{};
  sigjmp_buf exit;
};

// Of this shared object; outside of the saved state, except for this pointer, which never changes
// after PowerOn().
extern CallContext* g_call;

// A request that a driver makes in an op: 0, or the error that it is denied with.
inline int PassRequest() {
  CallContext& call = *g_call;
  if (++call.requests != call.denied_request) return 0;
  call.denied = true;
  return call.error;
}

// The same where what is asked for can be asked for outside of a driver too, and is given there.
inline int PassRequestOfDriver() { return g_call->in_op || g_call->coming_up ? PassRequest() : 0; }

// Passes a fault site: 0, or the error to fail with. Inside of a driver the faults are its own.
inline int PassFault(FaultSite site) {
  CallContext& call = *g_call;
  const bool is_request =
      site == FaultSite::kKzalloc || site == FaultSite::kKhoAlloc || site == FaultSite::kKhoRestore;
  if (is_request && (call.in_op || call.coming_up)) return PassRequest();
  ++call.passes[static_cast<std::size_t>(site)];
  if (call.site != site || call.passes_left == 0 || --call.passes_left != 0) return 0;
  call.outcome->fault_fired = true;
  return call.error;
}

inline void Find(Finding finding) {
  if (g_call->running) g_call->outcome->findings |= FindingBit(finding);
}
inline void Warn() {
  if (g_call->running) g_call->outcome->warned = true;
}

// Notes the caller of the environment's function that this is called in. Of a call's several
// faults, the first stays, but that a crash replaces a WARN.
void NoteFault(const void* return_address, const void* frame, bool crash);

// Leaves the running call as a crash. Outside of a call there is nowhere to go, and the process
// stops.
[[noreturn]] void Crash();

// Puts the slot number into the outcome, once.
inline void ResolveOut() {
  if (!g_call->resolve_out) return;
  g_call->outcome->out = g_call->resolve_out(*g_call);
  g_call->resolve_out = nullptr;
}

// Runs body(argument) with the fault armed. False if it crashed.
bool RunContained(const Fault& fault, Outcome& outcome, void (*body)(void*), void* argument);

// Turns the signals of a bad access during a call of this object into a crash of it, and a call
// that has burnt about a third of a second of processor time too; others go to whoever had the
// signal before.
void CatchSignals();

}  // namespace holdfast::kernel

#endif  // HOLDFAST_SUT_KERNEL_MACHINE_CALL_H_
