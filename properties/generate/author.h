// Writes one scenario, with the model beside it to know the state. So a preserve finds a domain to
// name, and a fault finds something to strike.
//
// A case is a row of moves. A move is a call or a repetition of calls. A third of the cases live an
// orderly life: a session at the beginning, a handover at the end, and perhaps another session
// afterwards. The ideas (ideas.h) make the other differences between two cases.
#ifndef HOLDFAST_PROPERTIES_GENERATE_AUTHOR_H_
#define HOLDFAST_PROPERTIES_GENERATE_AUTHOR_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "model/command.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/scenario.h"
#include "model/state.h"
#include "properties/generate/dice.h"
#include "properties/generate/ideas.h"
#include "properties/lockstep/mode.h"
#include "properties/generate/repetition.h"
#include "properties/generate/swarm.h"
#include "properties/generate/unseen.h"

namespace holdfast {

class Author {
 public:
  // `unseen` counts what earlier cases have made happen. This case adds to it.
  Author(const Profile& profile, Mode mode, const Ideas& ideas, Dice dice, Unseen& unseen);

  // `size` from 0 to kFullSize bounds the length. To be called once.
  Scenario Write(int size);

 private:
  // A case ends there, in the middle of a repetition too, because each call costs as much as there
  // are records.
  static constexpr std::size_t kMostCommands = 400;

  bool Add(const Command& command);
  bool Add(std::span<const Command> calls);
  bool Allowed(const Command& command) const;
  bool IsOver() const { return state_.crashed || scenario_.commands.size() >= kMostCommands; }
  void Generations(std::size_t moves);
  void Session();
  void HandOver();
  void TakeOver();
  void Moves(std::size_t moves);
  bool Move();
  void Repeat();
  void FillPage();
  void Knock(const Command& call);
  Command Choose();
  Command Propose();
  VerbWeights WeightsNow() const;
  Verb DrawVerb();
  std::uint32_t FaultPercent() const;
  void FillIn(Command& command);
  void Arm(Command& command);
  bool Passes(const Command& command, FaultSite site) const;
  std::uint8_t Device();
  std::uint8_t Domain();

  const Mode mode_;
  const Ideas ideas_;
  Dice dice_;
  Unseen& unseen_;
  Scenario scenario_;
  const PageCapacities page_;
  State state_;
  Outcome outcome_;
  Swarm swarm_;
  // The result of WeightsNow(), as long as its inputs stay the same.
  std::uint32_t weighed_ = 0;
  VerbWeights weights_{};
  std::uint32_t careless_percent_ = 0;
  std::uint32_t repeat_percent_ = 0;
  bool looks_for_unseen_ = false;
  bool kexeced_ = false;
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_GENERATE_AUTHOR_H_
