// What tells two profiles apart: one question of the table of profiles (spec/rules.md) at a time, by a shortest sequence.
//
// Two versions differ in several answers at once, and the shortest sequence that tells them apart shows only the first. So a question
// is asked alone: of profile A, and of A with B's answer to that question and to no other. Where the answers are the same there is
// nothing to search for. Where they are not, but no call shows it (the version in the top record), the records' layout does. A layout also decides when a page is full, which
// canonical states never are (canonical.h): that difference is not searched for.
//
// The search is breadth first over the canonical states of a world in which the question can come up (model/world.h), in the
// alphabet's order: as long as no command told them apart both are in the same state, so the space is that of one model. It ends with a
// shortest sequence, or with every state of the world seen and nothing told apart.
#ifndef HOLDFAST_MODEL_TELL_APART_H_
#define HOLDFAST_MODEL_TELL_APART_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "model/command.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/state.h"
#include "model/world.h"

namespace holdfast {

struct ToldApart {
  std::vector<Command> commands;  // a shortest sequence; its last command is answered otherwise, or leaves another state
  Outcome a, b;                   // of that command
  State state_a, state_b;         // after it
};

struct ComparedProfiles {
  std::optional<ToldApart> difference;
  std::uint64_t states = 0;  // canonical ones that were gone on from, in all of which both agreed
};

// Throws std::length_error if the world has more than a million states.
ComparedProfiles TellApart(const World& world, const Profile& a, const Profile& b);

struct ProfileQuestion {
  std::string_view question;  // as the table has it
  World world;                // in which it can come up
  // Gives A the other profile's answer; nothing where every version gives the same one.
  void (*take)(Profile& a, const Profile& b) = nullptr;
};

// The rows of the table, in order, and whether the option is on.
std::span<const ProfileQuestion> ProfileQuestions();

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_TELL_APART_H_
