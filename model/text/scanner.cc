#include "model/text/scanner.h"

#include <algorithm>

namespace holdfast {
namespace {

constexpr std::size_t kLongestQuote = 32;  // bytes of a text that an error quotes

bool IsBlank(char c) { return c == ' ' || c == '\t'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWordChar(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
         c == '-';
}

// The end of the word that begins at `at`, or one letter more than is quoted. A bracket that the
// word has not opened is no part of it.
std::size_t EndOfWord(std::string_view text, std::size_t at) {
  std::size_t end = at;
  const std::size_t last = std::min(text.size(), at + kLongestQuote + 1);
  for (int open = 0; end < last && !IsBlank(text[end]); ++end) {
    open += text[end] == '(' || text[end] == '[';
    open -= text[end] == ')' || text[end] == ']';
    if (open < 0 && end > at) break;
  }
  return end;
}

// The value of all of `digits`, saturated; false if that is not a decimal number without leading
// zeros.
bool ReadNumber(std::string_view digits, std::uint64_t& number) {
  const bool leading_zero = digits.size() > 1 && digits[0] == '0';
  if (digits.empty() || leading_zero || !std::all_of(digits.begin(), digits.end(), IsDigit))
    return false;
  number = 0;
  for (char c : digits) {
    const std::uint64_t digit = static_cast<std::uint64_t>(c - '0');
    number = number > (UINT64_MAX - digit) / 10 ? UINT64_MAX : number * 10 + digit;
  }
  return true;
}

std::string DescribeObjects(std::string_view kind, std::size_t count) {
  std::string text = kind == "iommu" ? "an IOMMU" : kind == "dev" ? "a device" : "a domain";
  if (count == 0) return text + ", but the topology has none";
  text += " of the topology, " + std::string(kind) + "0";
  if (count > 1)
    text += (count == 2 ? " or " : " to ") + std::string(kind) + std::to_string(count - 1);
  return text;
}

}  // namespace

std::string Quoted(std::string_view text, std::size_t at) {
  if (at >= text.size()) return "nothing";
  if (IsBlank(text[at])) return "a blank";
  static constexpr char kHex[] = "0123456789abcdef";
  std::string quoted = "'";
  const std::string_view word = text.substr(at, EndOfWord(text, at) - at);
  for (const char letter : word.substr(0, kLongestQuote)) {
    const unsigned char c = static_cast<unsigned char>(letter);
    if (c >= 0x20 && c < 0x7f) {
      quoted += letter;
    } else {
      quoted += {'\\', 'x', kHex[c >> 4], kHex[c & 15]};
    }
  }
  quoted += word.size() > kLongestQuote ? "...'" : "'";
  return quoted;
}

bool Scanner::SkipBlanks() {
  const std::size_t before = at_;
  while (!AtEnd() && IsBlank(text_[at_])) ++at_;
  return at_ != before;
}

bool Scanner::TakeGap() { return SkipBlanks() || Fail("a blank"); }

bool Scanner::TakeEnd() {
  SkipBlanks();
  return AtEnd() || Fail("no more here");
}

bool Scanner::TakeIf(char c) {
  if (Peek() != c || AtEnd()) return false;
  ++at_;
  return true;
}

bool Scanner::Take(char c) { return TakeIf(c) || Fail(std::string("'") + c + "'"); }

std::string_view Scanner::PeekWord() const {
  std::size_t end = at_;
  while (end < end_ && IsWordChar(text_[end])) ++end;
  return text_.substr(at_, end - at_);
}

std::string_view Scanner::TakeWord() {
  const std::string_view word = PeekWord();
  at_ += word.size();
  return word;
}

bool Scanner::TakeIf(std::string_view word) {
  if (PeekWord() != word) return false;
  at_ += word.size();
  return true;
}

bool Scanner::TakeNumber(std::uint64_t min, std::uint64_t max, std::string_view what,
                         std::uint64_t& number) {
  const std::string_view word = PeekWord();
  if (!ReadNumber(word, number) || number < min || number > max) {
    return Fail(std::string(what) + ", " + std::to_string(min) + " to " + std::to_string(max));
  }
  at_ += word.size();
  return true;
}

bool Scanner::TakeObject(std::string_view kind, std::size_t count, std::uint8_t& index) {
  const std::string_view word = PeekWord();
  std::uint64_t number = 0;
  if (!word.starts_with(kind) || !ReadNumber(word.substr(kind.size()), number) || number >= count) {
    return Fail(DescribeObjects(kind, count));
  }
  index = static_cast<std::uint8_t>(number);
  at_ += word.size();
  return true;
}

bool Scanner::TakeErrno(std::int16_t& error) {
  const std::string_view word = PeekWord();
  std::uint64_t number = 0;
  if (word.starts_with('-')) {
    const std::string_view name = word.substr(1);
    if (!ReadNumber(name, number)) number = static_cast<std::uint64_t>(ErrnoNumber(name));
  }
  if (number == 0 || number > kMaxErrno) return Fail("an error such as -ENOMEM");
  error = static_cast<std::int16_t>(-static_cast<int>(number));
  at_ += word.size();
  return true;
}

bool Scanner::FailAt(std::size_t at, std::string_view expected) {
  if (!failed_) {
    failed_ = true;
    error_ = {.column = at + 1, .expected = std::string(expected) + "; found " + Quoted(text_, at)};
  }
  return false;
}

}  // namespace holdfast
