// How a child process ended, and the few words that a report has for the end.
#ifndef HOLDFAST_SUT_ENDING_H_
#define HOLDFAST_SUT_ENDING_H_

#include <cstdint>
#include <string>

namespace holdfast {

struct Ending {
  enum class Kind : std::uint8_t {
    kReturned,  // its code came to an end
    kThrew,     // its code threw an exception
    kSignal,
    kExit,       // its code called exit() or the like
    kHung,       // a call used more than kHungSeconds of processor time
    kBlocked,    // a call slept for kBlockedSeconds without end
    kCrowd,      // its code started more processes than the machine can bear
    kLastWords,  // EndChild (sut/child.h): `report` says why
  };

  Kind kind = Kind::kReturned;
  int code = 0;          // the signal, or the exit status
  bool in_call = false;  // a WatchedCall (sut/child.h) was under way
  // The code had come to an end, and the child had taken its parent's place (ContinueInChild).
  bool late = false;
  // The report that a sanitizer wrote before it ended the process, the text of the exception, or
  // the last words.
  // Else empty.
  std::string report;
};

// A signal of the user, of the kernel that is out of memory, or of a limit. The process need not
// have done anything. A crash, an exit or a hang is its own doing.
bool FromOutside(const Ending& ending);

inline constexpr double kHungSeconds = 0.5;
inline constexpr double kBlockedSeconds = 1;

// In a few words, the same on every run: "SIGABRT", "exit status 0", "AddressSanitizer:
// use-after-poison drivers/iommu/liveupdate.c:70".
std::string PrintEnding(const Ending& ending);

}  // namespace holdfast

#endif  // HOLDFAST_SUT_ENDING_H_
