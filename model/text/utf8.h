// Whether bytes are UTF-8.
#ifndef HOLDFAST_MODEL_TEXT_UTF8_H_
#define HOLDFAST_MODEL_TEXT_UTF8_H_

#include <cstddef>
#include <string_view>

namespace holdfast {

// The offset of the first byte that begins no well-formed character (overlong forms, surrogates and
// what is above U+10FFFF are not well-formed); text.size() if there is none.
inline std::size_t FirstInvalidUtf8(std::string_view text) {
  const auto byte = [text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  for (std::size_t i = 0; i < text.size();) {
    const unsigned lead = byte(i);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xc2 && lead < 0xe0 ? 2
                               : lead >= 0xe0 && lead < 0xf0 ? 3
                               : lead >= 0xf0 && lead < 0xf5 ? 4
                                                             : 0;
    if (length == 0) return i;
    // The second byte's range rules out the forms that the lead byte alone does not.
    const unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    for (std::size_t k = 1; k < length; ++k) {
      const unsigned next = byte(i + k);
      if (next < (k == 1 ? low : 0x80) || next > (k == 1 ? high : 0xbf)) return i;
    }
    i += length;
  }
  return text.size();
}

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_TEXT_UTF8_H_
