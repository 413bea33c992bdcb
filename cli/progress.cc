#include "cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "sut/surroundings.h"

namespace holdfast {
namespace {

constexpr int kBarWidth = 30;
constexpr auto kRedraw = std::chrono::milliseconds(100);

bool CanDraw() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) && terminal != nullptr && *terminal != '\0' &&
         std::string_view(terminal) != "dumb";
}

// Of the terminal; 80 if it does not say.
std::size_t Columns() {
  winsize size = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

Progress::Progress() : bar_(CanDraw()) {}

void Progress::Begin(const std::string& part, const std::string& unit) {
  Clear();
  part_ = part;
  unit_ = unit;
  start_ = Clock::now();
  columns_ = Columns();
  last_ = Clock::time_point();
}

void Progress::Update(double done, std::uint64_t count) {
  const Clock::time_point now = Clock::now();
  if (!bar_ || now - last_ < kRedraw) return;
  last_ = now;
  const int filled = static_cast<int>(std::clamp(done, 0.0, 1.0) * kBarWidth);
  const double seconds = std::chrono::duration<double>(now - start_).count();
  std::string line = fmt::format("{:<18} [{:<{}}] {:3.0f}%", part_, std::string(filled, '#'),
                                 kBarWidth, 100 * std::clamp(done, 0.0, 1.0));
  if (unit_ == "commands") {
    line += fmt::format("  {:.1f}M commands, {:.1f}M/s", count / 1e6,
                        seconds > 0 ? count / seconds / 1e6 : 0);
  } else {
    line += fmt::format("  {} {}", count, unit_);
  }
  line.resize(std::min(line.size(), columns_ - 1));  // in the last column some terminals wrap
  // The job that is under way has its standard error kept apart.
  WriteToUser("\r\033[K" + line);
}

void Progress::Clear() {
  if (bar_) WriteToUser("\r\033[K");
}

}  // namespace holdfast
