// Code in child processes: the death of a child is an answer, and its parent goes on.
//
// No handler in the same process contains an abort, an exit, a smashed heap or a stack that ran
// past its guard. None contains a sanitizer's report, a loop with signals blocked, or a deadlock.
// Each of these ends a child, or the parent ends the child for it. The parent has memory of its
// own, and learns how the child ended (Ending). Three ways lead into a child:
//   - RunInChild: one piece of work, whose results are in shared memory (Shared);
//   - RunInChildren: many pieces, a few at a time, whose results come back as text (sut/packed.h);
//   - ContinueInChild: one piece of work, whose results are all that it did to memory.
//
// Every child is watched in the same way. A call that must come back stands in a WatchedCall. The
// parent ends a child whose call loops or sleeps without end (kHungSeconds, kBlockedSeconds).
// Outside of such a call a child may take as long as it likes.
//
// No child outlives its parent, however the parent ends: the kernel kills the child then, and a
// child that is too young for that sees it and ends itself. A child's own children go the same way,
// and the processes that an implementation starts end with the child (sut/offspring.h).
//
// A child that takes its parent's place has the limits, signal handlers, standard streams and so on
// that the parent had (sut/surroundings.h). Until then what it writes to its standard streams is
// kept apart.
//
// Nothing is printed twice: standard streams are flushed before each fork. A child has no end of
// another child's pipe. Cost: a fork, and a page fault for each page that the child writes first.
// Both are well below a millisecond for this suite, so one fork serves many scenarios.
#ifndef HOLDFAST_SUT_CHILD_H_
#define HOLDFAST_SUT_CHILD_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>

#include "sut/ending.h"

namespace holdfast {

// The sign of life that a process's parent sees.
struct Pulse {
  std::atomic<int> process = 0;  // the one to be watched: it may have taken another's place
  // How often the process entered or left a watched call: odd while a call is under way.
  std::atomic<std::uint64_t> beats = 0;
  std::atomic<std::size_t> children = 0;  // of the process, which watches them itself
  std::array<char, 256> last_words{};     // of EndChild
};
extern Pulse* process_pulse;  // of this process

// A call that must come back, from here to the end of the block. Such calls do not nest.
class WatchedCall {
 public:
  WatchedCall() { Beat(); }
  ~WatchedCall() { Beat(); }
  WatchedCall(const WatchedCall&) = delete;
  WatchedCall& operator=(const WatchedCall&) = delete;

 private:
  static void Beat() {
    std::atomic<std::uint64_t>& beats = process_pulse->beats;
    beats.store(beats.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
};

// Whether this process is a child of the functions below, and did not take its parent's place.
bool IsChild();
// In a child: ends it. Its ending are these words (Ending::Kind::kLastWords).
[[noreturn]] void EndChild(std::string_view last_words);
// Looks for harm that does not end a process at once. The allocator gets a turn, to notice a
// smashed heap. Limits are put back; true if they had changed. What cannot be undone ends the
// child.
bool CheckChild();

// Runs `body` in a child. What `body` does to shared memory stays; nothing else does. An exception
// of `body` is thrown here, as a std::runtime_error with the same text.
Ending RunInChild(const std::function<void()>& body);

// Runs work(0) to work(count - 1), each in a child of its own, at most `jobs` at once. Calls
// done(i, ending, text) here, in the order in which the children end. `text` is what work(i)
// returned, and empty unless the child returned. If `done` is false, no further child is made, and
// those that still run are killed. Throws std::system_error where no child can be made.
void RunInChildren(
    std::size_t count, int jobs, const std::function<std::string(std::size_t)>& work,
    const std::function<bool(std::size_t i, const Ending& ending, std::string text)>& done);

// Runs `body` in a child that then takes this process's place. If `body` comes back, so does this
// call, in the child, with all that `body` did to memory; an exception of `body` goes on as it is.
// The caller's own process stays behind the child, waits, and ends as the child ends.
//
// If the child dies in `body`, this call comes back in the caller's process, with memory as it was
// before. The same holds, `late`, for a child that crashes afterwards: a heap that `body` smashed
// may be noticed long after `body`. What the child wrote to files until then stays written. If the
// child is killed from outside afterwards, this call throws std::runtime_error.
Ending ContinueInChild(const std::function<void()>& body);

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
