#include "sut/runfiles.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace holdfast {

std::string Runfile(const std::string& file) {
  // The last: below the folder of the build, for what is built beside the binary and is no data of
  // its own.
  std::array<std::string, 4> roots;
  if (const char* root = std::getenv("RUNFILES_DIR")) roots[0] = root;
  if (const char* root = std::getenv("TEST_SRCDIR")) roots[1] = root;
  std::error_code error;
  const std::filesystem::path binary = std::filesystem::read_symlink("/proc/self/exe", error);
  for (int i = 0; i < 2; ++i) {
    if (!roots[i].empty()) roots[i] += "/holdfast/";
  }
  roots[2] = binary.string() + ".runfiles/holdfast/";
  roots[3] = binary.parent_path().parent_path().string() + "/";
  std::string path;
  for (const std::string& root : roots) {
    if (root.empty()) continue;
    path = root + file;
    if (std::filesystem::exists(path, error)) return path;
  }
  return path;
}

}  // namespace holdfast
