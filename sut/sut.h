// What the suite needs of any implementation under test (SUT).
//
// An implementation runs commands and lets itself be observed as a model::State; everything that
// the suite does, it does through these calls. An implementation written to sut/kernel's
// environment gets them for free (sut/kernel/adapter/adapter.h); one that is not, implements this class
// itself (README.md, "Your own implementation").
//
// Determinism is owed: after Reset the same commands give the same outcomes and observations,
// whatever ran before.
#ifndef HOLDFAST_SUT_SUT_H_
#define HOLDFAST_SUT_SUT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/command.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/reach.h"
#include "model/state.h"
#include "model/topology.h"

namespace holdfast {

// What the suite sees of an implementation between two calls.
struct Observation {
  State state;
  Queries queries;
  Reach reach;  // not walked: the implementation has no hardware
};

// The implementation's whole memory at one moment; opaque, and good only for the Sut that made it,
// until it is reset to another topology or orchestrator.
class Snapshot {
 public:
  std::vector<std::byte> bytes;
  std::uint64_t number = 0;  // equal only if the bytes are; 0: not told
};

// How much of the past a canonical state shows. Records are appended and never used again, so in
// memory every past shows.
enum class Past : std::uint8_t {
  // DELETED records that no pointer leads to are garbage; live ones are known by their object
  kForgotten,
  kOrder,  // live records are known by their age in their chain
  kWhole,  // DELETED ones stay too, with content and place
};

// The implementation's memory without its naming. Two memories with equal words behave alike, for
// good, unless the implementation tells addresses apart otherwise than by comparing them, or reads
// what `past` leaves out; what cannot be recognized as naming stays.
struct CanonicalMemory {
  std::vector<std::uint64_t> words;
};

// What an implementation holds, as the kernel would count it.
struct Usage {
  std::uint32_t pages = 0;    // allocated, or preserved with KHO: of records, and tables
  std::uint32_t objects = 0;  // allocated and not freed

  bool operator==(const Usage&) const = default;
};

class Sut {
 public:
  virtual ~Sut() = default;

  // A name for reports ("core.v3"), and the profile that it was written to, as text ("v3", "v3
  // puts-flb luo=C").
  virtual std::string name() const = 0;
  virtual std::string profile() const = 0;
  // True: that profile is what its interface was found to be, and nobody says which of a version's
  // answers it gives.
  virtual bool profile_is_detected() const { return false; }
  // The record sizes that it was built with (R14).
  virtual Layout layout() const = 0;

  // True: owed nothing by a caller that breaks the contract, and so not asked. A driver port is:
  // what it owes supposes a core that keeps the contract with it, and the core is what a breach is
  // aimed at.
  virtual bool contract_only() const { return false; }

  // A fresh kernel in InitialState(topology) on that orchestrator, as if nothing had ever run.
  virtual void Reset(const Topology& topology, Luo luo) = 0;

  // Runs one command that Fits the topology. A BUG, panic, bad access or deadlock is
  // Outcome::Kind::kCrashed; after one, every command until Reset is too.
  virtual void Run(const Command& command, Outcome& outcome) = 0;

  // Decodes the memory into `observation`, all of whose fields are overwritten. Also after a crash.
  virtual void Observe(Observation& observation) = 0;

  virtual void Save(Snapshot& snapshot) = 0;
  virtual void Restore(const Snapshot& snapshot) = 0;

  // Whether a snapshot's bytes, under another number, mean the same in any process that was forked
  // since the last reset, and in the one that it was forked from.
  virtual bool SnapshotsTravel() const { return false; }

  // False only if the memory is to the byte what it was when the last snapshot was restored.
  virtual bool Changed() { return true; }
  // False only if the last command passed the site less often than that: armed for it, the fault
  // would not have fired.
  virtual bool Passes(FaultSite, int /*times*/) { return true; }
  // True: the last command asked for more memory than is left of the simulated machine's, which a
  // fresh one would have had. What it did then is the suite's limit, and no behaviour of the
  // implementation.
  virtual bool Exhausted() { return false; }
  // Of a site with a depth: how many requests the driver made there in the last command. A deeper
  // fault is one of that depth.
  virtual int Requests(FaultSite) { return UINT8_MAX; }
  // Overwrites `memory`. False if this implementation cannot say: it can then be explored as a
  // black box only. All that Observe shows must follow from the words, but for the slot numbers.
  virtual bool Canonicalize(Past, CanonicalMemory&) { return false; }
  virtual Usage Measure() { return {}; }
  // For a report that names source lines, addresses of the implementation's code: the entry point
  // for a verb, and where the last command first warned or where it crashed, innermost first. An
  // implementation that does not know says nothing.
  virtual const void* EntryPoint(Verb) const { return nullptr; }
  virtual std::vector<const void*> LastFault() const { return {}; }
};

}  // namespace holdfast

#endif  // HOLDFAST_SUT_SUT_H_
