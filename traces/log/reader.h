// A log as a stream of events. One line is in memory at a time, so a log may have any size.
#ifndef HOLDFAST_TRACES_LOG_READER_H_
#define HOLDFAST_TRACES_LOG_READER_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "traces/log/event.h"
#include "traces/log/line.h"

namespace holdfast {

inline constexpr std::size_t kMaxLogLine = std::size_t{64} << 10;

class LogReader {
 public:
  // A file that cannot be read is an error of the first Next().
  explicit LogReader(std::string path);

  // False at the end of the log, and at an error.
  bool Next(LogEvent& event);

  // Of the event that Next() gave.
  std::uint64_t line() const { return line_; }
  LogFormat format() const { return format_; }

  // "file:line:column: expected ...", or "" if the log has been read to its end.
  const std::string& error() const { return error_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  bool Fail(std::size_t column, std::string_view expected);
  bool NextLine(std::string_view& line);

  const std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;  // of the bytes in the buffer that are not read yet
  std::uint64_t line_ = 0;
  LogFormat format_ = LogFormat::kUnknown;
  std::string error_;
};

}  // namespace holdfast

#endif  // HOLDFAST_TRACES_LOG_READER_H_
