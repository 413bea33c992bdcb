// Cuts the text of a state into its sections, without looking into them. Private to state_parse.cc.
#ifndef HOLDFAST_MODEL_TEXT_STATE_CUT_H_
#define HOLDFAST_MODEL_TEXT_STATE_CUT_H_

#include <array>
#include <cstddef>

#include "model/text/scanner.h"
#include "model/text/state_sections.h"

namespace holdfast {

inline constexpr Sections kOnlyIncoming = SectionBit(Section::kLost) | SectionBit(Section::kError);
inline constexpr Sections kChains =
    SectionBit(Section::kDomains) | SectionBit(Section::kIommus) | SectionBit(Section::kDevices);
inline constexpr Sections kOfIncoming = kOnlyIncoming | kChains | SectionBit(Section::kNoFlb) |
                                        SectionBit(Section::kTokens) |
                                        SectionBit(Section::kDamage) | SectionBit(Section::kFiles);
inline constexpr Sections kOfState = ((1u << kSectionCount) - 1) & ~kOnlyIncoming;

// Where the body of a section stands in the line.
struct Body {
  std::size_t begin = 0, end = 0;
};

// The sections of a line, or of incoming[...].
struct Cut {
  Sections stand = 0;
  Sections lists = 0;  // those of them that have a list
  std::array<Body, kSectionCount> bodies;

  bool Has(Section section) const { return (stand & SectionBit(section)) != 0; }
  bool HasList(Section section) const { return (lists & SectionBit(section)) != 0; }
  const Body& operator[](Section section) const {
    return bodies[static_cast<std::size_t>(section)];
  }
};

// Takes all that the scanner is at, of the `allowed` sections each once at most; or fails.
bool CutUp(Scanner& scanner, Sections allowed, Cut& cut);

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_TEXT_STATE_CUT_H_
