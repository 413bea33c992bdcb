#include "traces/log/reader.h"

#include <cerrno>
#include <cstring>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <sys/stat.h>

namespace holdfast {

LogReader::LogReader(std::string path) : path_(std::move(path)), buffer_(2 * kMaxLogLine) {
  struct stat status = {};
  errno = 0;
  if (stat(path_.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) {
      errno = EISDIR;
    } else {
      file_.reset(std::fopen(path_.c_str(), "rb"));
    }
  }
  if (!file_)
    error_ = fmt::format("{}:1:1: expected a readable file: {}", path_, std::strerror(errno));
}

bool LogReader::Fail(std::size_t column, std::string_view expected) {
  error_ = fmt::format("{}:{}:{}: expected {}", path_, line_, column, expected);
  return false;
}

bool LogReader::NextLine(std::string_view& line) {
  ++line_;
  for (;;) {
    const char* start = buffer_.data() + begin_;
    const std::size_t size = end_ - begin_;
    const void* newline = std::memchr(start, '\n', size);
    const std::size_t length =
        newline ? static_cast<std::size_t>(static_cast<const char*>(newline) - start) : size;
    if (length > kMaxLogLine)
      return Fail(kMaxLogLine + 1, fmt::format("a line of at most {} bytes", kMaxLogLine));
    if (newline != nullptr) {
      line = {start, length};
      begin_ += length + 1;
      return true;
    }
    std::memmove(buffer_.data(), start, size);
    begin_ = 0;
    end_ = size;
    const std::size_t count =
        std::fread(buffer_.data() + end_, 1, buffer_.size() - end_, file_.get());
    end_ += count;
    if (count > 0) continue;
    if (std::ferror(file_.get()))
      return Fail(1, std::string("a readable file: ") + std::strerror(errno));
    if (size == 0) return false;
    line = {buffer_.data(), size};  // the last line has no end
    begin_ = end_;
    return true;
  }
}

bool LogReader::Next(LogEvent& event) {
  std::string_view line;
  if (!error_.empty() || !NextLine(line)) return false;
  const auto parsed = ParseLogLine(line, format_);
  if (const auto* error = std::get_if<TextError>(&parsed))
    return Fail(error->column, error->expected);
  event = std::get<LogEvent>(parsed);
  return true;
}

}  // namespace holdfast
