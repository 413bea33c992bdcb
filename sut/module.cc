#include "sut/module.h"

#include <dlfcn.h>

#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "sut/mutants/mutants.h"
#include "sut/runfiles.h"

namespace holdfast {
namespace {

struct Shipped {
  const char* name;
  const char* file;  // below the workspace
  const char* about;
};

constexpr Shipped kShipped[] = {
    {"core.v3", "sut/core_v3.so", "the seed"},
    {"core.v5", "sut/core_v5.so", "the later version"},
    {"stubs", "sut/stubs.so", "a kernel without CONFIG_IOMMU_LIVEUPDATE"},
    {"port.vtd.legacy", "sut/vtd_legacy.so", "Intel VT-d in legacy mode (v3)"},
    {"port.vtd.scalable", "sut/vtd_scalable.so",
     "Intel VT-d in scalable mode, second-stage tables (v3)"},
    {"port.vtd.first", "sut/vtd_first.so", "Intel VT-d in scalable mode, first-stage tables (v5)"},
    {"port.smmuv3.stage1", "sut/smmuv3_stage1.so", "Arm SMMUv3, stage 1 and one CD a device (v5)"},
    {"port.smmuv3.substreams", "sut/smmuv3_substreams.so",
     "Arm SMMUv3, stage 1 and two-level CD tables (v5)"},
    {"port.smmuv3.linear", "sut/smmuv3_linear.so",
     "Arm SMMUv3, stage 1 and a linear stream table (v5)"},
    {"port.smmuv3.stage2", "sut/smmuv3_stage2.so", "Arm SMMUv3, stage 2 (v5)"},
};

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

std::vector<BuiltinSut> BuiltinSuts() {
  std::vector<BuiltinSut> builtins;
  const auto add = [&](std::string_view name, std::string_view file, std::string about) {
    builtins.push_back(
        {std::string(name), std::string(file), Runfile(std::string(file)), std::move(about)});
  };
  for (const Shipped& shipped : kShipped) add(shipped.name, shipped.file, shipped.about);
  for (const Mutant& mutant : Mutants()) {
    add(mutant.name, mutant.file,
        std::string(mutant.planted) + " (" + std::string(mutant.profile) + ")");
  }
  return builtins;
}

std::variant<Module, std::string> LoadSut(const std::string& name_or_path) {
  if (name_or_path.find('/') != std::string::npos || name_or_path.ends_with(".so"))
    return LoadModule(name_or_path);
  std::string names;
  for (const BuiltinSut& builtin : BuiltinSuts()) {
    if (builtin.name == name_or_path) return LoadModule(builtin.path);
    if (!builtin.name.starts_with("mutant.")) names += builtin.name + ", ";
  }
  return name_or_path + ": no such implementation; expected a path of a shared object, or one of " +
         names + "mutant.NAME (`holdfast suts` lists them)";
}

}  // namespace holdfast
