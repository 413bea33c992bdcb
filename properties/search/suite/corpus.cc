#include "properties/search/suite/corpus.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <utility>
#include <variant>

#include "sut/runfiles.h"
#include "model/text/trace_file.h"

namespace holdfast {

std::vector<CorpusScenario> CorpusOf(const Profile& profile) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(Runfile("traces/corpus"))) {
    if (entry.path().extension() == ".trace") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) throw std::runtime_error("the corpus is empty");
  std::vector<CorpusScenario> corpus;
  for (const std::filesystem::path& file : files) {
    auto read = ReadTrace(file);
    if (const std::string* error = std::get_if<std::string>(&read))
      throw std::runtime_error(*error);
    Trace& trace = std::get<Trace>(read);
    const bool breaks =
        std::any_of(trace.lines.begin(), trace.lines.end(),
                    [](const TraceLine& line) { return line.kind == TraceLine::Kind::kBreaks; });
    if (!breaks && trace.scenario.profile == profile)
      corpus.push_back({file.filename(), std::move(trace.scenario)});
  }
  return corpus;
}

}  // namespace holdfast
