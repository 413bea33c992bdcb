#include "sut/kernel/machine/call.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <ucontext.h>

#include <cstdint>
#include <utility>

#include "linux/bug.h"

namespace holdfast::kernel {

CallContext* g_call = nullptr;

namespace {

struct Registers {
  std::uintptr_t pc = 0, frame = 0, stack = 0;
};

Registers RegistersOf(const void* context) {
  const mcontext_t& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  const auto at = [&](int which) { return static_cast<std::uintptr_t>(machine.gregs[which]); };
  return {at(REG_RIP), at(REG_RBP), at(REG_RSP)};
#elif defined(__aarch64__)
  return {machine.pc, machine.regs[29], machine.sp};
#else
  return {};
#endif
}

// Follows the chain of frame pointers, which this project's objects keep, within the call's own
// part of the stack.
__attribute__((no_sanitize("address"))) void NoteFrames(std::uintptr_t pc, std::uintptr_t frame,
                                                        std::uintptr_t stack) {
  CallContext& call = *g_call;
  call.fault[0] = reinterpret_cast<const void*>(pc);
  call.fault_depth = 1;
  const auto end = reinterpret_cast<std::uintptr_t>(call.frame);
  while (call.fault_depth < CallContext::kFaultDepth && frame >= stack && frame < end &&
         frame % sizeof(frame) == 0) {
    // the caller's frame, and the way back to it
    const auto* words = reinterpret_cast<const std::uintptr_t*>(frame);
    call.fault[call.fault_depth++] = reinterpret_cast<const void*>(words[1] - 1);
    if (words[0] <= frame) return;
    frame = words[0];
  }
}

void NoteInterrupted(const void* context) {
  const Registers registers = RegistersOf(context);
  NoteFrames(registers.pc, registers.frame, registers.stack);
}

[[noreturn]] void Leave() { siglongjmp(g_call->exit, 1); }

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
struct sigaction g_previous[4];

void OnSignal(int signal, siginfo_t* info, void* context) {
  // Set by the same thread: no other can have faulted in our call.
  if (g_call && g_call->running && pthread_equal(g_call->thread, pthread_self())) {
    NoteInterrupted(context);
    Leave();
  }
  for (int i = 0; i < 4; ++i) {
    if (kSignals[i] != signal) continue;
    const struct sigaction& previous = g_previous[i];
    if (previous.sa_flags & SA_SIGINFO) return previous.sa_sigaction(signal, info, context);
    if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN)
      return previous.sa_handler(signal);
    ::signal(signal, SIG_DFL);  // and the access is made again
  }
}

// A call takes well below a microsecond. A call that is still running after this many ticks of
// processor time in a row hangs. The time of other processes does not count.
constexpr int kHungAfter = 3;
constexpr int kTickMicroseconds = 100'000;
struct sigaction g_previous_tick;

void OnTick(int signal, siginfo_t* info, void* context) {
  if (g_call && g_call->running && pthread_equal(g_call->thread, pthread_self())) {
    CallContext& call = *g_call;
    if (call.ticked != call.serial) call.ticks = 0;
    call.ticked = call.serial;
    if (++call.ticks == kHungAfter) {
      call.ticks = 0;
      Find(Finding::kHung);
      NoteInterrupted(context);
      Leave();
    }
  }
  if (g_previous_tick.sa_flags & SA_SIGINFO) g_previous_tick.sa_sigaction(signal, info, context);
}

void TickEvery(int microseconds) {
  const struct timeval tick = {.tv_sec = 0, .tv_usec = microseconds};
  const struct itimerval timer = {.it_interval = tick, .it_value = tick};
  setitimer(ITIMER_VIRTUAL, &timer, nullptr);
}

// A child process inherits no timer.
void StartTicking() { TickEvery(kTickMicroseconds); }

void WatchForHangs() {
  struct sigaction action = {};
  action.sa_sigaction = OnTick;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART;
  sigaction(SIGVTALRM, &action, &g_previous_tick);
  StartTicking();
  pthread_atfork(nullptr, nullptr, StartTicking);
}

}  // namespace

void CatchSignals() {
  stack_t stack;
  if (sigaltstack(nullptr, &stack) == 0 && (stack.ss_flags & SS_DISABLE)) {
    // for the life of the thread
    stack = {.ss_sp = malloc(64 * 1024), .ss_flags = 0, .ss_size = 64 * 1024};
    if (stack.ss_sp) sigaltstack(&stack, nullptr);
  }
  static bool caught = false;
  if (caught) return;
  caught = true;
  struct sigaction action = {};
  action.sa_sigaction = OnSignal;
  // Not blocked while handled: a crash leaves the handler by a jump that does not restore the mask.
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  for (int i = 0; i < 4; ++i) sigaction(kSignals[i], &action, &g_previous[i]);
  WatchForHangs();
}

Impatient::Impatient() { TickEvery(kTickMicroseconds / 10); }
Impatient::~Impatient() { StartTicking(); }

void Find(Finding finding, std::string text, const void* code) {
  Find(finding);
  FindingDetail& detail = g_call->detail;
  if (detail.text.empty()) detail = {std::move(text), code};
}

void NoteFault(const void* return_address, const void* frame, bool crash) {
  if (!g_call->running || (g_call->fault_depth != 0 && !crash)) return;
  const char here = 0;
  NoteFrames(reinterpret_cast<std::uintptr_t>(return_address) - 1,
             reinterpret_cast<std::uintptr_t>(frame), reinterpret_cast<std::uintptr_t>(&here));
}

void Crash() {
  if (!g_call || !g_call->running) abort();
  NoteFault(__builtin_return_address(0), __builtin_frame_address(0), true);
  Leave();
}

bool RunContained(const Fault& fault, Outcome& outcome, void (*body)(void*), void* argument) {
  CallContext& call = *g_call;
  call.outcome = &outcome;
  call.site = fault.site;
  call.passes_left = fault.nth;
  call.error = fault.error;
  call.depth = fault.depth;
  call.in_op = call.coming_up = false;
  call.denied_request = 0;
  call.denied = call.denied_promise = false;
  call.owner = 0;
  call.watcher = nullptr;
  call.resolve_out = nullptr;
  call.bug_exit = nullptr;
  call.thread = pthread_self();
  call.frame = __builtin_frame_address(0);
  if (sigsetjmp(call.exit, 0) != 0) {
    g_call->running = false;
    return false;
  }
  call.serial = call.serial + 1;
  call.running = true;
  body(argument);
  g_call->running = false;
  return true;
}

bool RunUntilBug(void (*body)(void*), void* argument) {
  CallContext& call = *g_call;
  const std::uint8_t owner = call.owner;
  const FaultSite site = call.site;
  const bool coming_up = call.coming_up;
  AccessWatcher* const watcher = call.watcher;
  sigjmp_buf exit;
  if (sigsetjmp(exit, 0) != 0) {
    call.bug_exit = nullptr;
    call.owner = owner;
    call.site = site;
    call.coming_up = coming_up;
    call.watcher = watcher;
    return false;
  }
  call.bug_exit = &exit;
  body(argument);
  call.bug_exit = nullptr;
  return true;
}

}  // namespace holdfast::kernel

extern "C" void holdfast_warn() {
  holdfast::kernel::NoteFault(__builtin_return_address(0), __builtin_frame_address(0), false);
  holdfast::kernel::Warn();
}
extern "C" void holdfast_bug() {
  if (sigjmp_buf* exit = holdfast::kernel::g_call->bug_exit) siglongjmp(*exit, 1);
  holdfast::kernel::Crash();
}
