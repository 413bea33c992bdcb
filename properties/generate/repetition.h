// Repetition: the same call n times, a call and its inverse in turn, the last few calls once more
// and again; up to the end of a page.
//
// What counts, wraps, fills up or is forgotten shows after n times the same, and calls that are
// drawn one by one do not come n times in a row. How often: a few times, a dozen times, or until a
// page of records is full, since that is where the implementation does something else; what comes
// next is drawn in a state that random calls do not reach.
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

// What takes the call back, if anything does; without a fault. `state` is the one before the call.
std::optional<Command> InverseOf(const State& state, const Command& command);

// How often a turn is taken.
std::size_t DrawTurns(Dice& dice);
// How many ends of pages a filling goes to.
std::size_t DrawPageEnds(Dice& dice);

// How far the chains were, to see what became of them.
struct ChainLengths {
  std::size_t iommus, domains, devices;

  bool operator==(const ChainLengths&) const = default;
};
inline ChainLengths LengthsOf(const Flb& flb) {
  return {flb.iommus.size(), flb.domains.size(), flb.devices.size()};
}

// Slots of a page of each chain. A layout gives them by division, so they are asked for once.
struct PageCapacities {
  explicit PageCapacities(const Layout& layout)
      : iommus(layout.hw_capacity()),
        domains(layout.domain_capacity()),
        devices(layout.device_capacity()) {}

  std::size_t iommus, domains, devices;
};

// True if a chain that grew since `before` came to the end of a page: its next slot costs a page.
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
