// The text of commands, outcomes, topologies and states, both ways. Nothing else prints or parses
// them.
//
// One line is one statement (docs/trace-format.md has the grammar and a worked example). Printing
// is canonical: one text for one value. Parsing is strict: what is not understood is an error with
// its column, and nothing is skipped. For every value v that fits its topology, Parse(Print(v)) ==
// v.
#ifndef HOLDFAST_MODEL_TEXT_TEXT_H_
#define HOLDFAST_MODEL_TEXT_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/command.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/state.h"
#include "model/topology.h"

namespace holdfast {

// Where a text went wrong and what was expected there: "column 17: expected a domain of the
// topology, dom0 to dom2".
struct TextError {
  std::size_t column = 1;  // from 1, in bytes of the text handed in
  std::string expected;    // without the word "expected"

  bool operator==(const TextError&) const = default;
};
template <typename T>
using Parsed = std::variant<T, TextError>;

inline constexpr int kMaxErrno = 4095;  // the kernel's MAX_ERRNO

// "ENOMEM" for 12, and back (0 if unknown). The names are glibc's; of two names for one number, the
// kernel's own.
std::string_view ErrnoName(int error);
int ErrnoNumber(std::string_view name);

std::string_view VerbName(Verb verb);            // "preserve_device"
std::string_view FaultSiteName(FaultSite site);  // "iommu.preserve_device"
std::string_view OpName(Op op);                  // "iommu.preserve_device", "pt.preserve", "visit"
std::string_view FindingName(Finding finding);   // "op-without-lock"
std::string_view LuoName(Luo luo);               // "A", "off"

// "v3"; "v3 puts-flb double-device=-EBUSY" where it answers otherwise than its name does, "v5
// no-singleton-groups" where it has what its name has and it has not; "v5 luo=A" where the
// orchestrator is not the profile's own.
std::string PrintProfile(const Profile& profile);
Parsed<Profile> ParseProfile(std::string_view text);

// "iommu0(dev0 dev1:nonpci) iommu1:no-unpreserve(dev2:group=dev0) dom0 dom1:no-ops"
std::string PrintTopology(const Topology& topology);
Parsed<Topology> ParseTopology(std::string_view text);

// "preserve_device dom0 dev0 fail=iommu.preserve:-EIO"
std::string PrintCommand(const Command& command);
Parsed<Command> ParseCommand(std::string_view text, const Topology& topology);

// What a caller sees: "0", "-ENOMEM", "void", "WARN", "CRASH" ("0 WARN" for a call that returned
// and warned). Parsing fills kind, error and warned, and nothing else; `verb` says whether "no
// error" is 0 or void.
std::string PrintOutcome(const Outcome& outcome);
Parsed<Outcome> ParseOutcome(std::string_view text, Verb verb);

// The driver calls of an outcome on one line, for reports:
// "iommu.preserve iommu0 hw#0, iommu.preserve_device dev0 device#0 = -EIO".
std::string PrintCalls(const Outcome& outcome);
std::string PrintFindings(FindingSet findings);

// A state on one line, without the word "state": "domains[dom0] iommus[x iommu0*2] devices[x
// dev0:dom0 dev0:dom0]". Sections whose value is what the others imply are left out
// (docs/trace-format.md).
std::string PrintState(const State& state, const Topology& topology);

// The sections of that line, in its order. The value of "files=1" is "1"; a list keeps its brackets;
// the value of a flag is its name.
struct StateSection {
  std::string_view name;
  std::string value;
};
std::vector<StateSection> PrintSections(const State& state, const Topology& topology);

// A state that is claimed: what a checkpoint says. Only the sections that stand in the text are
// claimed.
struct StateClaim {
  // with every section that is not claimed as implied by those that are
  State state;
  std::uint32_t sections = 0;  // which stand in the text, by an order private to state_sections.h

  bool operator==(const StateClaim&) const = default;
};
Parsed<StateClaim> ParseState(std::string_view text, const Topology& topology);
// The sections that are claimed, and no other; "" if none is.
std::string PrintClaim(const StateClaim& claim, const Topology& topology);
// True if `state` agrees with every section that the claim makes: if both print the same there. (A
// claim of `devices` alone says "dev0:dom0" and not which slot holds dom0's record, so slot numbers
// need not agree.)
bool Satisfies(const State& state, const StateClaim& claim, const Topology& topology);

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_TEXT_TEXT_H_
