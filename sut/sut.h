// The interface of an implementation under test (SUT).
//
// An implementation runs commands and lets the suite observe a model::State. The suite does
// everything through these calls. An implementation written to the environment of sut/kernel gets
// the interface for free (sut/kernel/adapter/adapter.h). Any other implementation implements this
// class itself (README.md, "Your own implementation").
//
// An implementation is deterministic: after Reset the same commands give the same outcomes and
// observations, whatever ran before.
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
#include "sut/callers.h"
#include "sut/damaged_image.h"
#include "sut/detail.h"

namespace holdfast {

// The suite's view of an implementation between two calls.
struct Observation {
  State state;
  Queries queries;
  Reach reach;  // not walked: the implementation has no hardware
};

// The implementation's whole memory at one moment. Only the Sut that made a snapshot can read it,
// until the Sut is reset to another topology or orchestrator.
class Snapshot {
 public:
  std::vector<std::byte> bytes;
  std::uint64_t number = 0;  // equal only if the bytes are; 0: not told
};

// How much of the past a canonical state shows. Records are appended and never used again, so the
// memory itself shows every past.
enum class Past : std::uint8_t {
  // DELETED records to which no pointer leads are left out; live ones are known by their object
  kForgotten,
  kOrder,  // live records are known by their age in their chain
  kWhole,  // DELETED ones stay too, with content and place
};

// The implementation's memory without its naming. Two memories with equal words behave alike for
// ever, with two exceptions: the implementation tells addresses apart otherwise than by comparing
// them, or reads memory that `past` leaves out. Naming that cannot be recognized stays.
struct CanonicalMemory {
  std::vector<std::uint64_t> words;
  // Asked for by the caller; else `places` means nothing.
  bool with_places = false;
  // By word: the field that the word was read from. Equal for one field of one kind of thing in
  // every memory. 0: the word says how the memory is built, and is no field.
  std::vector<std::uint64_t> places;
};

// The memory that an implementation holds, as the kernel would count.
struct Usage {
  std::uint32_t pages = 0;    // allocated, or preserved with KHO: of records, and tables
  std::uint32_t objects = 0;  // allocated and not freed

  bool operator==(const Usage&) const = default;
};

class Sut {
 public:
  virtual ~Sut() = default;

  // A name for reports ("core.v3"), and the text of the profile that the implementation was written
  // to ("v3", "v3 puts-flb luo=C").
  virtual std::string name() const = 0;
  virtual std::string profile() const = 0;
  // True: the profile was detected from the interface, and nobody says which of the version's
  // answers the implementation gives.
  virtual bool profile_is_detected() const { return false; }
  // The layout of the records that the implementation was built with (R14).
  virtual Layout layout() const = 0;

  // True: the suite asks only with callers that keep the contract. A driver port is of this kind.
  // Its duties suppose a core that keeps the contract with the port, and a breach by a caller is
  // aimed at the core.
  virtual bool contract_only() const { return false; }

  // The restoring side: whether the implementation has probe_device and restore_domain, and whether
  // it has release_device (Profile::restores, releases). Without them these commands do nothing.
  virtual bool restores() const { return false; }
  virtual bool releases() const { return false; }

  // Makes a fresh kernel in InitialState(topology) on that orchestrator, as if nothing had ever
  // run.
  virtual void Reset(const Topology& topology, Luo luo) = 0;

  // Runs one command that Fits the topology. A BUG, panic, bad access or deadlock is
  // Outcome::Kind::kCrashed. After a crash, every command until Reset crashes too.
  virtual void Run(const Command& command, Outcome& outcome) = 0;

  // Decodes the memory into `observation`, and overwrites all of its fields. Also works after a
  // crash.
  virtual void Observe(Observation& observation) = 0;

  virtual void Save(Snapshot& snapshot) = 0;
  virtual void Restore(const Snapshot& snapshot) = 0;

  // Whether a snapshot's bytes mean the same in other processes, under another number: in a process
  // that was forked since the last reset, and in the process that forked.
  virtual bool SnapshotsTravel() const { return false; }

  // False only if the memory equals, to the byte, the snapshot that was restored last.
  virtual bool Changed() { return true; }
  // False only if the last command passed the site fewer than `times` times. A fault that is armed
  // for that pass would not have fired.
  virtual bool Passes(FaultSite, int /*times*/) { return true; }
  // True: the last command asked for more memory than the simulated machine has left, and a fresh
  // machine would have had enough. Then the outcome shows a limit of the suite, and no behaviour of
  // the implementation.
  virtual bool Exhausted() { return false; }
  // For a site with a depth: the number of requests that the driver made there in the last command.
  // A deeper fault acts as a fault of that depth.
  virtual int Requests(FaultSite) { return UINT8_MAX; }
  // Overwrites `memory`. False if this implementation has no canonical form: the suite can then
  // explore it only as a black box. All that Observe shows must follow from the words, except for
  // the slot numbers.
  virtual bool Canonicalize(Past, CanonicalMemory&) { return false; }
  virtual Usage Measure() { return {}; }
  // For calls of several callers at once, from the memory as it is. nullptr: this implementation
  // cannot stop in the middle of a call.
  virtual Callers* callers() { return nullptr; }
  // For the image in memory, right after a kexec. nullptr: this implementation has no image that
  // can be damaged, or takes its records over by itself, as a driver port does.
  virtual DamagedImage* damaged_image() { return nullptr; }
  // Addresses of the implementation's code, for a report that names source lines: the entry point
  // of a verb, and the place where the last command first warned or crashed, innermost first. An
  // implementation without this knowledge returns nothing.
  virtual const void* EntryPoint(Verb) const { return nullptr; }
  virtual std::vector<const void*> LastFault() const { return {}; }
  // Of the first finding in the last command's outcome that has one: DMA that was disturbed, a
  // record that is untrue. Empty: none.
  virtual Detail LastDetail() const { return {}; }
  // For a report: the requests of a device that do not end where they should, a line for each id
  // that has one. `owed` is a domain's index or Reach::kBlocked. A line names the id, the address,
  // where the request ends and where it should, and the words of the tables that were read. Empty:
  // all do, or nothing is known.
  virtual std::vector<std::string> ExplainReach(std::uint8_t /*device*/, std::uint8_t /*owed*/) {
    return {};
  }
};

}  // namespace holdfast

#endif  // HOLDFAST_SUT_SUT_H_
