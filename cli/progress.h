// The progress of a long job: a bar on a terminal, else a quiet line for each finished part.
//
// Progress goes to standard error. So standard output is the same for the same seed.
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
  // `done` is a fraction of 1. `commands` are checked so far in this part.
  void Update(double done, std::uint64_t commands);
  // Removes the bar, so that other text can be printed.
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
