#include "model/text/state_cut.h"

#include <algorithm>

namespace holdfast {
namespace {

enum class Form : std::uint8_t { kFlag, kValue, kList, kFlagOrList };
Form FormOf(Section section) {
  switch (section) {
    case Section::kCrashed:
    case Section::kNoFlb:
    case Section::kTokens:
    case Section::kLost: return Form::kFlag;
    case Section::kFiles:
    case Section::kRefs:
    case Section::kError: return Form::kValue;
    case Section::kFrozen: return Form::kFlagOrList;
    default: return Form::kList;
  }
}

bool CutBody(Scanner& scanner, Section section, Cut& cut) {
  const Form form = FormOf(section);
  Body& body = cut.bodies[static_cast<std::size_t>(section)];
  if (form == Form::kValue) {
    if (!scanner.Take('=')) return false;
    body.begin = scanner.at();
    scanner.TakeWord();
    body.end = scanner.at();
    return body.end > body.begin || scanner.Fail("a number");
  }
  body.begin = body.end = scanner.at();
  if (form == Form::kFlag || (form == Form::kFlagOrList && scanner.Peek() != '[')) return true;
  if (!scanner.Take('[')) return false;
  cut.lists |= SectionBit(section);
  body.begin = scanner.at();
  for (int depth = 1; depth > 0;) {
    if (scanner.AtEnd()) return scanner.Fail("']'");
    if (scanner.Peek() == '[') ++depth;
    if (scanner.Peek() == ']') --depth;
    body.end = scanner.at();
    scanner.Skip();
  }
  return true;
}

}  // namespace

bool CutUp(Scanner& scanner, Sections allowed, Cut& cut) {
  for (scanner.SkipBlanks(); !scanner.AtEnd(); scanner.SkipBlanks()) {
    const auto name = std::find(kSectionNames.begin(), kSectionNames.end(), scanner.PeekWord());
    const auto section = static_cast<Section>(name - kSectionNames.begin());
    if (name == kSectionNames.end() || !(allowed & SectionBit(section))) {
      return scanner.Fail("a section such as devices[dev0:dom0]");
    }
    if (cut.Has(section)) return scanner.Fail("each section once");
    cut.stand |= SectionBit(section);
    scanner.TakeWord();
    if (!CutBody(scanner, section, cut)) return false;
    if (!scanner.AtEnd() && scanner.Peek() != ' ' && scanner.Peek() != '\t')
      return scanner.Fail("a blank");
  }
  return true;
}

}  // namespace holdfast
