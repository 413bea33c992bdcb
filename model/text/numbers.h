// Numbers as a person reads them.
#ifndef HOLDFAST_MODEL_TEXT_NUMBERS_H_
#define HOLDFAST_MODEL_TEXT_NUMBERS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace holdfast {

// 1234567 as "1,234,567".
inline std::string Grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3;) digits.insert(i -= 3, ",");
  return digits;
}

// "1 command", "1,234 commands".
inline std::string Count(std::uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", Grouped(number), noun, number == 1 ? "" : "s");
}

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_TEXT_NUMBERS_H_
