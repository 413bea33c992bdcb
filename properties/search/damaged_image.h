// Damaged images: a handover with records on several pages, and each damage of its image alone
// (sut/damaged_image.h).
//
// The handover is run in lockstep, up to the kexec. Then one field is damaged, and the next kernel
// takes the image over. The model has no damaged image, so the answer is judged by itself: refused,
// stopped and unnoticed are right answers. Followed and endless are wrong answers.
//
// A wrong answer breaks R12 where every public version refuses. Elsewhere the public versions trust
// the image, and no document promises that they look: there a wrong answer is a hazard, and a
// divergence of an implementation that is owed every rule (--hardened).
//
// A damage may end the process, under a sanitizer for example. So damages are tried in a child
// process, and such an end is an answer too: followed, or endless if it hung. The other values of
// that field are then not tried: each such end costs a fraction of a second.
#ifndef HOLDFAST_PROPERTIES_SEARCH_DAMAGED_IMAGE_H_
#define HOLDFAST_PROPERTIES_SEARCH_DAMAGED_IMAGE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/profile.h"
#include "model/scenario.h"
#include "properties/lockstep/counterexample.h"
#include "properties/lockstep/deadline.h"
#include "properties/lockstep/flight_recorder.h"
#include "sut/sut.h"

namespace holdfast {

struct DamagedImageOptions {
  Profile profile;
  bool hardened = false;
  bool in_process = false;             // for a debugger
  FlightRecorder* recorder = nullptr;  // says where the handover is, if its process dies
  Deadline deadline = {};
};

// Damages of one place with one wrong answer, by the first of them.
struct WrongAnswer {
  DamagedField field;
  DamageAnswer answer = DamageAnswer::kFollowed;
  std::string how;
  std::uint64_t alike = 1;  // this one included
};

struct DamagedImageResult {
  Scenario handover;                                        // up to the kexec
  std::uint64_t damages = 0;                                // that were looked at
  std::array<std::uint64_t, kDamageAnswerCount> answers{};  // by DamageAnswer: how many
  std::uint64_t not_tried = 0;  // of `damages`: another value of the field ended the process
  std::vector<WrongAnswer> wrong_answers;  // in the order of the damages
  bool finished = true;                    // before the deadline
  bool hardened = false;                   // each wrong answer is a divergence
  std::string not_checked;                 // why nothing is said of this implementation, if so
  std::optional<Counterexample> counterexample;  // of the handover

  std::uint64_t count(DamageAnswer answer) const {
    return answers[static_cast<std::size_t>(answer)];
  }
  // The first wrong answer that is a divergence; null: there is none.
  const WrongAnswer* divergence() const;
};

// The handover of a profile whose pages hold so many records.
Scenario HandoverToDamage(const Profile& profile, const Layout& layout);

// The implementation has a damaged_image().
DamagedImageResult DamageImages(Sut& sut, const DamagedImageOptions& options);

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_SEARCH_DAMAGED_IMAGE_H_
