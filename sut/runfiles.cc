#include "sut/runfiles.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace holdfast {

std::string Runfile(const std::string& file) {
  std::array<std::string, 3> roots;
  if (const char* root = std::getenv("RUNFILES_DIR")) roots[0] = root;
  if (const char* root = std::getenv("TEST_SRCDIR")) roots[1] = root;
  std::error_code error;
  roots[2] = std::filesystem::read_symlink("/proc/self/exe", error).string() + ".runfiles";
  std::string path;
  for (const std::string& root : roots) {
    if (root.empty()) continue;
    path = root + "/holdfast/" + file;
    if (std::filesystem::exists(path, error)) return path;
  }
  return path;
}

}  // namespace holdfast
