// port_corpus_test TRACE...: each trace of the corpus by a caller who keeps the contract conforms
// on each driver port of its profile.
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "properties/generate/generate.h"
#include "properties/lockstep/keeps_contract.h"
#include "properties/lockstep/lockstep.h"
#include "sut/shipped.h"
#include "model/text/trace_file.h"

namespace holdfast {
namespace {

std::vector<Trace> g_traces;  // of callers who keep the contract

class PortCorpus : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(All, PortCorpus,
                         testing::Values("vtd.legacy", "vtd.scalable", "vtd.first", "smmuv3.stage1",
                                         "smmuv3.substreams", "smmuv3.linear", "smmuv3.stage2"),
                         [](const auto& info) {
                           std::string name(info.param);
                           name[name.find('.')] = '_';
                           return name;
                         });

TEST_P(PortCorpus, Conforms) {
  const std::unique_ptr<Sut> loaded = Loaded(std::string("port.") + GetParam());
  Sut& sut = *loaded;
  int run = 0;
  for (const Trace& trace : g_traces) {
    const Profile& profile = trace.scenario.profile;
    if (profile.name != sut.profile() || profile.luo != FindProfile(sut.profile())->luo) continue;
    ++run;
    const std::optional<Divergence> divergence = RunScenario(sut, trace.scenario);
    EXPECT_FALSE(divergence) << trace.file << "\n"
                             << (divergence ? Describe(trace.scenario, *divergence) : "");
  }
  EXPECT_GT(run, 3);
}

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    auto read = holdfast::ReadTrace(argv[i]);
    if (const std::string* error = std::get_if<std::string>(&read)) {
      std::fprintf(stderr, "%s\n", error->c_str());
      return 2;
    }
    holdfast::Trace& trace = std::get<holdfast::Trace>(read);
    if (holdfast::KeepsContract(trace.scenario)) holdfast::g_traces.push_back(std::move(trace));
  }
  return RUN_ALL_TESTS();
}
