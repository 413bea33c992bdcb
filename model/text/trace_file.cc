#include "model/text/trace_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace holdfast {

std::variant<Trace, std::string> ReadTrace(const std::string& path, Completeness completeness) {
  struct stat status = {};
  const auto unreadable = [&path](const char* why) {
    return path + ":1:1: expected a readable file: " + why;
  };
  if (stat(path.c_str(), &status) != 0) return unreadable(std::strerror(errno));
  if (S_ISDIR(status.st_mode)) return unreadable(std::strerror(EISDIR));
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return unreadable(std::strerror(errno));
  std::string text(kMaxTraceBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return unreadable(std::strerror(errno));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return ParseTrace(text, path, completeness);
}

std::string WriteFileAtomically(const std::string& path, std::string_view text) {
  const auto failed = [&path] { return path + ": cannot be written: " + std::strerror(errno); };
  // The link is followed, so that the link stays.
  char* resolved = realpath(path.c_str(), nullptr);
  const std::string target = resolved == nullptr ? path : resolved;
  std::free(resolved);
  std::string temporary = target + ".XXXXXX";
  const int file = mkstemp(temporary.data());
  if (file < 0) return failed();
  struct stat status = {};
  const mode_t mode = stat(target.c_str(), &status) == 0 ? status.st_mode & 07777 : 0644;
  bool written = fchmod(file, mode) == 0;
  while (written && !text.empty()) {
    const ssize_t count = write(file, text.data(), text.size());
    written = count > 0 || (count < 0 && errno == EINTR);
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
  written = written && fsync(file) == 0;
  written = close(file) == 0 && written;
  if (written && std::rename(temporary.c_str(), target.c_str()) == 0) return {};
  const std::string error = failed();
  unlink(temporary.c_str());
  return error;
}

}  // namespace holdfast
