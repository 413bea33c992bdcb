// Reads one line of text from left to right. The parsers of text.h are written with it.
//
// A Scanner keeps the first error. A Take function takes the named thing and returns true, or
// returns false. A Take function that needs the thing calls Fail() first. So a parser is a chain of
// && that ends in error().
//
// A Scanner is not a tokenizer: the meaning of a character depends on its place ('-' in "no-ops",
// "-EIO" and "kho[-dev0]").
#ifndef HOLDFAST_MODEL_TEXT_SCANNER_H_
#define HOLDFAST_MODEL_TEXT_SCANNER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/text/text.h"

namespace holdfast {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text), at_(0), end_(text.size()) {}

  // Reads [begin, end) from now on; columns still count from the start of the text.
  void Window(std::size_t begin, std::size_t end) {
    at_ = begin;
    end_ = end;
  }

  std::size_t at() const { return at_; }
  bool AtEnd() const { return at_ == end_; }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }

  // Blanks are spaces and tabs. True if there was one.
  bool SkipBlanks();
  // At least one blank, or fails.
  bool TakeGap();
  // Nothing but blanks is left, or fails.
  bool TakeEnd();

  void Skip() { ++at_; }  // not at the end
  bool TakeIf(char c);
  bool Take(char c);  // or fails

  // The longest run of letters, digits and "_.-", which may be empty.
  std::string_view PeekWord() const;
  std::string_view TakeWord();
  bool TakeIf(std::string_view word);  // the whole next word is `word`

  // A decimal number from `min` to `max` without leading zeros, or fails with `what`.
  bool TakeNumber(std::uint64_t min, std::uint64_t max, std::string_view what,
                  std::uint64_t& number);

  // "dom2", an index below `count`, or fails. `kind` is "iommu", "dev" or "dom".
  bool TakeObject(std::string_view kind, std::size_t count, std::uint8_t& index);

  // "-ENOMEM" or, for a number without a name, "-4000"; or fails.
  bool TakeErrno(std::int16_t& error);

  // Records the error unless there is one already; returns false.
  bool Fail(std::string_view expected) { return FailAt(at_, expected); }
  bool FailAt(std::size_t at, std::string_view expected);
  bool failed() const { return failed_; }
  const TextError& error() const { return error_; }

 private:
  std::string_view text_;
  std::size_t at_, end_;
  bool failed_ = false;
  TextError error_;
};

// "'dom7'", cut short, with unprintable bytes as \xNN; "nothing" at the end.
std::string Quoted(std::string_view text, std::size_t at);

}  // namespace holdfast

#endif  // HOLDFAST_MODEL_TEXT_SCANNER_H_
