// The text of commands, outcomes, topologies and states, both ways. No other code prints or parses
// these values.
//
// One line is one statement (docs/trace-format.md has the grammar and a worked example). Printing
// is canonical: one text for one value. Parsing is strict: an error names the column, and nothing
// is skipped. For every value v that fits its topology, Parse(Print(v)) == v.
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

// Where a text is wrong, and the expected text: "column 17: expected a domain of the topology, dom0
// to dom2".
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

// The name, then each answer that differs from the named profile: "v3 puts-flb
// double-device=-EBUSY", "v5 no-singleton-groups". An orchestrator that is not the profile's own
// comes last: "v5 luo=A".
std::string PrintProfile(const Profile& profile);
Parsed<Profile> ParseProfile(std::string_view text);

// "iommu0(dev0 dev1:nonpci) iommu1:no-unpreserve(dev2:group=dev0) dom0 dom1:no-ops"
std::string PrintTopology(const Topology& topology);
Parsed<Topology> ParseTopology(std::string_view text);

// "preserve_device dom0 dev0 fail=iommu.preserve:-EIO"
std::string PrintCommand(const Command& command);
Parsed<Command> ParseCommand(std::string_view text, const Topology& topology);

// The caller's view: "0", "-ENOMEM", "void", "WARN", "CRASH" ("0 WARN" for a call that returned and
// warned). Parsing fills kind, error and warned only. `verb` decides whether "no error" is 0 or
// void.
std::string PrintOutcome(const Outcome& outcome);
Parsed<Outcome> ParseOutcome(std::string_view text, Verb verb);

// The driver calls of an outcome on one line, for reports:
// "iommu.preserve iommu0 hw#0, iommu.preserve_device dev0 device#0 = -EIO".
std::string PrintCalls(const Outcome& outcome);
std::string PrintFindings(FindingSet findings);

// A state on one line, without the word "state": "domains[dom0] iommus[x iommu0*2] devices[x
// dev0:dom0 dev0:dom0]". A section that the others imply is left out (docs/trace-format.md).
std::string PrintState(const State& state, const Topology& topology);

// The sections of that line, in its order. The value of "files=1" is "1"; a list keeps its
// brackets; the value of a flag is its name.
struct StateSection {
  std::string_view name;
  std::string value;
};
std::vector<StateSection> PrintSections(const State& state, const Topology& topology);

// The claim of a checkpoint. Only the sections in the text are claimed.
struct StateClaim {
  // a section that is not claimed has the value that the claimed sections imply
  State state;
  std::uint32_t sections = 0;  // the sections in the text, in the order of state_sections.h

  bool operator==(const StateClaim&) const = default;
};
Parsed<StateClaim> ParseState(std::string_view text, const Topology& topology);
// The claimed sections only; "" if there are none.
std::string PrintClaim(const StateClaim& claim, const Topology& topology);
// True if `state` prints the same text as the claim in every claimed section. (A claim of `devices`
// alone says "dev0:dom0" and not which slot holds dom0's record. So slot numbers need not agree.)
bool Satisfies(const State& state, const StateClaim& claim, const Topology& topology);

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_TEXT_TEXT_H_
