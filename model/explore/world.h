// A bounded world: everything that an exhaustive search walks.
//
// A world is a topology, an alphabet, a caller and bounds. The alphabet is generated: every command
// of the world's aspects on every object. With `faults` each command is there once more for every
// place at which it can fail. The caller keeps the contract, or may break the named clauses. The
// bounds limit the objects that are there at one time, and never the length of a sequence. Together
// with canonical states (canonical.h) they make the space finite. A search that ends has seen
// sequences of every length.
//
// A command whose result would exceed a bound is a *cut*. Every search counts its cuts and reports
// them. A world without a cut is closed: no longer sequence leads anywhere else.
//
// A world knows no profile: every version gets the same commands.
#ifndef HOLDFAST_MODEL_EXPLORE_WORLD_H_
#define HOLDFAST_MODEL_EXPLORE_WORLD_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/command.h"
#include "model/rules/contract.h"
#include "model/state.h"
#include "model/topology.h"

namespace holdfast {

// What the world is about, beside the files, domains and devices that are always in it.
enum class Aspect : std::uint8_t {
  kAttach,    // devices are attached to any domain, at any time
  kFaults,    // every call fails at every place where it can
  kOwners,    // DMA owners are claimed and released
  kWalk,      // iommu_for_each_dev, with every stop
  kHandover,  // freeze, kexec, retrieve and finish; the next kernel goes on with the same alphabet
  kRestore,   // with the handover: devices are probed, restored and released
};
inline constexpr int kAspectCount = 6;
using Aspects = std::uint8_t;
constexpr Aspects AspectBit(Aspect aspect) {
  return static_cast<Aspects>(1u << static_cast<int>(aspect));
}
inline constexpr Aspects kAllAspects = (1u << kAspectCount) - 1;
inline constexpr Aspects kDefaultAspects = AspectBit(Aspect::kAttach) | AspectBit(Aspect::kFaults);

// Every clause may be broken.
inline constexpr Breaches kHostile = ((1u << kClauseCount) - 1) << 1;

// How much of each there may be at one time.
struct Bounds {
  int files = 2;           // dependent files
  int claims = 2;          // of a group's DMA owner
  int device_records = 1;  // live records of a device; a second one takes a caller who breaks C2
  int domain_records = 1;  // live records of a domain
  int leaked_refs = 1;     // references on the FLB that are no file's

  bool operator==(const Bounds&) const = default;
};

struct World {
  Topology topology;
  Aspects aspects = kDefaultAspects;
  // the clauses that the caller may break; 0: a caller who keeps the contract
  Breaches allowed = 0;
  Bounds bounds;

  bool Has(Aspect aspect) const { return (aspects & AspectBit(aspect)) != 0; }
  bool operator==(const World&) const = default;
};

// The numbers of the command line's D,I,M.
struct WorldSize {
  int devices = 0, iommus = 0, domains = 0;

  bool operator==(const WorldSize&) const = default;
};

// Plain devices, dealt out to the IOMMUs in turn (MakeTopology). With C2 allowed, a device and a
// domain may have two records.
World MakeWorld(const WorldSize& size, Aspects aspects = kDefaultAspects, Breaches allowed = 0);

// Every command, in a fixed order: those without a fault before those with one, then by verb, then
// by object. So of two shortest sequences the one with fewer faults, and then with the lower names,
// comes first. An armed fault need not fire in a state; such a command is the same as the one
// without it, and a search leaves it out (Duplicates).
std::vector<Command> Alphabet(const World& world);

// Where a verb can be made to fail: each (site, nth) that a call of it can pass. From
// docs/model.md.
std::span<const Fault> FaultsOf(Verb verb);

// The command did what it does without its fault, which is in the alphabet too.
inline bool Duplicates(const Command& command, bool fault_fired) {
  return command.fault.armed() && !fault_fired;
}

// The world's caller would make this call in this state.
bool Calls(const World& world, const State& state, const Command& command);

// No bound is exceeded.
bool Within(const World& world, const State& state);

// From text and to text; each is the other's inverse. An error says what was expected, in words
// that follow "expected ".
struct Expected {
  std::string what;
};
std::variant<WorldSize, Expected> ParseWorldSize(std::string_view text);  // "4,2,3"
// "attach,faults", "none", "all"
std::variant<Aspects, Expected> ParseAspects(std::string_view text);
// "contract", "hostile", "C1,C2"
std::variant<Breaches, Expected> ParseCallers(std::string_view text);
std::string PrintAspects(Aspects aspects);
std::string PrintCallers(Breaches allowed);
// "at most 2 files, 1 live record of a device and 1 of a domain": the bounds that bear on the
// world.
std::string PrintBounds(const World& world);

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_EXPLORE_WORLD_H_
