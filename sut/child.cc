#include "sut/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "sut/offspring.h"
#include "sut/surroundings.h"

// Of the sanitizers' runtime, where there is one.
extern "C" __attribute__((weak)) void __sanitizer_set_report_fd(void* fd);

namespace holdfast {
namespace {

Pulse unwatched_pulse;  // of a process that no parent watches

}  // namespace

Pulse* process_pulse = &unwatched_pulse;

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kLookMilliseconds = 100;  // between two looks at a child's pulse

int report_fd = STDERR_FILENO;               // where sanitizers write
const Surroundings* surroundings = nullptr;  // that this process had, if it is a child
std::vector<pid_t> living;                   // children of this process

void TellChildren() { process_pulse->children = living.size(); }

// From here on this process is the one that is watched by the pulse, with no call under way.
void Become(Pulse* pulse, int report) {
  process_pulse = pulse;
  pulse->process = getpid();
  pulse->beats += pulse->beats % 2;  // a process that died in a call may have had it before
  TellChildren();
  report_fd = report;
  if (__sanitizer_set_report_fd)
    __sanitizer_set_report_fd(reinterpret_cast<void*>(static_cast<std::intptr_t>(report)));
}

[[noreturn]] void Fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// The kernel's account of a process: asleep or not, and the processor time that it has used, in
// seconds.
struct Usage {
  bool asleep = false;
  double seconds = 0;
};

Usage UsageOf(pid_t pid) {
  std::istringstream fields(AccountOf(pid));
  std::string state, skipped;
  fields >> state;
  for (int i = 0; i < 10; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return {.asleep = state == "S",
          .seconds = (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK))};
}

// Notices a call that does not come back.
class Watch {
 public:
  // Called often, looks each kLookMilliseconds. The error that it sees, if any.
  std::optional<Ending::Kind> Look(const Pulse& pulse) {
    const Clock::time_point now = Clock::now();
    if (now - looked_ < std::chrono::milliseconds(kLookMilliseconds)) return std::nullopt;
    looked_ = now;
    // A crowd below a child of the process is that child's, and the process sees it too.
    if (pulse.children == 0 && ThreadsOfMachine() > threads_ + kMostProcesses) {
      const auto descendants = static_cast<long>(DescendantsOf(pulse.process).size());
      if (descendants > kMostProcesses) return Ending::Kind::kCrowd;
      threads_ = ThreadsOfMachine() - descendants;
    }
    const Usage usage = UsageOf(pulse.process);
    const std::uint64_t beats = pulse.beats;
    if (beats % 2 == 0 || beats != beats_) {
      beats_ = beats;
      start_ = last_ = usage.seconds;
      asleep_ = 0;
      return std::nullopt;
    }
    asleep_ = usage.asleep && usage.seconds == last_ ? asleep_ + 1 : 0;
    last_ = usage.seconds;
    if (usage.seconds - start_ > kHungSeconds) return Ending::Kind::kHung;
    if (asleep_ * kLookMilliseconds >= kBlockedSeconds * 1000) return Ending::Kind::kBlocked;
    return std::nullopt;
  }

 private:
  Clock::time_point looked_ = Clock::now();
  long threads_ = ThreadsOfMachine();  // somebody else's
  std::uint64_t beats_ = 0;
  // Processor time when the call was first seen, and at the last look.
  double start_ = 0, last_ = 0;
  int asleep_ = 0;  // looks in a row
};

// The allocator notices a write past the end of an object at its next turn. This gives it a turn.
void TouchHeap() {
  for (std::size_t size = 16; size <= 1u << 16; size *= 4) {
    std::vector<std::byte> block(size);
    asm volatile("" : : "r"(block.data()) : "memory");
  }
}

// Before a fork of the implementation.
void CountFork() {
  static std::uint64_t call = 0;
  static int forks = 0;
  if (call != process_pulse->beats) forks = 0;
  call = process_pulse->beats;
  if (++forks > kMostForksInACall) EndChild("forked without end");
}

// A signal that smashed memory may bring about, long afterwards.
bool IsCrash(int number) {
  constexpr int kCrashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
  return std::ranges::find(kCrashes, number) != std::end(kCrashes);
}

// One child, from the fork to its end. The object exists in both processes.
class Child {
 public:
  Child() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) Fail("a pipe for a child process");
    read_end_.Open(ends[0]);
    write_end_.Open(ends[1]);
    fcntl(read_end_.fd(), F_SETFL, O_NONBLOCK);
    report_.Open(memfd_create("report", MFD_CLOEXEC));
    if (report_.fd() < 0) Fail("a file for a child process");
    StandardStreams::Prepare();
    fflush(nullptr);
    pid_ = ForkForSuite();
    if (pid_ < 0) Fail("a child process");
    if (pid_ > 0) {
      living.push_back(pid_);
      TellChildren();
      write_end_.Close();  // so the pipe ends when the child's end does
      return;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent_) _exit(1);  // the parent ended before the line above
    living.clear();
    read_end_.Close();
    surroundings = &surroundings_.emplace();
    StandardStreams::KeepApart();
    SetRunsImplementation(true, CountFork);
    Become(&shared_->pulse, report_.fd());
  }
  // In the parent: a child that is not at its end is killed.
  ~Child() {
    if (pid_ <= 0 || getpid() != parent_) return;
    if (!HasEnded() && shared_->state == State::kRunning) kill(pid_, SIGKILL);
    Reap(0);
  }

  bool is_child() const { return pid_ == 0; }
  int read_end() const { return read_end_.fd(); }

  // In the child: its code came to an end, or threw. False if the text does not arrive.
  bool Return(std::string_view text) { return Deliver(text, State::kReturned); }
  bool Throw(std::string_view what) { return Deliver(what, State::kThrew); }

  // In the child: it takes its parent's place, and is watched as its parent was.
  void TakeOver() {
    EndIfCopied();
    EndOffspring({});
    CheckChild();
    surroundings_->PutBack();
    surroundings = parents_surroundings_;
    if (!surroundings) StandardStreams::GiveBack();
    SetRunsImplementation(surroundings != nullptr, CountFork);
    Become(parents_pulse_, parents_report_);
    Return("");
    write_end_.Close();
  }

  // In the parent, again and again: its ending, once it has one. A child that returned may not have
  // ended yet. The pipe's end is no sign: processes that the child has made may hold it open.
  std::optional<Ending> Attend() {
    const bool ended = HasEnded();
    const bool delivered = shared_->state != State::kRunning;
    Receive();
    if (delivered) return DeliveredEnding();
    if (ended) return DeathOf(std::nullopt);
    if (const auto wrong = watch_.Look(shared_->pulse); wrong) {
      kill(pid_, SIGKILL);
      Reap(0);
      return DeathOf(wrong);
    }
    return std::nullopt;
  }

  std::string TakeText() { return std::move(text_); }

  // In the parent, after the child took over: ends as it does, but comes back from a crash.
  Ending Follow() {
    Reap(0);
    if (!WIFSIGNALED(status_)) _exit(WEXITSTATUS(status_));
    const int number = WTERMSIG(status_);
    const Ending ending = {
        .kind = Ending::Kind::kSignal, .code = number, .late = true, .report = {}};
    Become(process_pulse, report_fd);
    if (IsCrash(number)) return ending;
    if (FromOutside(ending))
      throw std::runtime_error("the process was ended from outside: " + PrintEnding(ending));
    signal(number, SIG_DFL);
    raise(number);
    _exit(128 + number);  // the signal is blocked
  }

 private:
  enum class State : std::uint8_t { kRunning, kReturned, kThrew };
  // In memory that both processes see.
  struct Both {
    Pulse pulse;
    std::atomic<State> state = State::kRunning;  // set when all of the text is in the pipe
  };

  // A process that the implementation made, by a bare system call, would be this one twice.
  void EndIfCopied() const {
    if (shared_->pulse.process != getpid()) _exit(1);
  }

  bool Deliver(std::string_view text, State state) {
    EndIfCopied();
    while (!text.empty()) {
      const ssize_t n = write(write_end_.fd(), text.data(), text.size());
      if (n < 0 && errno != EINTR) return false;
      if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
    }
    shared_->state = state;
    return true;
  }

  // All that is in the pipe. Closes it at its end.
  void Receive() {
    char buffer[1 << 16];
    while (read_end_.fd() >= 0) {
      const ssize_t n = read(read_end_.fd(), buffer, sizeof(buffer));
      if (n > 0) text_.append(buffer, static_cast<std::size_t>(n));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && errno == EAGAIN) return;
      if (n <= 0) read_end_.Close();
    }
  }

  // False while the child runs and `flags` say not to wait for it.
  bool Reap(int flags) {
    while (!reaped_) {
      const pid_t ended = waitpid(pid_, &status_, flags);
      if (ended == 0) return false;
      reaped_ = ended == pid_ || errno != EINTR;
      if (!reaped_) continue;
      std::erase(living, pid_);
      EndOffspring(living);
      TellChildren();
    }
    return true;
  }
  bool HasEnded() { return Reap(WNOHANG); }

  Ending DeliveredEnding() {
    if (shared_->state == State::kReturned) return {};
    return {.kind = Ending::Kind::kThrew, .report = TakeText()};
  }

  Ending DeathOf(std::optional<Ending::Kind> stopped) const {
    Ending ending = {.kind = Ending::Kind::kExit,
                     .code = WEXITSTATUS(status_),
                     .in_call = shared_->pulse.beats % 2 != 0,
                     .report = Report()};
    if (WIFSIGNALED(status_)) ending.kind = Ending::Kind::kSignal, ending.code = WTERMSIG(status_);
    if (stopped) ending.kind = *stopped, ending.code = 0;
    if (const char* words = shared_->pulse.last_words.data(); *words != 0)
      ending = {.kind = Ending::Kind::kLastWords, .in_call = ending.in_call, .report = words};
    return ending;
  }

  std::string Report() const {
    std::string text;
    char buffer[4096];
    lseek(report_.fd(), 0, SEEK_SET);
    for (ssize_t n; (n = read(report_.fd(), buffer, sizeof(buffer))) > 0;)
      text.append(buffer, static_cast<std::size_t>(n));
    return text;
  }

  const pid_t parent_ = getpid();
  Pulse* const parents_pulse_ = process_pulse;
  const int parents_report_ = report_fd;
  const Surroundings* const parents_surroundings_ = surroundings;
  Shared<Both> shared_;
  File read_end_, write_end_, report_;
  std::optional<Surroundings> surroundings_;  // in the child
  Watch watch_;
  std::string text_;
  pid_t pid_ = -1;
  int status_ = 0;  // once it is reaped
  bool reaped_ = false;
};

using Children = std::vector<std::unique_ptr<Child>>;

// Until a child has something to say, or it is time to look at them.
void Await(const Children& children) {
  std::vector<pollfd> pipes;
  int milliseconds = kLookMilliseconds;
  for (const auto& child : children) {
    if (child->read_end() >= 0) {
      pipes.push_back({.fd = child->read_end(), .events = POLLIN, .revents = 0});
    } else {
      milliseconds = 1;  // its pipe has ended, and so will it
    }
  }
  if (poll(pipes.data(), pipes.size(), milliseconds) < 0 && errno != EINTR)
    Fail("waiting for child processes");
}

}  // namespace

bool IsChild() { return process_pulse != &unwatched_pulse; }

void EndChild(std::string_view last_words) {
  auto& words = process_pulse->last_words;
  words[last_words.copy(words.data(), words.size() - 1)] = 0;
  _exit(1);
}

bool CheckChild() {
  TouchHeap();
  if (!surroundings) return false;
  const bool changed = surroundings->PutBackLimits();
  if (const std::string loss = surroundings->Loss(); !loss.empty()) EndChild(loss);
  return changed;
}

void RunInChildren(
    std::size_t count, int jobs, const std::function<std::string(std::size_t)>& work,
    const std::function<bool(std::size_t i, const Ending& ending, std::string text)>& done) {
  Children children;
  std::vector<std::size_t> items;  // by child
  for (std::size_t next = 0; next < count || !children.empty();) {
    while (next < count && children.size() < static_cast<std::size_t>(jobs)) {
      auto child = std::make_unique<Child>();
      if (child->is_child()) {
        children.clear();  // the ends of their pipes
        bool delivered = false;
        try {
          delivered = child->Return(work(next));
        } catch (const std::exception& error) {
          delivered = child->Throw(error.what());
        }
        _exit(delivered ? 0 : 1);  // the parent's objects are not destroyed twice
      }
      children.push_back(std::move(child));
      items.push_back(next++);
    }
    Await(children);
    for (std::size_t i = children.size(); i-- > 0;) {
      const std::optional<Ending> ending = children[i]->Attend();
      if (!ending) continue;
      const std::size_t item = items[i];
      const std::unique_ptr<Child> ended = std::move(children[i]);
      children.erase(children.begin() + static_cast<std::ptrdiff_t>(i));
      items.erase(items.begin() + static_cast<std::ptrdiff_t>(i));
      const bool returned = ending->kind == Ending::Kind::kReturned;
      if (!done(item, *ending, returned ? ended->TakeText() : "")) return;
    }
  }
}

Ending RunInChild(const std::function<void()>& body) {
  Ending result;
  RunInChildren(
      1, 1, [&](std::size_t) { return body(), std::string(); },
      [&](std::size_t, const Ending& ending, const std::string&) {
        result = ending;
        return true;
      });
  if (result.kind == Ending::Kind::kThrew) throw std::runtime_error(result.report);
  return result;
}

Ending ContinueInChild(const std::function<void()>& body) {
  Children children;
  Child& child = *children.emplace_back(std::make_unique<Child>());
  if (child.is_child()) {
    try {
      body();
    } catch (...) {
      child.TakeOver();  // the exception is the caller's
      throw;
    }
    child.TakeOver();
    return {};
  }
  while (true) {
    Await(children);
    const std::optional<Ending> ending = child.Attend();
    if (!ending) continue;
    return ending->kind == Ending::Kind::kReturned ? child.Follow() : *ending;
  }
}

void* MapShared(std::size_t size) {
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) Fail("memory shared with a child process");
  return memory;
}

void UnmapShared(void* memory, std::size_t size) { munmap(memory, size); }

}  // namespace holdfast
