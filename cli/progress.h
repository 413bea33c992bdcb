// The progress of a long job: a bar on a terminal, no wider than the terminal. Elsewhere, and on a
// terminal that cannot take a line back (TERM is "dumb", or not set), nothing.
//
// Progress goes to standard error. So standard output is the same for the same seed.
#ifndef HOLDFAST_CLI_PROGRESS_H_
#define HOLDFAST_CLI_PROGRESS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace holdfast {

class Progress {
 public:
  Progress();
  ~Progress() { Clear(); }

  void Begin(const std::string& part, const std::string& unit = "commands");
  // `done` is a fraction of 1. `count` units are done in this part.
  void Update(double done, std::uint64_t count);
  // Removes the bar, so that other text can be printed. A child process may have drawn the bar.
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;

  const bool bar_;
  std::size_t columns_ = 80;  // of the terminal
  std::string part_, unit_;
  Clock::time_point start_, last_;
};

}  // namespace holdfast

#endif  // HOLDFAST_CLI_PROGRESS_H_
