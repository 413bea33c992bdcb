// How far a long job is: a bar on a terminal, a quiet line for each finished part otherwise.
//
// All of it goes to standard error, so that what a run prints on standard output is the same for
// the same seed.
#ifndef HOLDFAST_CLI_PROGRESS_H_
#define HOLDFAST_CLI_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <string>

namespace holdfast {

class Progress {
 public:
  explicit Progress(bool enabled);
  ~Progress() { Clear(); }

  void Begin(const std::string& part);
  // `done` of 1, and the commands that were checked so far in this part.
  void Update(double done, std::uint64_t commands);
  // Takes the bar away, so that something else can be printed.
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;

  const bool bar_;
  bool drawn_ = false;
  std::string part_;
  Clock::time_point start_, last_;
};

}  // namespace holdfast

#endif  // HOLDFAST_CLI_PROGRESS_H_
