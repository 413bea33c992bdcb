// What the suite needs of any implementation under test (SUT).
//
// An implementation runs commands and lets itself be observed as a model::State; everything that the suite does, it does through
// these calls. An implementation written to sut/kernel's environment gets them for free (sut/kernel/adapter.h); one that is not,
// implements this class itself (README.md, "Your own implementation").
//
// Determinism is owed: after Reset the same commands give the same outcomes and observations, whatever ran before.
#ifndef HOLDFAST_SUT_SUT_H_
#define HOLDFAST_SUT_SUT_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "model/command.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/state.h"
#include "model/topology.h"

namespace holdfast {

// What the suite sees of an implementation between two calls.
struct Observation {
  State state;
  Queries queries;
};

// The implementation's whole memory at one moment; opaque, and good only for the Sut that made it.
class Snapshot {
 public:
  std::vector<std::byte> bytes;
};

class Sut {
 public:
  virtual ~Sut() = default;

  // A name for reports ("core.v3"), and the profile that it was written to.
  virtual std::string name() const = 0;
  virtual std::string profile() const = 0;
  // The record sizes that it was built with (R14).
  virtual Layout layout() const = 0;

  // A fresh kernel in InitialState(topology) on that orchestrator, as if nothing had ever run.
  virtual void Reset(const Topology& topology, Luo luo) = 0;

  // Runs one command that Fits the topology. A BUG, panic, bad access or deadlock is Outcome::Kind::kCrashed; after one, every
  // command until Reset is too.
  virtual void Run(const Command& command, Outcome& outcome) = 0;

  // Decodes the memory into `observation`, all of whose fields are overwritten. Also after a crash.
  virtual void Observe(Observation& observation) = 0;

  virtual void Save(Snapshot& snapshot) = 0;
  virtual void Restore(const Snapshot& snapshot) = 0;

  // For a report that names source lines, addresses of the implementation's code: the entry point for a verb, and where the last
  // command first warned or where it crashed, innermost first. An implementation that does not know says nothing.
  virtual const void* EntryPoint(Verb) const { return nullptr; }
  virtual std::vector<const void*> LastFault() const { return {}; }
};

}  // namespace holdfast

#endif  // HOLDFAST_SUT_SUT_H_
