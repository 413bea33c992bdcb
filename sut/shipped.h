// The implementations that come with the suite: the cores, the driver ports and the mutants.
#ifndef HOLDFAST_SUT_SHIPPED_H_
#define HOLDFAST_SUT_SHIPPED_H_

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "sut/module.h"

namespace holdfast {

struct BuiltinSut {
  std::string name;  // "core.v3"
  std::string file;  // below the workspace
  std::string path;
  std::string about;  // one line
};

// In a fixed order.
std::vector<BuiltinSut> BuiltinSuts();

// A built-in by name, or a shared object by path (anything with a '/' or ending in ".so").
std::variant<Module, std::string> LoadSut(const std::string& name_or_path);

// The same where nothing can be done without the implementation: the error is an exception.
std::unique_ptr<Sut> Loaded(const std::string& name_or_path);

}  // namespace holdfast

#endif  // HOLDFAST_SUT_SHIPPED_H_
