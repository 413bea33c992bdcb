#include "sut/module.h"

#include <dlfcn.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "sut/entry.h"
#include "sut/surroundings.h"

namespace holdfast {
namespace {

bool IsElf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  char magic[4] = {};
  file.read(magic, sizeof(magic));
  return std::string_view(magic, sizeof(magic)) == "\177ELF";
}

}  // namespace

std::variant<Module, std::string> LoadModule(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return path + ": no such file; expected a shared object built by holdfast_sut";
  }
  if (!std::filesystem::is_regular_file(path, error) || !IsElf(path)) {
    return path + ": not an ELF file; expected a shared object built by holdfast_sut";
  }
  // What its constructors write is none of the suite's text.
  const KeepApart apart;
  // Absolute, because a name without a slash would be looked up among the system's libraries.
  void* object = dlopen(std::filesystem::absolute(path).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!object) return path + ": cannot be loaded: " + dlerror();
  const auto entry_point = reinterpret_cast<const SutEntry* (*)()>(dlsym(object, kSutEntrySymbol));
  if (!entry_point)
    return path + ": no symbol " + kSutEntrySymbol +
           "; expected a shared object built by holdfast_sut";
  const SutEntry* entry = entry_point();
  const auto refuse = [&path](const char* what, std::uint32_t found, std::uint32_t expected) {
    return path + ": " + what + " " + std::to_string(found) + "; expected " +
           std::to_string(expected) + ", so it was built for another version of the suite";
  };
  if (!entry || entry->magic != kSutMagic)
    return path + ": not an entry of this suite; expected its magic number";
  if (entry->version != kSutVersion) return refuse("version", entry->version, kSutVersion);
  if (entry->state_size != sizeof(State))
    return refuse("size of State", entry->state_size, sizeof(State));
  if (entry->outcome_size != sizeof(Outcome))
    return refuse("size of Outcome", entry->outcome_size, sizeof(Outcome));
  if (!entry->make) return path + ": no function make; expected one that returns a Sut";
  Module module = {.path = path, .sut = std::unique_ptr<Sut>(entry->make())};
  if (!module.sut) return path + ": make returned nothing; expected a Sut";
  return module;
}

std::string FileForCallers(const std::string& path) {
  std::filesystem::path beside = path;
  std::error_code error;
  beside.replace_extension(".callers" + beside.extension().string());
  return std::filesystem::is_regular_file(beside, error) ? beside.string() : "";
}

}  // namespace holdfast
