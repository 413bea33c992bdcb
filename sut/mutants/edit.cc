// edit IN OUT FUNCTION OLD NEW [OLD NEW]...: copies a source and replaces each old text, which must occur exactly once in the function,
// in order. FUNCTION is how the function begins; it ends at the first "}" that begins a line. "" is the whole source.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

namespace {

// The position of `part` in `text` if it occurs exactly once; else npos.
std::size_t Once(const std::string& text, const std::string& part) {
  const std::size_t at = text.find(part);
  return part.empty() || at == std::string::npos || text.find(part, at + 1) != std::string::npos ? std::string::npos : at;
}

int Complain(const char* where, const std::string& function, const std::string& text) {
  std::fprintf(stderr, "%s: %s: expected this text exactly once:\n%s\n", where, function.c_str(), text.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6 || argc % 2 != 0) {
    std::fprintf(stderr, "usage: edit IN OUT FUNCTION OLD NEW [OLD NEW]...\n");
    return 2;
  }
  std::ifstream in(argv[1], std::ios::binary);
  std::string source{std::istreambuf_iterator<char>(in), {}};
  const std::string function = argv[3];
  std::size_t start = 0, end = source.size();
  if (!function.empty()) {
    start = Once(source, function);
    if (start == std::string::npos) return Complain(argv[1], "the source", function);
    end = source.find("\n}", start);
    if (end == std::string::npos) return Complain(argv[1], function, "}");
    end += 2;
  }
  std::string text = source.substr(start, end - start);
  for (int i = 4; i < argc; i += 2) {
    const std::size_t at = Once(text, argv[i]);
    if (at == std::string::npos) return Complain(argv[1], function, argv[i]);
    text.replace(at, std::string(argv[i]).size(), argv[i + 1]);
  }
  std::ofstream out(argv[2], std::ios::binary);
  out << source.substr(0, start) << text << source.substr(end);
  return in.bad() || !out.flush() ? 1 : 0;
}
