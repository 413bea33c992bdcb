// Repetition, of four kinds: the same call n times, a call and its inverse in turn, the last few
// calls again, calls up to the end of a page.
//
// A counter, a wrap, a full page and a forgotten value show after n equal calls. Calls that are
// drawn one by one do not repeat n times in a row. A turn repeats a few times, a dozen times, or
// until a page of records is full, because the implementation does something else there. The next
// calls then start in a state that random calls do not reach.
#ifndef HOLDFAST_PROPERTIES_GENERATE_REPETITION_H_
#define HOLDFAST_PROPERTIES_GENERATE_REPETITION_H_

#include <cstddef>
#include <optional>

#include "model/command.h"
#include "model/layout.h"
#include "model/state.h"
#include "properties/generate/dice.h"

namespace holdfast {

enum class Motif : std::uint8_t {
  kSame,  // one call
  kPair,  // a call and its inverse
  kLoop,  // the last calls of the case
  kFill,  // calls that spend slots, until a page of records is full
};
Motif DrawMotif(Dice& dice);

// The call that takes `command` back, without a fault, if there is one. `state` is the state before
// `command`.
std::optional<Command> InverseOf(const State& state, const Command& command);

// How often a turn is repeated.
std::size_t DrawTurns(Dice& dice);
// How many ends of pages a filling reaches.
std::size_t DrawPageEnds(Dice& dice);

// The lengths of the chains, to be compared with later lengths.
struct ChainLengths {
  std::size_t iommus, domains, devices;

  bool operator==(const ChainLengths&) const = default;
};
inline ChainLengths LengthsOf(const Flb& flb) {
  return {flb.iommus.size(), flb.domains.size(), flb.devices.size()};
}

// Slots in a page of each chain. A layout gives them by division, so they are computed once.
struct PageCapacities {
  explicit PageCapacities(const Layout& layout)
      : iommus(layout.hw_capacity()),
        domains(layout.domain_capacity()),
        devices(layout.device_capacity()) {}

  std::size_t iommus, domains, devices;
};

// True if a chain grew since `before` and reached the end of a page. Its next slot costs a page.
bool CameToPageEnd(const PageCapacities& page, const ChainLengths& before,
                   const ChainLengths& after);
inline bool AtPageEnd(const PageCapacities& page, const ChainLengths& lengths) {
  // Nearly always it takes no more than this.
  if (lengths.iommus < page.iommus && lengths.domains < page.domains &&
      lengths.devices < page.devices)
    return false;
  return CameToPageEnd(page, {0, 0, 0}, lengths);
}

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_GENERATE_REPETITION_H_
