// The answers that tell two profiles apart: one question of the table of profiles
// (docs/spec/rules.md 4) at a time, by a shortest sequence.
//
// Two versions differ in several answers, and one shortest sequence shows only the first of them.
// So each question is asked alone: profile A is compared with A that has B's answer to this
// question. If the answers are the same, there is nothing to search for. The layout is a search of
// its own: it decides how many records a page holds, and a canonical state's pages are never full
// (canonical.h).
//
// The search is breadth first over the canonical states of a world in which the question can come
// up (model/explore/world.h), in the alphabet's order. Until a command tells the profiles apart,
// both are in the same state, so the space is that of one model. The search ends with a shortest
// sequence, or with every state of the world seen and no difference.
//
// The search at full pages starts at each of these states. It turns every loop of one or two
// commands that leaves slots behind, on states with their history. It stops when a chain is longer
// than a page of both profiles. Before every command of the loop it tries each command of the
// world, and each with a failing page allocation. It ends with a shortest sequence of that shape.
#ifndef HOLDFAST_MODEL_EXPLORE_COMPARE_PROFILES_H_
#define HOLDFAST_MODEL_EXPLORE_COMPARE_PROFILES_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "model/command.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/state.h"
#include "model/explore/world.h"

namespace holdfast {

// A loop that fills a page.
struct Turns {
  std::vector<Command> turn;
  std::uint64_t whole = 0;  // how often it was turned, before the last commands
};

struct ToldApart {
  // a shortest sequence; its last command is answered otherwise, or leaves another state
  std::vector<Command> commands;
  Outcome a, b;                // of that command
  State state_a, state_b;      // after it
  std::optional<Turns> turns;  // what filled a page; else no page is full
};

struct ComparedProfiles {
  std::optional<ToldApart> difference;
  std::uint64_t states = 0;  // canonical states that were expanded; both profiles agree in each
  // turned until a page was full; 0 if a shorter sequence was found before
  std::uint64_t loops = 0;
};

// A sequence with a full page is searched for only if there is none without. Throws
// std::length_error if the world has more than a million states.
ComparedProfiles TellApart(const World& world, const Profile& a, const Profile& b);

struct ProfileQuestion {
  std::string_view question;  // as the table has it
  World world;                // in which it can come up
  // Gives A the other profile's answer; nothing where every version gives the same one.
  void (*take)(Profile& a, const Profile& b) = nullptr;
};

// The rows of the table, in order, and whether the option is on.
std::span<const ProfileQuestion> ProfileQuestions();

// The answers that only a version between two gives otherwise (ProfileAnswers): no row of the
// table.
std::span<const ProfileQuestion> QuestionsBetweenVersions();

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_EXPLORE_COMPARE_PROFILES_H_
