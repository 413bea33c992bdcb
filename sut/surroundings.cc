#include "sut/surroundings.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace holdfast {
namespace {

constexpr int kStreams = 3;  // 0, 1 and 2

struct Streams {
  bool apart = false;
  bool failed = false;  // to write to standard output, before it was kept apart
  std::array<int, kStreams> own = {-1, -1, -1};  // while they lead elsewhere; -1: it was closed
  int kept = -1, nothing = -1;
};
Streams streams;

bool IsOpen(int fd) { return fcntl(fd, F_GETFD) >= 0; }

// The same file by a descriptor that is no standard stream.
int Moved(int fd) {
  if (fd < 0 || fd >= kStreams) return fd;
  const int moved = fcntl(fd, F_DUPFD_CLOEXEC, kStreams);
  close(fd);
  return moved;
}

[[noreturn]] void Fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// It can grow no further: a write beyond its end fails.
int FileToKeep() {
  constexpr int kSeals = F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  const int kept = Moved(memfd_create("output", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (kept < 0 || ftruncate(kept, StandardStreams::kMostKept) != 0 ||
      fcntl(kept, F_ADD_SEALS, kSeals) != 0)
    Fail("a file for what a child writes");
  return kept;
}

rlimit LimitNow(std::size_t which) {
  rlimit limit;
  getrlimit(static_cast<__rlimit_resource>(which), &limit);
  return limit;
}

}  // namespace

void File::Open(int fd) {
  Close();
  fd_ = Moved(fd);
}

void File::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

Surroundings::Surroundings() {
  for (std::size_t i = 0; i < limits_.size(); ++i) limits_[i] = LimitNow(i);
  for (std::size_t i = 1; i < actions_.size(); ++i)
    sigaction(static_cast<int>(i), nullptr, &actions_[i]);
  sigprocmask(SIG_BLOCK, nullptr, &blocked_);
  file_mask_ = umask(0);
  umask(file_mask_);
  folder_.Open(open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

bool Surroundings::PutBackLimits() const {
  bool changed = false;
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    const rlimit now = LimitNow(i);
    if (now.rlim_cur == limits_[i].rlim_cur && now.rlim_max == limits_[i].rlim_max) continue;
    changed = true;
    setrlimit(static_cast<__rlimit_resource>(i), &limits_[i]);
  }
  return changed;
}

void Surroundings::PutBack() const {
  PutBackLimits();
  const itimerval none = {};
  setitimer(ITIMER_REAL, &none, nullptr);
  for (std::size_t i = 1; i < actions_.size(); ++i)
    sigaction(static_cast<int>(i), &actions_[i], nullptr);
  sigprocmask(SIG_SETMASK, &blocked_, nullptr);
  umask(file_mask_);
  if (fchdir(folder_.fd()) != 0) return;  // the folder was closed: Loss says so
}

std::string Surroundings::Loss() const {
  if (StandardStreams::Lost() || (folder_.fd() >= 0 && !IsOpen(folder_.fd())))
    return "closed files that are not its own";
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    if (LimitNow(i).rlim_max < limits_[i].rlim_max) return "lowered a hard limit of its process";
  }
  return "";
}

void StandardStreams::Prepare() {
  if (streams.kept >= 0) return;
  streams.kept = FileToKeep();
  streams.nothing = Moved(open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (streams.nothing < 0) Fail("nothing for a child to read");
}

void StandardStreams::KeepAnew() {
  Prepare();
  KeepApart();
  fflush(nullptr);
  const int kept = FileToKeep();
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) dup2(kept, fd);
  close(streams.kept);
  streams.kept = kept;
}

void StandardStreams::KeepApart() {
  if (streams.apart) return;
  fflush(nullptr);
  streams.failed = ferror(stdout) != 0;
  for (int fd = 0; fd < kStreams; ++fd) {
    streams.own[static_cast<std::size_t>(fd)] = fcntl(fd, F_DUPFD_CLOEXEC, kStreams);
    dup2(fd == STDIN_FILENO ? streams.nothing : streams.kept, fd);
  }
  streams.apart = true;
}

void StandardStreams::GiveBack() {
  if (!streams.apart) return;
  fflush(nullptr);
  if (!streams.failed) clearerr(stdout);  // what did not fit is not the suite's text
  for (int fd = 0; fd < kStreams; ++fd) {
    int& own = streams.own[static_cast<std::size_t>(fd)];
    if (own < 0) {
      close(fd);
      continue;
    }
    dup2(own, fd);
    close(own);
    own = -1;
  }
  streams.apart = false;
}

bool StandardStreams::Lost() {
  return streams.apart && (!IsOpen(streams.kept) || std::ranges::any_of(streams.own, [](int fd) {
           return fd >= 0 && !IsOpen(fd);
         }));
}

// The position in the file is one for all processes.
std::string StandardStreams::Kept() {
  if (streams.kept < 0) return "";
  const off_t written = lseek(streams.kept, 0, SEEK_CUR);
  if (written <= 0) return "";
  std::string text(std::min(static_cast<std::size_t>(written), kMostKept), '\0');
  const ssize_t n = pread(streams.kept, text.data(), text.size(), 0);
  text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return text;
}

void WriteToUser(std::string_view text) {
  const int fd = streams.apart ? streams.own[STDERR_FILENO] : STDERR_FILENO;
  while (!text.empty()) {
    const ssize_t n = write(fd, text.data(), text.size());
    if (n < 0 && errno != EINTR) return;
    if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::string Printable(std::string_view text) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string printable;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      printable += c;
    } else if (c == '\n') {
      printable += "\\n";
    } else {
      printable += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return printable;
}

}  // namespace holdfast
