#include "properties/lockstep/model_sut.h"

#include <cstddef>
#include <cstring>

#include "model/step.h"
#include "properties/lockstep/state_words.h"

namespace holdfast {

void ModelSut::Reset(const Topology& topology, Luo luo) {
  topology_ = topology;
  profile_.luo = luo;
  memory_.state = InitialState(topology_);
  memory_.queries = AnswerQueries(topology_, profile_, memory_.state);
  memory_.hidden = 0;
}

void ModelSut::Run(const Command& command, Outcome& outcome) {
  StepInPlace(topology_, profile_, memory_.state, command, outcome);
  memory_.queries = AnswerQueries(topology_, profile_, memory_.state);
  if (planted_) planted_(command, outcome, memory_);
}

void ModelSut::Save(Snapshot& snapshot) {
  std::size_t number = saved_.size();
  if (snapshot.bytes.empty()) {
    snapshot.bytes.resize(sizeof number);
    std::memcpy(snapshot.bytes.data(), &number, sizeof number);
    saved_.emplace_back();
  }
  std::memcpy(&number, snapshot.bytes.data(), sizeof number);
  saved_[number] = memory_;
}

void ModelSut::Restore(const Snapshot& snapshot) {
  std::size_t number = 0;
  std::memcpy(&number, snapshot.bytes.data(), sizeof number);
  memory_ = saved_[number];
}

bool ModelSut::Canonicalize(Past past, CanonicalMemory& memory) {
  memory.words = {memory_.hidden};
  AppendPast(memory_.state, past, memory.words);
  memory.places.assign(memory.words.size(), 0);
  memory.places[0] = 1;
  return true;
}

}  // namespace holdfast
