// What a version of the code answers to the questions on which versions differ (model/profile.h),
// asked of the implementation itself.
//
// For an implementation of which only the interface is known, as a kernel tree's is: what its
// source offers is detected when it is built, what it does is asked here. Each question is a short
// sequence by a caller who breaks the contract, run in lockstep. Where the profile's own answer is
// not what comes, those of other versions are tried, and the first that agrees to the last detail
// (records, driver calls, teardown) is taken. Where none does, the profile stays as it is, and the
// run will say what diverges.
//
// Not a way to be let off. To a file that has the interface of a named version, only what is safer
// than that version is allowed: a refusal where it had none, a check where it followed a NULL. That
// it refuses no longer is a divergence. A file between two versions may have any of the answers,
// and what they let a caller do is listed among its hazards.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_DETECT_PROFILE_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_DETECT_PROFILE_H_

#include "model/profile.h"
#include "properties/lockstep/runner.h"

namespace holdfast {

// The profile with the answers that the implementation gives.
Profile AskForAnswers(Runner& runner, const Profile& profile);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_DETECT_PROFILE_H_
