// Canonical states: what is left of a state when its history is taken away.
//
// Slots are append-only, so every past shows: a device that was preserved and unpreserved leaves
// two DELETED slots, and the number of every later record differs. Canonical() takes that away:
//   - DELETED slots are dropped. If something still refers to one, one DELETED slot is left, the
//     last of its chain, and all such references name it: what is dead is dead, whichever it was;
//   - live slots come in the order of their object, and of their age where an object has several;
//   - a crashed state is one state: nothing runs after a crash.
//
// It loses nothing. Step, the rules and the queries are functions of a state that never look at a
// DELETED slot's content (it has none, slot.h), never compare slot numbers but for equality, and
// never order them but for "new". So s and Canonical(s) are bisimilar: for every command the two
// outcomes are the same but for the slots' numbers, which CanonicalOutcome() translates, and the
// two successors have the same canonical state. Equal canonical states therefore have equal
// futures, and a search may keep one.
//
// The exception is a page's boundary: the length of a chain, DELETED slots included, decides when
// kho_alloc runs within a preserve and how many pages retrieve restores. A canonical chain is never
// full, so a search over canonical states does not see kho_alloc fail in a preserve, nor a fifth
// page restored. The corpus and the random scenarios cross pages on purpose (generate.h).
//
// Equality only, of values: any State may be asked, an implementation's decoded one too.
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
