// The implementations that come with the suite, and their profiles, for tests.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_LOADED_SUT_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_LOADED_SUT_H_

#include <string>

#include "model/profile.h"
#include "sut/shipped.h"

namespace holdfast {

// A profile on its own orchestrator, or on another one.
inline Profile On(const std::string& name) { return *FindProfile(name); }
inline Profile On(const std::string& name, Luo luo) {
  Profile profile = On(name);
  profile.luo = luo;
  return profile;
}

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_LOADED_SUT_H_
