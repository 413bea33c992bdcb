#include "sut/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <system_error>

// Of the sanitizers' runtime, where there is one.
extern "C" __attribute__((weak)) void __sanitizer_set_report_fd(void* fd);

namespace holdfast {
namespace {

constexpr int kLookMilliseconds = 100;  // between two looks at a child's pulse

[[noreturn]] void Fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

class File {
 public:
  explicit File(int fd) : fd_(fd) {
    if (fd_ < 0) Fail("a file for a child process");
  }
  ~File() { Close(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int fd() const { return fd_; }
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

// What the kernel says of a process: asleep or not, and the processor time that it has used, in
// seconds.
struct Usage {
  bool asleep = false;
  double seconds = 0;
};

Usage UsageOf(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  const std::string line{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name_end = line.rfind(')');  // the name may hold anything
  if (name_end == std::string::npos) return {};
  std::istringstream fields(line.substr(name_end + 1));
  std::string state, skipped;
  fields >> state;
  for (int i = 0; i < 10; ++i) fields >> skipped;
  double user = 0, system = 0;
  fields >> user >> system;
  return {.asleep = state == "S",
          .seconds = (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK))};
}

// Ends a call that does not come back.
class Watch {
 public:
  Watch(pid_t pid, const Pulse& pulse) : pid_(pid), pulse_(pulse) {}

  // After each kLookMilliseconds; what is wrong, if anything.
  std::optional<Ending::Kind> Look() {
    const std::uint64_t beats = pulse_.beats();
    const Usage usage = UsageOf(pid_);
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
  const pid_t pid_;
  const Pulse& pulse_;
  std::uint64_t beats_ = 0;
  // processor time when the call was first seen, and at the last look
  double start_ = 0, last_ = 0;
  int asleep_ = 0;  // looks in a row
};

// A signal that a process brings on itself.
bool IsCrash(int number) {
  constexpr int kCrashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
  return std::find(std::begin(kCrashes), std::end(kCrashes), number) != std::end(kCrashes);
}

// One child: the fork, and the wait for its end.
class Child {
 public:
  explicit Child(Pulse& pulse) : pulse_(pulse), report_(memfd_create("report", MFD_CLOEXEC)) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) Fail("a pipe for a child process");
    read_end_ = ends[0];
    File write_end(ends[1]);
    pulse.Reset();
    fflush(nullptr);
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ < 0) {
      close(read_end_);
      Fail("a child process");
    }
    if (pid_ > 0) return;  // the write end is closed here: the pipe ends when the child's is
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    close(read_end_);
    lifeline_ = dup(write_end.fd());
    fcntl(lifeline_, F_SETFD, FD_CLOEXEC);
    if (__sanitizer_set_report_fd)
      __sanitizer_set_report_fd(reinterpret_cast<void*>(static_cast<std::intptr_t>(report_.fd())));
  }

  bool is_child() const { return pid_ == 0; }
  bool returned() const { return *returned_; }

  // In the child: its code came to an end.
  void Return() { *returned_ = true; }

  // In the child: it is nobody's child any more. Sanitizers report to the terminal again.
  void TakeOver() {
    if (__sanitizer_set_report_fd)
      __sanitizer_set_report_fd(reinterpret_cast<void*>(static_cast<std::intptr_t>(STDERR_FILENO)));
    Return();
    close(lifeline_);
  }

  // In the parent: until the child has returned or ended.
  Ending Wait() {
    Watch watch(pid_, pulse_);
    std::optional<Ending::Kind> stopped;
    while (true) {
      struct pollfd look = {.fd = read_end_, .events = 0, .revents = 0};
      const bool ended = poll(&look, 1, kLookMilliseconds) > 0;
      if (ended && returned()) break;
      // The pipe can stay open beyond the child's end, in processes that it has made.
      if (Reap(ended ? 0 : WNOHANG)) break;
      if (stopped = watch.Look(); stopped) {
        kill(pid_, SIGKILL);
        Reap(0);
        break;
      }
    }
    close(read_end_);
    if (returned()) return {};
    Ending ending = {.kind = Ending::Kind::kExit,
                     .code = WEXITSTATUS(status_),
                     .in_call = pulse_.in_call(),
                     .report = Report()};
    if (WIFSIGNALED(status_)) ending.kind = Ending::Kind::kSignal, ending.code = WTERMSIG(status_);
    if (stopped) ending.kind = *stopped, ending.code = 0;
    return ending;
  }

  // In the parent, after the child took over: ends as it does, but comes back from a crash.
  Ending Follow() {
    Reap(0);
    if (!WIFSIGNALED(status_)) _exit(WEXITSTATUS(status_));
    const int number = WTERMSIG(status_);
    if (IsCrash(number))
      return {.kind = Ending::Kind::kSignal, .code = number, .late = true, .report = {}};
    signal(number, SIG_DFL);
    raise(number);
    _exit(128 + number);  // the signal is blocked
  }

  // In the parent: takes note of how the child ended. False if it has not, and `flags` say not to
  // wait for it.
  bool Reap(int flags) {
    while (!reaped_) {
      const pid_t ended = waitpid(pid_, &status_, flags);
      if (ended == 0) return false;
      reaped_ = ended == pid_ || errno != EINTR;
    }
    return true;
  }

 private:
  std::string Report() const {
    std::string text;
    char buffer[4096];
    lseek(report_.fd(), 0, SEEK_SET);
    for (ssize_t n; (n = read(report_.fd(), buffer, sizeof(buffer))) > 0;)
      text.append(buffer, static_cast<std::size_t>(n));
    return text;
  }

  const Pulse& pulse_;
  Shared<bool> returned_;
  File report_;
  pid_t pid_ = -1;
  int status_ = 0;  // once it is reaped
  bool reaped_ = false;
  int read_end_ = -1, lifeline_ = -1;
};

// Numbers that differ from run to run.
std::string WithoutAddresses(std::string text) {
  for (std::size_t at = 0; (at = text.find("0x", at)) != std::string::npos; at += 2) {
    text.erase(at + 2, text.find_first_not_of("0123456789abcdefABCDEF", at + 2) - (at + 2));
  }
  return text;
}

std::string LineAround(const std::string& text, std::size_t at) {
  const std::size_t begin = text.rfind('\n', at) + 1;  // npos + 1 is 0
  return text.substr(begin, text.find('\n', at) - begin);
}

// The one line that matters of a sanitizer's report.
std::string Essence(const std::string& report) {
  constexpr std::string_view kRuntime = ": runtime error: ", kSummary = "SUMMARY: ";
  if (const std::size_t at = report.find(kRuntime); at != std::string::npos) {
    const std::string line = LineAround(report, at);
    const std::size_t place = line.find(kRuntime);
    return "UndefinedBehaviorSanitizer: " + WithoutAddresses(line.substr(place + kRuntime.size())) +
           ", " + line.substr(0, place);
  }
  if (const std::size_t at = report.find(kSummary); at != std::string::npos) {
    const std::string line = LineAround(report, at).substr(kSummary.size());
    // "AddressSanitizer: use-after-poison PLACE in FUNCTION". Without symbols the place is an
    // address.
    std::istringstream words(line);
    std::string sanitizer, kind, place;
    words >> sanitizer >> kind >> place;
    const bool has_line = place.find(':') != std::string::npos &&
                          place.find("0x") == std::string::npos && place[0] != '(';
    for (const std::string_view base : {"/proc/self/cwd/", "./"}) {
      if (place.starts_with(base)) place.erase(0, base.size());
    }
    return sanitizer + " " + kind + (has_line ? ", " + place : "");
  }
  return "";
}

}  // namespace

std::string PrintEnding(const Ending& ending) {
  if (const std::string essence = Essence(ending.report); !essence.empty()) return essence;
  switch (ending.kind) {
    case Ending::Kind::kReturned: return "";
    case Ending::Kind::kSignal: {
      const char* name = sigabbrev_np(ending.code);
      return name ? std::string("SIG") + name : "signal " + std::to_string(ending.code);
    }
    case Ending::Kind::kExit: return "exit status " + std::to_string(ending.code);
    case Ending::Kind::kHung: return "hung";
    case Ending::Kind::kBlocked: return "blocked";
  }
  return "";
}

Ending RunInChild(Pulse& pulse, const std::function<void()>& body) {
  Child child(pulse);
  if (child.is_child()) {
    int status = 1;
    try {
      body();
      child.Return();
      status = 0;
    } catch (const std::exception& error) {
      fprintf(stderr, "holdfast: in a child process: %s\n", error.what());
    }
    _exit(status);  // nothing of the parent's is ended twice
  }
  Ending ending = child.Wait();
  child.Reap(0);
  return ending;
}

Ending ContinueInChild(Pulse& pulse, const std::function<void()>& body) {
  Child child(pulse);
  if (child.is_child()) {
    try {
      body();
    } catch (...) {
      child.TakeOver();  // what it throws is the caller's
      throw;
    }
    child.TakeOver();
    return {};
  }
  Ending ending = child.Wait();
  return ending.kind == Ending::Kind::kReturned ? child.Follow() : ending;
}

void* MapShared(std::size_t size) {
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) Fail("memory shared with a child process");
  return memory;
}

void UnmapShared(void* memory, std::size_t size) { munmap(memory, size); }

}  // namespace holdfast
