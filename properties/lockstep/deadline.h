// The moment at which a search stops, whether it is finished or not.
//
// A search hands its deadline to its Lockstep. The Lockstep looks at the deadline before each
// command, and throws OutOfTime. So a search needs no look of its own, and an implementation that
// is slow is stopped between two of its calls. The search catches OutOfTime at its top, and returns
// what it has.
//
// A request to stop (a signal) makes every deadline pass, also one that is never.
//
// The coarse clock of the kernel costs 5 ns a look. It lags by up to a tick, so a deadline is set a
// tick too early.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_DEADLINE_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_DEADLINE_H_

#include <ctime>

#include <algorithm>
#include <atomic>
#include <limits>
#include <stdexcept>

namespace holdfast {

struct OutOfTime : std::runtime_error {
  OutOfTime() : std::runtime_error("the time is over") {}
};

// Not 0: every search of this process stops. A program that has signal handlers points it to memory
// that its child processes share.
inline std::atomic<int> no_stop_request = 0;
inline std::atomic<int>* stop_request = &no_stop_request;

class Deadline {
 public:
  Deadline() = default;  // never
  static Deadline In(double seconds) { return Deadline().OrIn(seconds); }

  bool passed() const {
    return stop_request->load(std::memory_order_relaxed) != 0 || (at_ != kNever && Now() >= at_);
  }
  void Check() const {
    if (passed()) throw OutOfTime();
  }
  // In seconds, 0 once it has passed; infinite if it is never.
  double left() const { return passed() ? 0 : at_ - Now(); }
  // When that share of the time that is left is over.
  Deadline Share(double share) const {
    return at_ == kNever ? *this : Deadline(Now() + share * std::max(0.0, at_ - Now()));
  }
  // Whichever is first.
  Deadline OrIn(double seconds) const { return Deadline(std::min(at_, Now() + seconds - kTick)); }

 private:
  static constexpr double kNever = std::numeric_limits<double>::infinity();
  static constexpr double kTick = 0.01;

  explicit Deadline(double at) : at_(at) {}

  // In seconds.
  static double Now() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
  }

  double at_ = kNever;
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_DEADLINE_H_
