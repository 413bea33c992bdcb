// Code in a child process, so that its death is an answer and not the end.
//
// What no handler in the same process can contain (abort, exit, a smashed heap, a stack that ran
// past its guard, a sanitizer's report, a loop with signals blocked, a deadlock) ends the child;
// the parent has its own memory, learns how the child ended, and goes on. What the child was at
// when it ended, it must have left in memory that both see (Shared).
//
// Nothing is printed twice: standard streams are flushed before each fork. A child does not outlive
// its parent. Cost: a fork, and a page fault for each page that the child writes first; well below
// a millisecond for this suite, so it is paid for many scenarios at a time.
#ifndef HOLDFAST_SUT_CHILD_H_
#define HOLDFAST_SUT_CHILD_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <new>
#include <string>
#include <type_traits>

namespace holdfast {

// How a child ended.
struct Ending {
  enum class Kind : std::uint8_t {
    kReturned,  // its code came to an end
    kSignal,
    kExit,     // exit() or the like was called in it
    kHung,     // a call burnt more than kHungSeconds of processor time
    kBlocked,  // a call slept for kBlockedSeconds without end
  };

  Kind kind = Kind::kReturned;
  int code = 0;          // the signal, or the exit status
  bool in_call = false;  // between Pulse::Enter and Leave
  // its code had come to an end, and it had taken this process's place (ContinueInChild)
  bool late = false;
  std::string report;  // what a sanitizer wrote before it ended the process; else empty
};

inline constexpr double kHungSeconds = 0.5;
inline constexpr double kBlockedSeconds = 1;

// In a few words, the same on every run: "SIGABRT", "exit status 0", "AddressSanitizer:
// use-after-poison drivers/iommu/liveupdate.c:70".
std::string PrintEnding(const Ending& ending);

// Whether a call that must come back is under way; only while one is, a child is taken to hang. In
// memory that both processes see.
class Pulse {
 public:
  void Reset() { beats_.store(0, std::memory_order_relaxed); }  // before each child
  void Enter() { Beat(); }
  void Leave() { Beat(); }
  std::uint64_t beats() const { return beats_.load(std::memory_order_relaxed); }
  bool in_call() const { return beats() % 2 != 0; }

 private:
  void Beat() { beats_.store(beats() + 1, std::memory_order_relaxed); }

  std::atomic<std::uint64_t> beats_ = 0;
};

// Runs `body` in a child. Of what it does to memory, only what it does to shared memory is left.
Ending RunInChild(Pulse& pulse, const std::function<void()>& body);

// Runs `body` in a child that then takes this process's place: if it comes back, so does this call,
// in the child, with all that `body` did to memory. The caller's own process stays behind it,
// waits, and ends as the child ends in the end. If the child dies in `body`, this call comes back
// in the caller's process, with memory as it was before. So it does, `late`, if the child crashes
// afterwards: a heap that `body` smashed may be noticed long after it. What the child wrote to
// files until then stays written.
Ending ContinueInChild(Pulse& pulse, const std::function<void()>& body);

// Memory that this process and its children see.
void* MapShared(std::size_t size);
void UnmapShared(void* memory, std::size_t size);

template <typename T>
class Shared {
  static_assert(std::is_trivially_destructible_v<T>, "there is one object and two processes");

 public:
  Shared() : object_(new(MapShared(sizeof(T))) T) {}
  ~Shared() { UnmapShared(object_, sizeof(T)); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  T& operator*() const { return *object_; }
  T* operator->() const { return object_; }

 private:
  T* const object_;
};

}  // namespace holdfast

#endif  // HOLDFAST_SUT_CHILD_H_
