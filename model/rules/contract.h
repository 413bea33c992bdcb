// The caller's contract C1 to C8: which clauses a command breaks in a state.
//
// A contract sequence keeps all clauses. A hostile sequence may break any. The rules of level
// "core" are owed on contract sequences only (rules.h). Source: docs/spec/rules.md 3.
#ifndef HOLDFAST_MODEL_RULES_CONTRACT_H_
#define HOLDFAST_MODEL_RULES_CONTRACT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "model/command.h"
#include "model/state.h"
#include "model/topology.h"

namespace holdfast {

enum class Clause : std::uint8_t {
  // preserve a device only with the domain it is attached to, and only after that domain is
  // preserved
  kC1 = 1,
  kC2,  // do not preserve a device or a domain twice
  kC3,  // unpreserve only what is preserved
  kC4,  // unpreserve devices before their domain, domains before the FLB goes
  kC5,  // hold the group's DMA ownership from preserve to unpreserve
  kC6,  // make no call after the freeze
  kC7,  // preserve domains and devices only while the FLB exists
  // probe and release a device only while it is not restored; restore only what the kernel before
  // has preserved with a live domain
  kC8,
};
inline constexpr int kClauseCount = 8;

// Bit n is set if clause Cn is broken. 0: the command keeps the contract in that state. An orderly
// refusal keeps the contract. So a caller may ask for a device that is not PCI, or for one whose
// driver lacks an op; both have a defined error.
using Breaches = std::uint16_t;
constexpr Breaches BreachBit(Clause clause) {
  return static_cast<Breaches>(1u << static_cast<int>(clause));
}

Breaches BreachesOf(const Topology& topology, const State& state, const Command& command);

std::string_view ClauseName(Clause clause);  // "C2"
// "C2 C4"; empty if none.
std::string PrintBreaches(Breaches breaches);

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_RULES_CONTRACT_H_
