// Canonical states: a state without its history.
//
// Slots are append-only, so every past shows. A device that was preserved and unpreserved leaves
// two DELETED slots, and every later record has another number. Canonical() takes the past away:
//   - DELETED slots are dropped. If something refers to one, a single DELETED slot stays, the last
//     of its chain, and all such references name that slot;
//   - live slots come in the order of their objects, and of their age where an object has several;
//   - a crashed state is one state: nothing runs after a crash.
//
// Nothing is lost. Step, the rules and the queries are functions of a state. They never look at a
// DELETED slot's content (there is none, slot.h). They compare slot numbers only for equality, and
// order them only by "new". So s and Canonical(s) are bisimilar. For every command the two outcomes
// are the same but for slot numbers, which CanonicalOutcome() translates. The two successors have
// the same canonical state. So equal canonical states have equal futures, and a search may keep
// one.
//
// The exception is a page's boundary. The length of a chain, DELETED slots included, decides when a
// preserve calls kho_alloc and how many pages retrieve restores. A canonical chain is never full.
// So a search over canonical states sees neither a kho_alloc that fails in a preserve nor a fifth
// page that is restored. The corpus and the random scenarios cross pages on purpose (generate.h).
//
// States are compared as values: any State has a canonical one, also an implementation's.
#ifndef HOLDFAST_MODEL_EXPLORE_CANONICAL_H_
#define HOLDFAST_MODEL_EXPLORE_CANONICAL_H_

#include "model/command.h"
#include "model/outcome.h"
#include "model/state.h"

namespace holdfast {

// Idempotent. Linear in the slots, but for the sort of the live ones.
State Canonical(const State& state);

// The outcome of a call of `verb` in state `before`, with the slots numbered as they would be in
// Canonical(before): live ones by their canonical number, new ones counted on from there.
Outcome CanonicalOutcome(const State& before, Verb verb, const Outcome& outcome);

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_EXPLORE_CANONICAL_H_
