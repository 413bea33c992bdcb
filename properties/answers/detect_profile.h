// The answers of an implementation to the questions on which versions differ (model/profile.h).
// The implementation itself is asked.
//
// Some implementations have a known interface and nothing else, as a kernel tree's has. The build
// detects what the source offers. The run asks here what the code does. Each question is a few
// short sequences by a caller who breaks the contract, run in lockstep, without any tolerance. If
// the implementation does not give the profile's own answer, the answers of other versions are
// tried. The first answer that agrees in every detail (records, driver calls, teardown) is taken.
// If no answer agrees, the profile stays as it is, and the run will judge the difference.
//
// Detection excuses no mistake. Each answer that is taken is some version's. A file with the
// interface of a named version may be safer than that version: a refusal where the version had
// none, a check where the version followed a NULL. A refusal that is gone is a divergence. The
// hazards of the run list what these answers let a caller do.
#ifndef HOLDFAST_PROPERTIES_ANSWERS_DETECT_PROFILE_H_
#define HOLDFAST_PROPERTIES_ANSWERS_DETECT_PROFILE_H_

#include "model/profile.h"
#include "properties/lockstep/runner.h"

namespace holdfast {

// The profile with the answers that the implementation gives.
Profile AskForAnswers(Runner& runner, const Profile& profile);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_ANSWERS_DETECT_PROFILE_H_
