#include "cli/progress.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace holdfast {

constexpr int kBarWidth = 30;
constexpr auto kRedraw = std::chrono::milliseconds(100);

Progress::Progress(bool enabled) : bar_(enabled && isatty(STDERR_FILENO)) {}

void Progress::Begin(const std::string& part) {
  Clear();
  part_ = part;
  start_ = Clock::now();
  last_ = Clock::time_point();
}

void Progress::Update(double done, std::uint64_t commands) {
  const Clock::time_point now = Clock::now();
  if (!bar_ || now - last_ < kRedraw) return;
  last_ = now;
  const int filled = static_cast<int>(std::clamp(done, 0.0, 1.0) * kBarWidth);
  const double seconds = std::chrono::duration<double>(now - start_).count();
  fmt::print(stderr, "\r\033[K{:<18} [{:<{}}] {:3.0f}%  {:.1f}M commands, {:.1f}M/s", part_,
             std::string(filled, '#'), kBarWidth, 100 * std::clamp(done, 0.0, 1.0), commands / 1e6,
             seconds > 0 ? commands / seconds / 1e6 : 0);
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::Clear() {
  if (!drawn_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace holdfast
