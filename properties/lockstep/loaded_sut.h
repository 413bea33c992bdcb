// The implementations that come with the suite, for tests: loaded or the test fails with the
// loader's sentence.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_LOADED_SUT_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_LOADED_SUT_H_

#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

#include "model/profile.h"
#include "sut/module.h"

namespace holdfast {

inline std::unique_ptr<Sut> Loaded(const std::string& name) {
  auto loaded = LoadSut(name);
  if (const std::string* error = std::get_if<std::string>(&loaded))
    throw std::runtime_error(*error);
  return std::move(std::get<Module>(loaded).sut);
}

// A profile on its own orchestrator, or on another one.
inline Profile On(const std::string& name) { return *FindProfile(name); }
inline Profile On(const std::string& name, Luo luo) {
  Profile profile = On(name);
  profile.luo = luo;
  return profile;
}

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_LOADED_SUT_H_
