// Whose calls are generated: those of a caller who keeps the contract (model/rules/contract.h), or
// those of a caller who may break it.
#ifndef HOLDFAST_PROPERTIES_LOCKSTEP_MODE_H_
#define HOLDFAST_PROPERTIES_LOCKSTEP_MODE_H_

#include <cstdint>
#include <string_view>

namespace holdfast {

enum class Mode : std::uint8_t {
  kContract,  // every command keeps C1 to C8 in the state that it finds
  kHostile,   // any command, at any time
};

constexpr std::string_view ModeName(Mode mode) {
  return mode == Mode::kContract ? "contract" : "hostile";
}

}  // namespace holdfast

#endif  // HOLDFAST_PROPERTIES_LOCKSTEP_MODE_H_
