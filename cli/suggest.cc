#include "cli/suggest.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <vector>

namespace holdfast {
namespace {

bool SameLetter(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

// Letters to insert, to drop or to replace (Levenshtein's distance).
std::size_t Edits(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = diagonal + !SameLetter(from[i - 1], to[j - 1]);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string Nearest(std::string_view word, std::span<const std::string> names) {
  // Nobody types a word of that length by mistake, and the table would be as long.
  constexpr std::size_t kLongest = 64;
  std::string nearest;
  std::size_t best = word.size() / 3 + 1;
  if (word.size() > kLongest) return nearest;
  for (const std::string& name : names) {
    const std::size_t edits = Edits(word, name);
    if (edits < best || (edits == best && nearest.empty())) {
      best = edits;
      nearest = name;
    }
  }
  return nearest;
}

}  // namespace holdfast
