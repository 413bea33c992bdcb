// The rules R1 to R16 as named predicates: the second, independent statement of the truth.
//
// Step (step.h) says what each call does; the rules say what must hold whatever was called. They
// share no code with step.cc and must not: a mistake in one shows as a disagreement with the other.
// They are asked of the model's states and of the decoded states of the implementation alike, so
// they trust nothing: any State is legal input, dangling references included.
//
// A rule can be asked at six moments, and each function below answers one of them:
//   state   after every command                       R1 R2 R3 R4 R7 R8 R9 R11
//   step    over a command, its outcome and both ends R5 R6 R7 R10 R15 R16, and by what the
//           environment found R1 R8
//   queries over the answers of the two queries       R16
//   reach   over the state and where DMA goes         R12 R13
//   layout  once for an implementation                R14
//   end     after everything was unpreserved          R8 R9 R11
// R12 and R13 are asked where there is hardware to walk (reach.h); elsewhere R12 is what the
// records and lookups show.
//
// Where the statements leave it open, one fault is put to one rule, so that a verdict names the
// cause:
//   - a pointer that is stale or wild, or set without an FLB, breaks R9; R4 does not speak of it (a
//     device whose FLB went away has no outgoing state), and R2 only while there is an FLB;
//   - a second live record of a hw breaks R2 (the pointer can name one only), of a device R4, and
//     of a domain R8: its table page then has two owners, and only the one that the domain's
//     pointer names will ever release it;
//   - a domain's pointer to a record that is not a live one of that domain breaks R3: the next
//     device would name it;
//   - a live record that names no object of the topology, or that is marked INCOMING, breaks R3;
//   - a preserve op called twice for a device or domain breaks R4 or R8 as above and not R6, which
//     wants as many unpreserves;
//   - an IOMMU's preserve op that runs while the IOMMU is preserved breaks R6, and not R1 for
//     finding the pointer set;
//   - LUO's count on the FLB is R11's alone: R5 does not look at it.
//
// Source: docs/spec/rules.md 2.
#ifndef HOLDFAST_MODEL_RULES_RULES_H_
#define HOLDFAST_MODEL_RULES_RULES_H_

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "model/command.h"
#include "model/outcome.h"
#include "model/profile.h"
#include "model/reach.h"
#include "model/state.h"
#include "model/topology.h"

namespace holdfast {

enum class Rule : std::uint8_t {
  kHeld = 1,    // R1
  kCounted,     // R2
  kClosed,      // R3
  kUnique,      // R4
  kAtomic,      // R5
  kPaired,      // R6
  kAppendOnly,  // R7
  kPages,       // R8
  kNoGhosts,    // R9
  kLocks,       // R10
  kBalanced,    // R11
  kHandover,    // R12
  kContinuity,  // R13
  kLayout,      // R14
  kQuiet,       // R15
  kVisible,     // R16
};
inline constexpr int kRuleCount = 16;

// Bit n: rule Rn.
using RuleSet = std::uint32_t;
constexpr RuleSet RuleBit(Rule rule) { return 1u << static_cast<int>(rule); }

struct RuleInfo {
  Rule rule;
  std::string_view id;    // "R1"
  std::string_view name;  // "held"
  // owed on every sequence, not only on those that keep the caller's contract
  bool hardened;
  std::string_view statement;  // one sentence
};

// All sixteen, in order.
std::span<const RuleInfo> Rules();
const RuleInfo& InfoOf(Rule rule);

// The rule that a verdict names when several are broken at once: the one that says most about the
// cause. From the most telling:
//   R14 R11   the layout and the FLB's life: everything else stands on them
//   R9        a pointer into freed memory explains whatever is wrong around it (counts, pairs,
//             pages: D12, D17)
//   R7        every other rule is read from the records: a chain that is not sound explains what
//             seems wrong with them
//   R1 R2 R3 R4 R6 R8 R10 R16 R12 R13   what is wrong, the narrower statement first
//   R5 R15    a changed state or a crash is what every defect may end in
// `broken` must not be empty.
Rule Headline(RuleSet broken);

// The rules that are owed on every sequence under `profile`: those of level hardened, and R3 and R4
// where the profile refuses the calls that would break them.
RuleSet HardenedRules(const Profile& profile);

// What was asked and what was broken. A rule whose premise is not met (R1 with no live device slot)
// was not checked: `checked` counts evidence, not calls.
struct RuleCheck {
  RuleSet checked = 0;
  RuleSet broken = 0;

  RuleCheck& operator|=(const RuleCheck& other) {
    checked |= other.checked;
    broken |= other.broken;
    return *this;
  }
  bool operator==(const RuleCheck&) const = default;
};

// The profile matters for R11 only: without the option files are counted and there is never an FLB.
//
// A crashed state may be asked too, and answers for the memory that the crash left: an observed one
// may well be in the middle of a call, so that what it breaks tells of the crash and not of a
// defect beside it. The model's is the state before the call.
RuleCheck CheckState(const Topology& topology, const Profile& profile, const State& state);

// One command, with what it did. The references must outlive the call only.
struct Transition {
  const Topology& topology;
  const Profile& profile;
  const State& before;
  const Command& command;
  const Outcome& outcome;
  const State& after;
};

// R6 needs history: which objects a driver holds preserved by the calls that it was given. The
// ledger is that history, kept from the driver calls alone and held against the records after every
// command.
class Ledger {
 public:
  void Clear() { *this = Ledger(); }

  // R5, R6, R7, R10, R12, R15 and R16 over one transition, which it enters into the ledger, and R1
  // and R8 by the findings. After a crash only R15 and the findings speak: a call that was cut
  // short owes nothing else.
  //
  // R15 is owed on contract sequences. A void call reports an injected fault by a WARN, having no
  // other way, and a page that cannot be restored is fatal: neither breaks R15.
  RuleCheck Check(const Transition& transition);

  // The ledger of a past in which R6 was kept: it holds what the live records say. A search that
  // keeps no past asks R6 of each step from here; the first step that breaks R6 is the same one,
  // because until then the two ledgers are.
  static Ledger AsRecorded(const Flb& flb);

  bool operator==(const Ledger& other) const { return SameBytes(*this, other); }

 private:
  bool EnterCall(const Transition& transition, const DriverCall& call);  // false: R6 is broken
  RuleSet BrokenByFindings(const Outcome& outcome) const;  // before its calls are entered
  bool PreservesIommuAgain(const Outcome& outcome) const;  // the same

  std::array<std::int16_t, kMaxIommus> iommus_{};  // preserve minus unpreserve, by IOMMU
  std::array<std::int16_t, kMaxDevices> devices_{};
  std::array<std::int16_t, kMaxDomains> domains_{};
};

RuleCheck CheckQueries(const Topology& topology, const Profile& profile, const State& state,
                       const Queries& queries);
RuleCheck CheckLayout(const Profile& profile, const Layout& layout);

// R13: in every state each device reaches what it should, its requests walked from the tables as
// they are then.
//   A device with a live record reaches the domain of that record, whatever is attached where:
//   while this kernel runs, when the next one has just started and only what was preserved is left,
//   and so on until the driver is up. Before the driver is up every other device is blocked (a unit
//   with no such device may be off). From then on it reaches what it is attached to, and if nobody
//   attached it, what it was adopted with.
RuleCheck CheckContinuity(const Topology& topology, const State& state, const Reach& reach);

// R12 by the hardware, beside R12 by the records (Ledger): a driver that has come up in the next
// kernel has taken over exactly what was live: each hw, domain and device record that is not
// DELETED, each device with its own domain, and nothing else.
RuleCheck CheckHandover(const Topology& topology, const State& state, const Reach& reach);

// After teardown: every device and domain unpreserved and every file gone. Nothing may be left (R8,
// R9, R11).
RuleCheck CheckEnd(const State& state);

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_RULES_RULES_H_
