// For tests: a loaded implementation, or a failed test that says why there is none.
#ifndef HOLDFAST_SUT_LOADED_H_
#define HOLDFAST_SUT_LOADED_H_

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "sut/module.h"

namespace holdfast {

inline std::unique_ptr<Sut> Load(const std::string& name_or_path) {
  std::variant<Module, std::string> result = LoadSut(name_or_path);
  if (Module* module = std::get_if<Module>(&result)) return std::move(module->sut);
  std::fprintf(stderr, "%s\n", std::get<std::string>(result).c_str());
  std::abort();
}

}  // namespace holdfast

#endif  // HOLDFAST_SUT_LOADED_H_
