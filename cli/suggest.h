// The name that somebody meant who mistyped a name.
#ifndef HOLDFAST_CLI_SUGGEST_H_
#define HOLDFAST_CLI_SUGGEST_H_

#include <span>
#include <string>
#include <string_view>

namespace holdfast {

// The nearest of the names by edit distance, without regard to case; of two, the first. Empty if
// none is near: more than a third of the word, and one letter, would have to change.
std::string Nearest(std::string_view word, std::span<const std::string> names);

}  // namespace holdfast

#endif  // HOLDFAST_CLI_SUGGEST_H_
