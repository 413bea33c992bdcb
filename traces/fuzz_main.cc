// Runs a libFuzzer target without libFuzzer, over files and over deterministic variants of them. It
// is for compilers without -fsanitize=fuzzer, and for tests, which must do the same each time.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void Run(const std::string& text) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

// One small change: a byte, a range, or a piece of another text.
void Mutate(std::string& text, const std::string& other, std::mt19937& random) {
  const auto below = [&random](std::size_t n) { return n == 0 ? 0 : random() % n; };
  const std::size_t at = below(text.size() + 1);
  switch (below(5)) {
    case 0: text.insert(at, 1, static_cast<char>(below(256))); break;
    case 1:
      if (at < text.size())
        text[at] = static_cast<char>(below(4) == 0 ? below(256) : 0x20 + below(95));
      break;
    case 2: text.erase(at, below(12)); break;
    case 3: text.insert(at, text.substr(below(text.size()), below(24))); break;
    default: text.replace(at, below(24), other.substr(below(other.size()), below(40))); break;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s MUTANTS FILE...\n", argv[0]);
    return 2;
  }
  const unsigned long mutants = std::strtoul(argv[1], nullptr, 10);
  std::vector<std::string> texts;
  for (int i = 2; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "%s: expected a readable file\n", argv[i]);
      return 2;
    }
    // The head of a long trace is enough.
    texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    Run(texts.back());
    if (texts.back().size() > 2048) texts.back().resize(2048);
  }
  std::mt19937 random(1);
  for (unsigned long i = 0; i < mutants; ++i) {
    std::string text = texts[random() % texts.size()];
    for (unsigned changes = 1 + random() % 4; changes > 0; --changes)
      Mutate(text, texts[random() % texts.size()], random);
    Run(text);
  }
  std::printf("%lu mutants of %zu files\n", mutants, texts.size());
  return 0;
}
