// One trace of the corpus, held against the implementation of its profile and against itself:
// corpus_check FILE
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <variant>

#include "sut/shipped.h"
#include "traces/replay.h"
#include "model/text/trace_file.h"

namespace {

int Complain(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace holdfast;
  if (argc != 2) return Complain("usage: corpus_check FILE");
  const std::string path = argv[1];
  auto read = ReadTrace(path);
  if (auto* error = std::get_if<std::string>(&read)) return Complain(*error);
  Trace& trace = std::get<Trace>(read);

  const std::string profile(trace.scenario.profile.name);
  auto loaded = LoadSut(profile == "off" ? "stubs" : "core." + profile);
  if (auto* error = std::get_if<std::string>(&loaded)) return Complain(*error);
  const ReplayResult result = Replay(trace, *std::get<Module>(loaded).sut);
  if (result.verdict != ReplayResult::Verdict::kConforms) return Complain(result.report);

  // A rewrite would leave the file as it is.
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  FillIn(trace);
  if (PrintTrace(trace) != text) return Complain(path + ": a rewrite would change it");
  std::printf("%s: %zu calls\n", path.c_str(), trace.scenario.commands.size());
  return 0;
}
