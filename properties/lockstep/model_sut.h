// The model as an implementation: a Sut that answers by Step.
//
// The model conforms by construction, so it is the control of every experiment on the harness. A
// suite that diverges on the model is wrong. A suite that does not diverge on the model with a
// planted error checks nothing. The reference implementation is sut/core, not this.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_MODEL_SUT_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_MODEL_SUT_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>

#include "sut/sut.h"

namespace holdfast {

class ModelSut : public Sut {
 public:
  // All that the Sut remembers: the observed part, and the hidden part of a planted error.
  struct Memory : Observation {
    std::uint64_t hidden = 0;
  };

  // Called after every command. The suite sees its changes. Changes of the memory last, as the
  // changes of a bug do.
  using Error = std::function<void(const Command& command, Outcome& outcome, Memory& memory)>;

  explicit ModelSut(const Profile& profile, Error planted = nullptr)
      : profile_(profile), planted_(std::move(planted)) {}

  std::string name() const override { return "model." + std::string(profile_.name); }
  std::string profile() const override { return std::string(profile_.name); }
  Layout layout() const override { return profile_.layout; }
  bool restores() const override { return profile_.restores; }
  bool releases() const override { return profile_.releases; }
  void Reset(const Topology& topology, Luo luo) override;
  void Run(const Command& command, Outcome& outcome) override;
  void Observe(Observation& observation) override { observation = memory_; }
  void Save(Snapshot& snapshot) override;
  void Restore(const Snapshot& snapshot) override;
  bool Canonicalize(Past past, CanonicalMemory& memory) override;

 private:
  Profile profile_;
  Error planted_;
  Topology topology_;
  Memory memory_;
  // by the number that a snapshot's bytes spell; a snapshot saved into again keeps its own
  std::deque<Memory> saved_;
};

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_MODEL_SUT_H_
