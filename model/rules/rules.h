// The rules R1 to R16 as named predicates: the second, independent statement of the truth.
//
// Step (step.h) says what each call does. The rules say what holds after any call. The two share no
// code and must not: a mistake in one shows as a disagreement with the other. The rules judge the
// model's states and the implementation's decoded states alike. So the rules trust nothing: any
// State is legal input, with dangling references too.
//
// A rule is asked at one of six moments, and each function below answers one of them:
//   state   after every command                       R1 R2 R3 R4 R7 R8 R9 R11
//   step    over a command, its outcome and both ends R5 R6 R7 R10 R15 R16, and by what the
//           environment found R1 R8
//   queries over the answers of the two queries       R16
//   reach   over the state and where DMA goes         R12 R13
//   layout  once for an implementation                R14
//   end     after everything was unpreserved          R8 R9 R11
// R12 and R13 need hardware to walk (reach.h). Without hardware, records and lookups show R12.
//
// One fault breaks one rule, so that a verdict names the cause. Where the statements leave a
// choice:
//   - A pointer that is stale or wild, or set without an FLB, breaks R9. R4 does not judge it (a
//     device whose FLB went away has no outgoing state), and R2 judges it only while there is an
//     FLB.
//   - A second live record of a hw breaks R2, because the pointer can name one record only. A
//     second record of a device breaks R4. A second record of a domain breaks R8: the domain's
//     table page has two owners, and only the record that the domain's pointer names will release
//     the page.
//   - A domain's pointer to a record that is not a live record of that domain breaks R3, because
//     the next device would name that record.
//   - A live record that names no object of the topology, or that is marked INCOMING, breaks R3.
//   - A preserve op that is called twice for a device or domain breaks R4 or R8, as above. R6 is
//     not broken: R6 wants as many unpreserves.
//   - An IOMMU's preserve op that runs while the IOMMU is preserved breaks R6. R1 is not broken,
//     though the op finds the pointer set.
//   - LUO's count on the FLB belongs to R11 alone. R5 does not look at the count.
//
// Source: docs/spec/rules.md 2.
#ifndef HOLDFAST_MODEL_RULES_RULES_H_
#define HOLDFAST_MODEL_RULES_RULES_H_

#include <array>
#include <cstdint>
#include <optional>
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
  // owed on every sequence, not only on a sequence that keeps the caller's contract
  bool hardened;
  std::string_view statement;  // one sentence
};

// All sixteen, in order.
std::span<const RuleInfo> Rules();
const RuleInfo& InfoOf(Rule rule);

// The rule that a verdict names when several are broken: the rule that says most about the cause.
// From the most telling:
//   R14 R11   the layout and the FLB's life: everything else stands on them
//   R9        a pointer into freed memory explains the wrong counts, pairs and pages around the
//             pointer (D12, D17)
//   R7        every other rule is read from the records: a broken chain explains wrong records
//   R1 R2 R3 R4 R6 R8 R10 R16 R12 R13   the narrower statement first
//   R5 R15    every defect may end in a changed state or a crash
// `broken` must not be empty.
Rule Headline(RuleSet broken);

// The rules that are owed on every sequence under `profile`: the rules of level hardened, and R3
// and R4 where the profile refuses the calls that would break them.
RuleSet HardenedRules(const Profile& profile);

// The rules that were checked and the rules that were broken. A rule without its premise (R1 with
// no live device slot) was not checked. So `checked` counts evidence, not calls.
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

// The profile matters for R11 only: without the config option files are counted, and there is never
// an FLB.
//
// A crashed state may be asked too. The answer is about the memory that the crash left. An observed
// crashed state may be in the middle of a call, so its broken rules tell of the crash and not of
// another defect. The model's crashed state is the state before the call.
RuleCheck CheckState(const Topology& topology, const Profile& profile, const State& state);

// One command and its effect. The references must outlive the call only.
struct Transition {
  const Topology& topology;
  const Profile& profile;
  const State& before;
  const Command& command;
  const Outcome& outcome;
  const State& after;
};

// R6 needs history: which objects the driver holds preserved. The ledger is that history. It comes
// from the driver calls alone, and it is held against the records after every command.
class Ledger {
 public:
  void Clear() { *this = Ledger(); }

  // R5, R6, R7, R10, R12, R15 and R16 over one transition, and R1 and R8 by the findings. The
  // transition is entered into the ledger. After a crash only R15 and the findings speak: a call
  // that was cut short owes nothing else.
  //
  // R15 is owed on contract sequences. Two events do not break R15: the WARN by which a void call
  // reports an injected fault, and the crash of a page that cannot be restored.
  RuleCheck Check(const Transition& transition);

  // The ledger of a past that kept R6: it holds what the live records say. A search without a past
  // checks R6 of each step from this ledger. The first step that breaks R6 is the same, because the
  // two ledgers are equal until that step.
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

// R13: in every state each device reaches its proper domain, as the walk of the current tables
// shows.
//   A device with a live record reaches the domain of that record, wherever it is attached. This
//   holds while this kernel runs, and in the next kernel until its driver is up.
//   Before the driver is up every other device is blocked. A unit may be off if none of its devices
//   has a live record.
//   Once the driver is up, every other device reaches the domain that it is attached to. If nobody
//   has attached the device, it reaches the domain that it was adopted with.
RuleCheck CheckContinuity(const Topology& topology, const State& state, const Reach& reach);
// Where R13 wants each device: a domain's index, or Reach::kBlocked. Nothing: R13 has no premise.
using OwedReaches = std::array<std::uint8_t, kMaxDevices>;
std::optional<OwedReaches> OwedReach(const Topology& topology, const State& state,
                                     const Reach& reach);

// R12 by the hardware, beside R12 by the records (Ledger). A driver that is up in the next kernel
// has taken over exactly the live records: each hw, domain and device record that is not DELETED,
// each device with its own domain, and nothing else.
RuleCheck CheckHandover(const Topology& topology, const State& state, const Reach& reach);

// After the teardown, when every device and domain is unpreserved and every file is gone, nothing
// is left (R8, R9, R11).
RuleCheck CheckEnd(const State& state);

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_RULES_RULES_H_
