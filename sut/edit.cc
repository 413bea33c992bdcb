// edit IN OUT OLD NEW [OLD NEW]...: copies a source and replaces each old text, which must occur exactly once.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

int main(int argc, char** argv) {
  if (argc < 5 || argc % 2 == 0) {
    std::fprintf(stderr, "usage: edit IN OUT OLD NEW [OLD NEW]...\n");
    return 2;
  }
  std::ifstream in(argv[1], std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  for (int i = 3; i < argc; i += 2) {
    const std::string old_text = argv[i];
    const std::size_t at = text.find(old_text);
    if (old_text.empty() || at == std::string::npos || text.find(old_text, at + 1) != std::string::npos) {
      std::fprintf(stderr, "%s: expected this text exactly once:\n%s\n", argv[1], argv[i]);
      return 1;
    }
    text.replace(at, old_text.size(), argv[i + 1]);
  }
  std::ofstream out(argv[2], std::ios::binary);
  out << text;
  return in.bad() || !out.flush() ? 1 : 0;
}
