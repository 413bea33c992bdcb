// The profile by which an implementation is asked: the profile that the implementation was written
// to, without the restoring side if the implementation has none.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_IN_FORCE_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_IN_FORCE_H_

#include "model/profile.h"
#include "sut/sut.h"

namespace holdfast {

inline Profile WithSidesOf(const Sut& sut, Profile profile) {
  profile.restores = profile.restores && sut.restores();
  profile.releases = profile.releases && sut.releases();
  return profile;
}

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_IN_FORCE_H_
