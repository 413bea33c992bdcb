// What a process has from its parent and an implementation can change: limits, signal handlers, the
// signal mask, timers, the working folder, the mask of new files, and the standard streams.
//
// A child that takes its parent's place (ContinueInChild) would keep such changes to the end of the
// program. So a child notes its surroundings before it runs an implementation, and puts them back.
// Two changes cannot be undone: a file of the suite that was closed, and a hard limit that was
// lowered.
//
// While a child runs an implementation, the standard streams lead elsewhere. What an implementation
// writes is kept apart from the report: the first kMostKept bytes are kept, the rest is dropped.
// Nothing is there to be read.
#ifndef HOLDFAST_SUT_SURROUNDINGS_H_
#define HOLDFAST_SUT_SURROUNDINGS_H_

#include <signal.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace holdfast {

// A descriptor that closes itself. It is none of the standard streams, even where one of these is
// closed, and no program that is executed inherits it.
class File {
 public:
  explicit File(int fd = -1) { Open(fd); }
  ~File() { Close(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int fd() const { return fd_; }
  void Open(int fd);
  void Close();

 private:
  int fd_ = -1;
};

class Surroundings {
 public:
  Surroundings();  // notes them

  // The standard streams are not among them: see StandardStreams.
  void PutBack() const;
  // Puts the limits back. True if one had changed.
  bool PutBackLimits() const;
  // What cannot be put back, in a few words, or "".
  std::string Loss() const;

 private:
  std::array<rlimit, RLIM_NLIMITS> limits_;
  std::array<struct sigaction, NSIG> actions_;
  sigset_t blocked_;
  mode_t file_mask_;
  File folder_;
};

// The standard streams of this process, and where they lead meanwhile. A process inherits both.
class StandardStreams {
 public:
  static constexpr std::size_t kMostKept = 64 * 1024;

  // To be called before the first child is made: parent and children then share one file.
  static void Prepare();
  static void KeepApart();
  // From here on, this process and its children write to a file of their own.
  static void KeepAnew();
  static void GiveBack();
  static bool Lost();
  // The part that was kept, of this process and of all that share the file.
  static std::string Kept();
};

// Keeps apart what is written to the standard streams from here to the end of the block, in the
// process itself.
class KeepApart {
 public:
  KeepApart() { StandardStreams::Prepare(), StandardStreams::KeepApart(); }
  ~KeepApart() { StandardStreams::GiveBack(); }
  KeepApart(const KeepApart&) = delete;
  KeepApart& operator=(const KeepApart&) = delete;
};

// Writes to the user's standard error, also while that is kept apart.
void WriteToUser(std::string_view text);

// The text on one line: a line break, a control character, or a byte that is no ASCII is escaped.
// For what an implementation says of itself.
std::string Printable(std::string_view text);

}  // namespace holdfast

#endif  // HOLDFAST_SUT_SURROUNDINGS_H_
