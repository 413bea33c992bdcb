// The binary interface of an implementation in a shared object.
//
// The object exports one C function, `holdfast_sut_entry`, that returns a SutEntry. The entry's
// first fields never change. So an object that was built for another version is refused with a
// sentence, and no function of the object is called.
#ifndef HOLDFAST_SUT_ENTRY_H_
#define HOLDFAST_SUT_ENTRY_H_

#include <cstdint>

#include "sut/sut.h"

namespace holdfast {

inline constexpr std::uint32_t kSutMagic = 0x484f4c44;  // "HOLD"
inline constexpr std::uint32_t kSutVersion = 8;
inline constexpr char kSutEntrySymbol[] = "holdfast_sut_entry";

struct SutEntry {
  std::uint32_t magic = kSutMagic;
  std::uint32_t version = kSutVersion;
  // the object and the suite must agree on these types
  std::uint32_t state_size = sizeof(State);
  std::uint32_t outcome_size = sizeof(Outcome);
  // a new instance, owned by the caller; one at a time
  Sut* (*make)() = nullptr;
};

}  // namespace holdfast

#endif  // HOLDFAST_SUT_ENTRY_H_
