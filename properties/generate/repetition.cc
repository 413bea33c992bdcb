#include "properties/generate/repetition.h"

#include <array>
#include <cstdint>

namespace holdfast {
namespace {

// A layout may leave no room for a record.
bool IsFull(std::size_t slots, std::size_t capacity) {
  return capacity != 0 && slots >= capacity && slots % capacity == 0;
}

}  // namespace

Motif DrawMotif(Dice& dice) {
  constexpr std::array<std::uint8_t, 4> kOften = {35, 37, 18, 10};
  return static_cast<Motif>(dice.Weighted(kOften));
}

std::optional<Command> InverseOf(const State& state, const Command& command) {
  Command inverse = command;
  inverse.fault = {};
  if (command.verb == Verb::kAttach) {
    inverse.domain = state.attached[command.device];
    if (inverse.domain == kNone) return std::nullopt;
    return inverse;
  }
  const std::optional<Verb> verb = InverseOf(command.verb);
  if (!verb) return std::nullopt;
  inverse.verb = *verb;
  return inverse;
}

std::size_t DrawTurns(Dice& dice) {
  constexpr std::array<std::uint8_t, 4> kOften = {52, 33, 14, 1};
  switch (dice.Weighted(kOften)) {
    case 0: return 2 + dice.Below(2);
    case 1: return 4 + dice.Below(5);
    case 2: return 9 + dice.Below(12);
    default: return 256;  // a count of one byte
  }
}

std::size_t DrawPageEnds(Dice& dice) {
  constexpr std::array<std::uint8_t, 3> kOften = {60, 30, 10};
  return 1 + dice.Weighted(kOften);
}

bool CameToPageEnd(const PageCapacities& page, const ChainLengths& before,
                   const ChainLengths& after) {
  return (after.iommus > before.iommus && IsFull(after.iommus, page.iommus)) ||
         (after.domains > before.domains && IsFull(after.domains, page.domains)) ||
         (after.devices > before.devices && IsFull(after.devices, page.devices));
}

}  // namespace holdfast
