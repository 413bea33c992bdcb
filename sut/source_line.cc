#include "sut/source_line.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cctype>
#include <cstdint>
#include <string_view>

namespace holdfast {
namespace {

// What addr2line says of an address in an object, a line for each function that was inlined there,
// innermost first.
std::string Ask(const std::string& object, std::uintptr_t offset) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return "";
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  char address[32];
  snprintf(address, sizeof(address), "0x%zx", static_cast<std::size_t>(offset));
  const char* const arguments[] = {"addr2line", "-i", "-e", object.c_str(), address, nullptr};
  pid_t pid;
  const int failed = posix_spawnp(&pid, arguments[0], &actions, nullptr,
                                  const_cast<char* const*>(arguments), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string text;
  if (failed == 0) {
    char buffer[4096];
    for (ssize_t n; (n = read(ends[0], buffer, sizeof(buffer))) > 0;)
      text.append(buffer, static_cast<std::size_t>(n));
    waitpid(pid, nullptr, 0);
  }
  close(ends[0]);
  return text;
}

// The project's ports are of interest only where no file of a tree is: there they are the driver
// under test, and else they are the environment of one.
enum class Ports { kLeftOut, kAsWell };

// "/proc/self/cwd/drivers/iommu/liveupdate.c:310 (discriminator 2)" as a path of the tree and a
// line, if it is one of interest.
std::string Tidy(std::string line, Ports ports) {
  line = line.substr(0, line.find(" ("));
  const std::size_t colon = line.rfind(':');
  if (colon == std::string::npos || colon + 1 == line.size() ||
      !std::isdigit(static_cast<unsigned char>(line[colon + 1])))
    return "";
  if (line.substr(colon) == ":0" || line.starts_with("??")) return "";
  for (const std::string_view ours :
       {"sut/kernel/", "sut/core/", "sut/tree/interface.c", "sut/tree/binding.cc"}) {
    if (line.find(ours) != std::string::npos) return "";
  }
  if (ports == Ports::kLeftOut && line.find("sut/ports/") != std::string::npos) return "";
  constexpr std::string_view kWorkingDirectory = "/proc/self/cwd/";
  if (line.starts_with(kWorkingDirectory)) line.erase(0, kWorkingDirectory.size());
  while (line.starts_with("./")) line.erase(0, 2);
  return line.starts_with("/") ? "" : line;  // of a library, or of another machine
}

std::string SourceLine(const std::vector<const void*>& addresses, Ports ports) {
  for (const void* address : addresses) {
    Dl_info info;
    if (address == nullptr || dladdr(address, &info) == 0 || info.dli_fname == nullptr) continue;
    const std::string answer =
        Ask(info.dli_fname, reinterpret_cast<std::uintptr_t>(address) -
                                reinterpret_cast<std::uintptr_t>(info.dli_fbase));
    for (std::size_t begin = 0; begin < answer.size();) {
      const std::size_t end = answer.find('\n', begin);
      if (std::string line = Tidy(answer.substr(begin, end - begin), ports); !line.empty())
        return line;
      begin = end == std::string::npos ? answer.size() : end + 1;
    }
  }
  return "";
}

}  // namespace

std::string SourceLine(const std::vector<const void*>& addresses) {
  const std::string line = SourceLine(addresses, Ports::kLeftOut);
  return line.empty() ? SourceLine(addresses, Ports::kAsWell) : line;
}

}  // namespace holdfast
