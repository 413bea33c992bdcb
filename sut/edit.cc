// edit IN OUT FUNCTION [OLD NEW]...: copies a source and replaces each old text, in order. The old
// text must occur exactly once in the function. The comparison ignores white space, so a source
// takes the same edits after a reformat. FUNCTION is the beginning of the function; the function
// ends at the first "}" that begins a line. "" is the whole source.
#include <cctype>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace {

struct Place {
  std::size_t begin, end;
};

bool IsSpace(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

// The place of `part` in `text` that begins at `at`, if `part` stands there.
std::optional<Place> PlaceAt(const std::string& text, std::size_t at, const std::string& part) {
  std::size_t end = at;
  for (const char c : part) {
    if (IsSpace(c)) continue;
    while (end > at && end < text.size() && IsSpace(text[end])) ++end;
    if (end == text.size() || text[end] != c) return std::nullopt;
    ++end;
  }
  return end > at ? std::optional(Place{at, end}) : std::nullopt;
}

// The place of `part` in `text`, if there is exactly one.
std::optional<Place> Once(const std::string& text, const std::string& part) {
  std::optional<Place> found;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::optional<Place> place = PlaceAt(text, at, part);
    if (place && found) return std::nullopt;
    if (place) found = place;
  }
  return found;
}

int Complain(const char* where, const std::string& function, const std::string& text) {
  std::fprintf(stderr, "%s: %s: expected this text exactly once:\n%s\n", where, function.c_str(),
               text.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || argc % 2 != 0) {
    std::fprintf(stderr, "usage: edit IN OUT FUNCTION [OLD NEW]...\n");
    return 2;
  }
  std::ifstream in(argv[1], std::ios::binary);
  std::string source{std::istreambuf_iterator<char>(in), {}};
  const std::string function = argv[3];
  std::size_t start = 0, end = source.size();
  if (!function.empty()) {
    const std::optional<Place> place = Once(source, function);
    if (!place) return Complain(argv[1], "the source", function);
    start = place->begin;
    end = source.find("\n}", start);
    if (end == std::string::npos) return Complain(argv[1], function, "}");
    end += 2;
  }
  std::string text = source.substr(start, end - start);
  for (int i = 4; i < argc; i += 2) {
    const std::optional<Place> place = Once(text, argv[i]);
    if (!place) return Complain(argv[1], function, argv[i]);
    text.replace(place->begin, place->end - place->begin, argv[i + 1]);
  }
  std::ofstream out(argv[2], std::ios::binary);
  out << source.substr(0, start) << text << source.substr(end);
  return in.bad() || !out.flush() ? 1 : 0;
}
