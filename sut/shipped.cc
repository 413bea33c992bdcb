#include "sut/shipped.h"

#include <stdexcept>
#include <string_view>
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

}  // namespace

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

std::unique_ptr<Sut> Loaded(const std::string& name_or_path) {
  auto loaded = LoadSut(name_or_path);
  if (const std::string* error = std::get_if<std::string>(&loaded))
    throw std::runtime_error(*error);
  return std::move(std::get<Module>(loaded).sut);
}

}  // namespace holdfast
