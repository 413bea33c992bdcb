// The ideas of the generators. Each idea has a file of its own, and each idea can be left out:
// docs/generation.md measures its worth.
#ifndef HOLDFAST_PROPERTIES_GENERATE_IDEAS_H_
#define HOLDFAST_PROPERTIES_GENERATE_IDEAS_H_

namespace holdfast {

struct Ideas {
  bool swarm = true;  // swarm.h: each case leaves some verbs, objects and faults out
  // unseen.h: of two calls, the call that was made less often in such a state
  bool unseen = true;
  bool lengths = true;  // length.h: short cases, and long ones
  // repetition.h: calls n times, calls and their inverse, loops, up to the end of a page
  bool repetition = true;

  bool operator==(const Ideas&) const = default;
};

inline constexpr Ideas kNoIdeas = {
    .swarm = false, .unseen = false, .lengths = false, .repetition = false};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_GENERATE_IDEAS_H_
